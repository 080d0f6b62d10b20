/**
 * What every store must give the delivery of callbacks when something else is
 * in doubt: a secret that does not open, a clock that is wrong, entries that
 * name nobody, and a process that may do little at a time.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { createDispatcher } from "../../edge/callback/delivery/dispatcher.ts";
import type { EndpointRecord } from "../../edge/callback/message/record.ts";
import {
  DUE_MERCHANTS,
  lanes,
  messages,
} from "../../edge/callback/message/stored.ts";
import { systemRandom } from "../../edge/base/clock.ts";
import { createClockGuard } from "../../edge/health/clock_guard.ts";
import {
  callbackEndpointKey,
  callbackLaneKey,
  DUE_CALLBACKS_KEY,
} from "../../edge/store/keys.ts";
import { cellsOf, placesIn } from "../../edge/store/indexes.ts";
import { parseKeyring } from "../../edge/vault/keyring.ts";
import { createVault } from "../../edge/vault/seal.ts";
import { MASTER_KEYS } from "../support/world/app.ts";
import { members } from "../support/callback/queue.ts";
import {
  type CallbackWorld,
  withShopServer,
} from "../support/callback/world.ts";
import { Rendezvous } from "../support/world/points/rendezvous.ts";
import { type ShopServer, status } from "../support/callback/shop_server.ts";
import type { StoreFactory } from "../support/store/fixture.ts";

/** A dispatcher of a world that may deliver so many at a time. */
function smallDispatcher(world: CallbackWorld, inFlight: number) {
  const { store, clock, sender } = world;
  return createDispatcher({
    store,
    clock,
    sender,
    inFlight,
    random: systemRandom,
    backOff: () => Promise.resolve(),
    log: () => {},
    clockGuard: createClockGuard({
      store,
      clock,
      monotonicMs: () => clock.ms,
    }),
    vault: createVault({
      keyring: parseKeyring(MASTER_KEYS),
      random: systemRandom,
    }),
    onFault: (error) => {
      throw error;
    },
  });
}

/** The tests by their sentences. */
const TESTS: Readonly<
  Record<string, Parameters<ReturnType<typeof withShopServer>>[1]>
> = {
  "a secret that does not open stops its merchant alone, for a while, and costs no try":
    async (world, server) => {
      const [sealed, open] = [await world.merchant(), await world.merchant()];
      await world.endpoint(sealed, server.url);
      await world.endpoint(open, server.url);
      const key = callbackEndpointKey(sealed.id);
      const { values: [raw] } = await world.store.read({ keys: [key] });
      const endpoint = JSON.parse(raw!) as EndpointRecord;
      const broken = { ...endpoint, secret: "v1.retired.AAAA" };
      const set = (value: string) =>
        world.store.txn({
          checks: [],
          writes: [{ kind: "set", key, value }],
        });
      await set(JSON.stringify(broken));
      const id = await world.end(sealed, "o1");
      const other = await world.end(open, "o2");
      const done = await world.app.dispatcher.dispatch();
      assertEquals(done, { attempts: 1, delivered: 1 });
      assertEquals(server.ids(), [other]);
      const told = () =>
        world.app.logged.filter((it) =>
          it.includes("callback secret does not open")
        ).length;
      assertEquals(told(), 1);
      for (let i = 0; i < 3; i++) await world.app.dispatcher.dispatch();
      assertEquals(told(), 1);
      assertEquals((await world.record(id)).attempts, 0);
      // The operator brings the key back.
      await set(raw!);
      await world.pass(60_000);
      await world.app.dispatcher.dispatch();
      assertEquals(server.ids(), [other, id]);
    },
  "a previous secret that signs no more need not open": async (
    world,
    server,
  ) => {
    const merchant = await world.merchant();
    await world.endpoint(merchant, server.url);
    const { callbackEndpoints } = world.app.useCases;
    const rotated = await callbackEndpoints.rotate(merchant.caller);
    assert(!("kind" in rotated));
    await world.pass(86_400_000);
    const key = callbackEndpointKey(merchant.id);
    const { values: [raw] } = await world.store.read({ keys: [key] });
    const endpoint = JSON.parse(raw!) as EndpointRecord;
    const value = JSON.stringify({
      ...endpoint,
      previous_secret: "v1.retired.AAAA",
    });
    await world.store.txn({
      checks: [],
      writes: [{ kind: "set", key, value }],
    });
    await world.end(merchant, "o1");
    await world.app.dispatcher.dispatch();
    assert(server.verifies(server.received[0]!, rotated.secret));
  },
  "by a clock in doubt nothing is leased, and by a right one all is delivered":
    async (world, server) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      const id = await world.end(merchant, "o1");
      const before = await world.record(id);
      const aheadMs = 60_000;
      let reads = 0;
      let asked = Promise.withResolvers<void>();
      const wrong = await world.another({
        wrapStore: (opened) => ({
          read: (request) => {
            reads++;
            return opened.read(request);
          },
          range: (query) => opened.range(query),
          txn: (transaction) => opened.txn(transaction),
          timeMs: async () => {
            const ms = await opened.timeMs() - aheadMs;
            asked.resolve();
            return ms;
          },
          close: () => opened.close(),
        }),
      });
      assertEquals((await wrong.dispatcher.dispatch()).attempts, 0);
      // Nor by itself: it asks for the time and looks no further.
      asked = Promise.withResolvers<void>();
      wrong.dispatcher.start();
      wrong.dispatcher.dispatchSoon(merchant.id);
      await asked.promise;
      await new Promise((resolve) => setTimeout(resolve, 0));
      assertEquals(reads, 0);
      assertEquals(await world.record(id), before);
      assertEquals((await world.app.dispatcher.dispatch()).delivered, 1);
      assertEquals(server.ids(), [id]);
    },
  "what names no merchant, and a merchant without anything, is looked at once":
    async (world) => {
      const merchant = await world.merchant();
      const { store } = world;
      // With several cells there is a queue in each of them, and the merchant is in one.
      for (const queue of placesIn(DUE_MERCHANTS, cellsOf(store))) {
        const writes = ["nobody", "x".repeat(4_000), merchant.id]
          .map((it) => queue.put(it, 0));
        await store.txn({ checks: [], writes });
      }
      const { dispatcher } = world.app;
      // An entry that stays due would be looked at for ever.
      const limit = setTimeout(() => void dispatcher.stop(), 30_000);
      await dispatcher.dispatch();
      clearTimeout(limit);
      assertEquals(await members(store, DUE_CALLBACKS_KEY), []);
    },
  "a message that ended elsewhere is taken out of the lane it was left in":
    async (world, server) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      const id = await world.end(merchant, "o1");
      await world.app.dispatcher.dispatch();
      const lanes = ["first", "retry", "replay"];
      await world.store.txn({
        checks: [],
        writes: [
          ...lanes.map((lane) => ({
            kind: "index" as const,
            index: callbackLaneKey(merchant.id, lane),
            member: id,
            score: 0,
          })),
          {
            kind: "index",
            index: DUE_CALLBACKS_KEY,
            member: merchant.id,
            score: 0,
          },
        ],
      });
      assertEquals((await world.app.dispatcher.dispatch()).attempts, 0);
      const queued = await world.stored(merchant);
      assertEquals([queued.first, queued.retry, queued.replay], [[], [], []]);
      assertEquals(server.ids(), [id]);
    },
  "a process that may do one delivery at a time serves every lane of a merchant":
    serveEveryLane,
  "a process that may do little at a time serves all merchants in turn":
    serveInTurn,
};

