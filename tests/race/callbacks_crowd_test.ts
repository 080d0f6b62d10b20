/**
 * More merchants with something due than one process can deliver to at a time:
 * all of them get it, and who waits costs nothing.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Sender } from "../../edge/callback/sender.ts";
import {
  callbackEndpointKey,
  callbackSlotKey,
  DUE_CALLBACKS_KEY,
} from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import {
  NOON_MS,
  startApp,
  type TestApp,
  TestClock,
} from "../support/world/app.ts";
import { Shop } from "../support/callback/shop.ts";
import { endPayment } from "../support/callback/world.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import { Rendezvous } from "../support/world/points/rendezvous.ts";

const MERCHANTS = 2_500;
const IN_FLIGHT = 256;
const AT_ONCE = 250;
const LOOKS = 5;
const SLOW_TURNS = 20;

const merchantId = (n: number) => `mer_${n.toString(16).padStart(32, "0")}`;

/** Merchants with one message each; the ids of these. */
async function crowd(app: TestApp, count: number): Promise<string[]> {
  // All have the endpoint of one: what is theirs is the queue.
  const shop = await Shop.open(app.api);
  await shop.register("https://shop.example/offcode");
  const key = callbackEndpointKey(shop.merchant.id);
  const [value] = (await app.store.read({ keys: [key] })).values;
  const ids: string[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, i) => {
        const id = merchantId(from + i);
        const key = callbackEndpointKey(id);
        await app.store.txn({
          checks: [],
          writes: [{ kind: "set", key, value: value! }],
        });
        ids.push(await endPayment(app.store, app.clock, id, "o1"));
      }),
    );
  }
  return ids;
}

Deno.test("dispatchSoon() reaches 2500 merchants at once, and looks at no more of them than it can serve", async () => {
  const hall = new Rendezvous();
  const sent: string[] = [];
  const all = Promise.withResolvers<void>();
  const sender: Sender = {
    async send({ headers }) {
      sent.push(headers["webhook-id"]!);
      if (sent.length === MERCHANTS) all.resolve();
      await hall.wait();
      return {
        kind: "answered",
        status: 204,
        body: new Uint8Array(0),
        durationMs: 1,
      };
    },
    check: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
  const clock = new TestClock(NOON_MS);
  let counted!: FaultyStore;
  /** Pages that each look for merchants read. */
  const pages: number[] = [];
  await using app = await startApp({
    clock,
    sender,
    wrapStore: (store) => {
      const range: Store["range"] = (query) => {
        if (query.index === DUE_CALLBACKS_KEY) {
          if (query.after === undefined) pages.push(0);
          pages[pages.length - 1]!++;
        }
        return store.range(query);
      };
      return counted = new FaultyStore({
        read: (request) => store.read(request),
        range,
        txn: (transaction) => store.txn(transaction),
        timeMs: () => store.timeMs(),
        close: () => store.close(),
      });
    },
  });
  const ids = await crowd(app, MERCHANTS);

  counted.plan();
  app.dispatcher.start();
  app.dispatcher.dispatchSoon();
  await hall.reached(IN_FLIGHT);
  for (let look = 1; look <= LOOKS; look++) {
    clock.advance(1_000);
    // Not while the one before it is still at it.
    while (pages.length === look) {
      app.dispatcher.dispatchSoon();
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  const leases = counted.trace.filter((it) => it === "txn callback-slot");
  const held = pages.slice(0, LOOKS);
  hall.open();
  // A thousand wait at most, and of those only who has a permit is looked at.
  assertEquals([held, leases.length], [[10, 1, 1, 1, 1], IN_FLIGHT]);
  await all.promise;
  await app.dispatcher.dispatch();
  assertEquals(sent.toSorted(), ids.toSorted());
});

for (const how of ["dispatch", "dispatchSoon"] as const) {
  Deno.test(`${how}() reaches who is behind 2000 merchants whose slots others hold`, async () => {
    const BLOCKED = 2_000;
    const all = Promise.withResolvers<void>();
    let sent = 0;
    const sender: Sender = {
      send() {
        if (++sent === MERCHANTS - BLOCKED) all.resolve();
        return Promise.resolve({
          kind: "answered",
          status: 204,
          body: new Uint8Array(0),
          durationMs: 1,
        });
      },
      check: () => Promise.resolve(null),
      close: () => Promise.resolve(),
    };
    await using app = await startApp({
      sender,
      wrapStore: (store) => ({
        // Merchants are found faster than they are looked at.
        async read(request) {
          for (let turn = 0; turn < SLOW_TURNS; turn++) {
            await new Promise((resolve) => setTimeout(resolve));
          }
          return await store.read(request);
        },
        range: (query) => store.range(query),
        txn: (transaction) => store.txn(transaction),
        timeMs: () => store.timeMs(),
        close: () => store.close(),
      }),
    });
    await crowd(app, MERCHANTS);
    // They begin together, and so cost few fsyncs.
    await Promise.all(
      Array.from({ length: BLOCKED }, (_, n) =>
        app.store.txn({
          checks: [],
          writes: Array.from({ length: 8 }, (_, slot) => ({
            kind: "set" as const,
            key: callbackSlotKey(merchantId(n), slot),
            value: "somebody",
          })),
        })),
    );
    if (how === "dispatch") await app.dispatcher.dispatch();
    else {
      app.dispatcher.start();
      app.dispatcher.dispatchSoon();
      await all.promise;
    }
    assertEquals(sent, MERCHANTS - BLOCKED);
  });
}
