/**
 * Five thousand payments to eight merchants, three of which have servers that
 * fail, hang or are gone, while every tenth reply of the store is lost and
 * dispatchers are killed at random: nothing is lost, nobody gets more than
 * eight at a time, and what comes twice is the same.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { callbackSlotKey } from "../../edge/store/keys.ts";
import {
  type LoadRun,
  type LoadSize,
  runLoad,
} from "../support/callback/load/load.ts";
import { storedCallbacks } from "../support/callback/queue.ts";
import { headerOf, isSignedBy } from "../support/callback/shop.ts";
import { PROCESS_STORES } from "../support/store/process/process_stores.ts";

const SIZE: LoadSize = {
  seed: 7,
  phones: 500,
  steps: 10,
  dispatchers: 3,
  killEvery: 300,
  share: 0.1,
  deadlineMs: 500,
  jumps: 10,
};

async function check(run: LoadRun): Promise<void> {
  const { app: { store }, merchants, crew, pendingBefore } = run;
  let [copies, payments] = [0, 0];
  for (const [nth, { id, secret, shop, expected }] of merchants.entries()) {
    const name = `${nth} ${shop.kind}`;
    payments += expected.size;
    // What came, by id: the bytes.
    const bodies = new Map<string, string>();
    for (const request of shop.requests) {
      const webhookId = headerOf(request, "webhook-id");
      const seconds = Number(headerOf(request, "webhook-timestamp"));
      assert(isSignedBy(secret, request, seconds * 1000), name);
      if (bodies.has(webhookId)) copies++;
      // The same bytes each time, and nothing that nobody asked for.
      assertEquals(bodies.get(webhookId) ?? request.body, request.body, name);
      bodies.set(webhookId, request.body);
      const { data } = JSON.parse(request.body);
      assertEquals(expected.get(webhookId), data.order_id, name);
    }
    // None is lost.
    assertEquals(bodies.size, expected.size, name);
    assert(shop.mostAtOnce <= 8, `${name}: ${shop.mostAtOnce} at a time`);
    const stored = await storedCallbacks(store, id);
    assertEquals(stored.all.length, expected.size, name);
    const statuses = new Set(stored.all.map(({ status }) => status));
    const dead = stored.all.filter(({ status }) => status === "dead");
    assertEquals(stored.dead.length, dead.length, name);
    if (shop.kind === "failing") statuses.delete("dead");
    assertEquals([...statuses], ["delivered"], name);
    const slots = Array.from({ length: 8 }, (_, it) => callbackSlotKey(id, it));
    const { values } = await store.read({ keys: slots });
    assertEquals(values, Array(8).fill(null), name);
    // Those that were gone waited, and so did nobody who is well.
    const isWell = shop.kind === "healthy";
    if (isWell) assertEquals(pendingBefore[nth], 0, name);
    if (shop.kind === "dead") assertEquals(pendingBefore[nth], expected.size);
  }
  assertEquals(payments, SIZE.phones * SIZE.steps);
  // All of it happened: killed, lost, sent twice, eight open at a time.
  assert(crew.killed >= 10 && crew.lost > 100 && run.lost > 100 && copies > 0);
  assert(merchants.some(({ shop }) => shop.mostAtOnce === 8));
}

for (const [name, start] of Object.entries(PROCESS_STORES)) {
  Deno.test(`5000 payments on ${name} reach 8 merchants, whatever is killed, lost, slow or gone`, async () => {
    await using stores = await start();
    await runLoad(stores, SIZE, check);
  });
}