/** Registers the suite; names begin with `store`. */
export function checkCallbackDoubts(
  store: string,
  factory: StoreFactory,
): void {
  const test = withShopServer(store, factory);
  for (const [sentence, body] of Object.entries(TESTS)) test(sentence, body);
}

async function serveEveryLane(
  world: CallbackWorld,
  server: ShopServer,
): Promise<void> {
  const [merchant, other] = [
    await world.merchant(),
    await world.merchant(),
  ];
  await world.endpoint(merchant, server.url);
  await world.endpoint(other, server.url);
  for (let n = 0; n < 20; n++) {
    // Somebody waits for the permit all the time.
    await world.end(other, `other ${n}`);
    const lane = n === 0 ? "retry" : n === 1 ? "replay" : "first";
    const id = await world.end(merchant, `${lane} ${n}`);
    const record = await world.record(id);
    await world.store.txn({
      checks: [],
      writes: [
        messages(id).set({ ...record, lane }),
        lanes(merchant.id, "first").remove(id),
        lanes(merchant.id, lane).put(id, record.due_ms),
      ],
    });
  }
  await smallDispatcher(world, 1).dispatch();
  const served = server.received.map(({ event }) =>
    event.data.order_id.split(" ")[0]
  ).filter((lane) => lane !== "other");
  assertEquals(served.length, 20);
  assertEquals(served.slice(0, 8).toSorted(), [
    ...Array(6).fill("first"),
    "replay",
    "retry",
  ]);
}

async function serveInTurn(
  world: CallbackWorld,
  server: ShopServer,
): Promise<void> {
  const merchants = [];
  for (let i = 0; i < 6; i++) {
    const merchant = await world.merchant();
    await world.endpoint(merchant, server.url);
    for (let n = 0; n < 20; n++) await world.end(merchant, `${i} ${n}`);
    merchants.push(merchant);
  }
  const hall = new Rendezvous();
  server.answer = async () => {
    await hall.wait();
    return status(200);
  };
  const small = smallDispatcher(world, 4);
  const all = small.dispatch();
  const turns: string[][] = [];
  for (let round = 0; round < 9; round++) {
    await hall.reached(4);
    const inFlight = server.received.slice(4 * round);
    turns.push(inFlight.map(({ event }) => event.data.order_id[0]));
    hall.letGo();
  }
  hall.open();
  assertEquals(await all, { attempts: 120, delivered: 120 });
  assertEquals(server.mostAtOnce, 4);
  // None has two at a time, and none waits for longer than the others take.
  for (const [round, turn] of turns.entries()) {
    assertEquals(new Set(turn).size, 4, `${turns}`);
    const three = turns.slice(round, round + 3);
    if (three.length === 3) {
      assertEquals(
        new Set(three.flat()).size,
        merchants.length,
        `${turns}`,
      );
    }
  }
}
