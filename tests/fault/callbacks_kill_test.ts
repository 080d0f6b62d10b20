/**
 * A dispatcher that is killed at every point of a delivery: after the lease,
 * before and after the request, after the 2xx, before and after it is written.
 * What it left is delivered by others once the lease has run out, under the
 * same id and at most once more.
 *
 * @module
 */

import { LimitedCommand } from "../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import { createHttpSender } from "../../edge/callback_http/sender.ts";
import { systemClock } from "../../edge/base/clock.ts";
import { callbackKey, callbackSlotKey } from "../../edge/store/keys.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { storedCallbacks } from "../support/callback/queue.ts";
import type { ChildOrder } from "../support/callback/child.ts";
import { PLAYS_ALL } from "../support/store/cells.ts";
import {
  CELLED_PROCESS_STORES,
  openStoreAt,
  PROCESS_STORES,
  type ProcessStores,
} from "../support/store/process/process_stores.ts";
import { endPayment } from "../support/callback/world.ts";
import { startShopServer } from "../support/callback/shop_server.ts";

const CHILD = new URL("../support/callback/child.ts", import.meta.url).pathname;
const LEASE_MS = 30_000;
const MOST_POINTS = 60;

/** An edge of this process on a store. */
function openEdge(location: string, nowMs: number) {
  const sender = createHttpSender({ clock: systemClock, insecure: true });
  return startApp({
    nowMs,
    openStore: (clock) => openStoreAt(location, clock),
    sender,
  }).then((app) => ({
    ...app,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await sender.close();
    },
  }));
}

/** Runs a dispatcher to a point and kills it there; the point's name. */
async function killOne(order: ChildOrder): Promise<string> {
  const child = new LimitedCommand(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", "--frozen"],
      CHILD,
      JSON.stringify(order),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  let said = "";
  for await (const text of lines) {
    said += text;
    if (said.includes("\n")) break;
  }
  child.kill("SIGKILL");
  await child.status;
  return said.trim();
}

/** Kills at every point, or at some of them. Gives how often each was told. */
async function killAt(
  stores: ProcessStores,
  first = 0,
  step = 1,
): Promise<Record<string, number>> {
  const copies: Record<string, number> = {};
  for (let at = first;; at += step) {
    assert(at < MOST_POINTS);
    await using server = startShopServer();
    await using folders = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "offcode-killed-" });
    folders.defer(() => Deno.remove(folder, { recursive: true }));
    const location = await stores.create(folder);
    let merchantId: string;
    let id: string;
    {
      await using app = await openEdge(location, NOON_MS);
      const { callbackEndpoints, authenticator } = app.useCases;
      const merchant = await app.api.merchant();
      merchantId = merchant.id;
      const caller = await authenticator.authenticate(merchant.key, "merchant");
      assert(!("kind" in caller));
      const put = await callbackEndpoints.put(caller, server.url);
      assert(!("kind" in put));
      id = await endPayment(app.store, app.clock, merchantId, "o1");
    }
    const point = await killOne({ location, nowMs: NOON_MS, at });
    const name = `${at} ${point}`;
    const before = server.received.length;

    await using app = await openEdge(location, NOON_MS);
    const record = async () =>
      JSON.parse(
        (await app.store.read({ keys: [callbackKey(id)] })).values[0]!,
      );
    const left = await record();
    const isLeased = left.lease !== undefined;
    // What is leased waits, whatever became of who leased it.
    const { attempts } = await app.dispatcher.dispatch();
    const isDue = left.status === "pending" && !isLeased;
    assertEquals(attempts, isDue ? 1 : 0, name);
    for (const ms of [LEASE_MS - 1, 1]) {
      app.clock.advance(ms);
      await stores.pass(location, ms);
      const late = await app.dispatcher.dispatch();
      assertEquals(late.attempts, ms === 1 && isLeased ? 1 : 0, name);
    }
    assertEquals((await record()).status, "delivered", name);
    // At most once more, the same bytes under the same id.
    const arrived = server.received.map((it) => `${it.id} ${it.body}`);
    assertEquals(new Set(arrived).size, 1, name);
    assertEquals(server.ids()[0], id);
    assertEquals(arrived.length, before > 0 && isLeased ? 2 : 1, name);
    copies[point] = Math.max(copies[point] ?? 0, arrived.length);
    const queued = await storedCallbacks(app.store, merchantId);
    assertEquals([queued.first, queued.retry], [[], []], name);
    const slots = Array.from(
      { length: 8 },
      (_, slot) => callbackSlotKey(merchantId, slot),
    );
    const { values } = await app.store.read({ keys: slots });
    assertEquals(values, Array(8).fill(null), name);
    if (point === "end") break;
  }
  return copies;
}

for (const [name, start] of Object.entries(PROCESS_STORES)) {
  Deno.test(`a dispatcher on ${name} that is killed at any point loses nothing and repeats at most what it had sent`, async () => {
    await using stores = await start();
    const copies = await killAt(stores);
    // It was killed where it matters, and only there twice told.
    assertEquals(copies["before send"], 1);
    assertEquals(copies["after send"], 2);
    assertEquals(copies["end"], 1);
  });
}

const CELLED = Object.entries(CELLED_PROCESS_STORES);
for (const [nth, [name, start]] of CELLED.entries()) {
  Deno.test(`a dispatcher on ${name} that is killed at some points loses nothing and repeats at most what it had sent`, async () => {
    await using stores = await start();
    // Each store has its part of the points.
    await (PLAYS_ALL ? killAt(stores) : killAt(stores, nth, CELLED.length));
  });
}
