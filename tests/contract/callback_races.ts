/**
 * What every store must give several who deliver at once, and whose answers of
 * the store get lost: nothing is lost, nothing is sent twice without need, and
 * never more than eight at a time.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Lane } from "../../edge/callback/message/record.ts";
import {
  callbackKey,
  callbackLaneKey,
  callbackSlotKey,
} from "../../edge/store/keys.ts";
import { type CallbackWorld, withWorld } from "../support/callback/world.ts";
import { type FaultMode, FaultyStore } from "../support/store/faulty_store.ts";
import { Rendezvous } from "../support/world/points/rendezvous.ts";
import { startShopServer, status } from "../support/callback/shop_server.ts";
import type { StoreFactory } from "../support/store/fixture.ts";

const LEASE_MS = 30_000;

/** How often each id arrived. */
function counts(ids: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const id of ids) found.set(id, (found.get(id) ?? 0) + 1);
  return found;
}

/** The owners of a merchant's slots. */
async function slots(
  world: CallbackWorld,
  merchant: { readonly id: string },
): Promise<readonly (string | null)[]> {
  const keys = Array.from(
    { length: 8 },
    (_, slot) => callbackSlotKey(merchant.id, slot),
  );
  return (await world.store.read({ keys })).values;
}

/** Puts a message that waits into another lane. */
async function moveTo(
  world: CallbackWorld,
  merchantId: string,
  id: string,
  lane: Lane,
): Promise<void> {
  const record = await world.record(id);
  const before = callbackLaneKey(merchantId, record.lane);
  const after = callbackLaneKey(merchantId, lane);
  const value = JSON.stringify({ ...record, lane });
  await world.store.txn({
    checks: [],
    writes: [
      { kind: "set", key: callbackKey(id), value },
      { kind: "unindex", index: before, member: id },
      { kind: "index", index: after, member: id, score: record.due_ms },
    ],
  });
}

type StoreTestBody = (factory: StoreFactory) => Promise<void>;

/** No message is lost, wherever an operation of the store fails in this way. */
function faultAnywhere(mode: FaultMode): StoreTestBody {
  return async (factory) => {
    // Until a run in which the fault comes after everything.
    for (let at = 0, isOver = false; !isOver; at++) {
      await using server = startShopServer();
      server.answer = ({ event, earlier }) =>
        status(event.data.order_id === "fails" && earlier < 1 ? 500 : 200);
      let faulty!: FaultyStore;
      await withWorld(factory, async (world) => {
        const merchant = await world.merchant();
        await world.endpoint(merchant, server.url);
        const ids = [
          await world.end(merchant, "fails"),
          await world.end(merchant, "goes"),
        ];
        faulty.plan({ at, mode });
        const fault = await world.app.dispatcher.dispatch().then(
          () => null,
          (error: Error) => error.name,
        );
        assert(fault === null || fault === "StoreUnavailableError");
        isOver = faulty.trace.length <= at;
        if (/^txn callback(-slot)?$/.test(faulty.trace[at] ?? "")) {
          // A lease or a finish is asked for again, at once.
          assertEquals([fault, server.received.length], [null, 2]);
        }
        faulty.plan();
        for (const ms of [0, LEASE_MS, 60_000]) {
          await world.pass(ms);
          await world.app.dispatcher.dispatch();
        }
        const arrived = counts(server.ids());
        assertEquals([...arrived.keys()].toSorted(), ids.toSorted());
        const [fails, goes] = ids.map((id) => arrived.get(id)!);
        const name = `${at} ${mode} ${faulty.trace}`;
        // Whoever does not know if it wrote asks again, and sends no more.
        assertEquals([fails, goes], [2, 1], name);
        for (const id of ids) {
          assertEquals((await world.record(id)).status, "delivered", name);
        }
        assertEquals(await slots(world, merchant), Array(8).fill(null));
        const queued = await world.stored(merchant);
        assertEquals([queued.first, queued.retry], [[], []]);
        const lost = world.app.logged.filter((it) => it.includes("lost"));
        assertEquals(lost, [], name);
      }, { wrapStore: (opened) => faulty = new FaultyStore(opened) });
      assert(at < 100);
    }
  };
}

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, StoreTestBody>> = {
  "five dispatchers deliver each of 200 messages once, never more than eight at a time":
    async (factory) => {
      await using server = startShopServer();
      await withWorld(factory, async (world) => {
        const merchant = await world.merchant();
        await world.endpoint(merchant, server.url);
        const ids: string[] = [];
        for (let i = 0; i < 200; i++) {
          ids.push(await world.end(merchant, `o${i}`));
        }
        // The first eight are there before any of them is answered.
        const hall = new Rendezvous();
        server.answer = async () => {
          await hall.wait();
          return status(200);
        };
        const apps = [world.app];
        for (let i = 0; i < 4; i++) apps.push(await world.another());
        const all = Promise.all(apps.map((it) => it.dispatcher.dispatch()));
        await hall.reached(8);
        assertEquals(server.received.length, 8);
        hall.open();
        const done = await all;
        assertEquals(done.reduce((sum, it) => sum + it.delivered, 0), 200);
        assertEquals(server.ids().toSorted(), ids.toSorted());
        assertEquals(server.mostAtOnce, 8);
        assertEquals(await slots(world, merchant), Array(8).fill(null));
      });
    },
  "of eight in flight one serves retries first and one replays first": async (
    factory,
  ) => {
    await using server = startShopServer();
    await withWorld(factory, async (world) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      const lanes = new Map<string, Lane>();
      for (
        const [lane, count] of [["retry", 20], ["replay", 20], [
          "first",
          60,
        ]] as const
      ) {
        for (let i = 0; i < count; i++) {
          const id = await world.end(merchant, `${lane} ${i}`);
          lanes.set(id, lane);
          if (lane !== "first") await moveTo(world, merchant.id, id, lane);
        }
      }
      const hall = new Rendezvous();
      server.answer = async () => {
        await hall.wait();
        return status(200);
      };
      const all = world.app.dispatcher.dispatch();
      for (let round = 0; round < 10; round++) {
        await hall.reached(8);
        const inFlight = server.ids().slice(8 * round);
        const tally = counts(inFlight.map((id) => lanes.get(id)!));
        assertEquals(Object.fromEntries(tally), {
          first: 6,
          retry: 1,
          replay: 1,
        });
        hall.letGo();
      }
      hall.open();
      assertEquals((await all).delivered, 100);
    });
  },
  "twenty dispatchers and one lease that ran out make one copy": async (
    factory,
  ) => {
    await using server = startShopServer();
    await withWorld(factory, async (world) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      const id = await world.end(merchant, "o1");
      // One leases the message and is never heard of again.
      const leased = Promise.withResolvers<void>();
      const never = Promise.withResolvers<never>();
      const dead = await world.another({
        sender: {
          ...world.sender,
          send: () => {
            leased.resolve();
            return never.promise;
          },
        },
      });
      const stuck = dead.dispatcher.dispatch();
      await leased.promise;
      const apps = [world.app];
      for (let i = 0; i < 19; i++) apps.push(await world.another());
      const dispatchAll = async () => {
        const done = await Promise.all(
          apps.map((it) => it.dispatcher.dispatch()),
        );
        return done.reduce((sum, it) => sum + it.attempts, 0);
      };
      assertEquals(await dispatchAll(), 0);
      await world.pass(LEASE_MS - 1);
      assertEquals(await dispatchAll(), 0);
      await world.pass(1);
      assertEquals(await dispatchAll(), 1);
      assertEquals(server.ids(), [id]);
      assertEquals(await slots(world, merchant), Array(8).fill(null));
      never.reject(new Error("The process was killed"));
      await stuck;
    });
  },
  "who comes back after its lease ran out changes nothing": async (factory) => {
    for (const late of [200, 500, 410]) {
      await using server = startShopServer();
      await withWorld(factory, async (world) => {
        const merchant = await world.merchant();
        await world.endpoint(merchant, server.url);
        const id = await world.end(merchant, "o1");
        const hall = new Rendezvous();
        server.answer = async ({ earlier }) => {
          if (earlier > 0) return status(204);
          await hall.wait();
          return status(late);
        };
        const slow = world.app.dispatcher.dispatch();
        await hall.reached(1);
        await world.pass(LEASE_MS);
        const other = await world.another();
        await other.dispatcher.dispatch();
        const ended = await world.record(id);
        assertEquals([ended.status, ended.attempts], ["delivered", 1]);
        await world.pass(1);
        hall.open();
        await slow;
        assertEquals(await world.record(id), ended);
        assertEquals(server.ids(), [id, id]);
        assert(
          world.app.logged.some((it) => it.includes("callback lease was lost")),
        );
        const queued = await world.stored(merchant);
        assertEquals([queued.first, queued.retry, queued.dead], [[], [], []]);
      });
    }
  },
  "a merchant whose server never answers holds up nobody else": async (
    factory,
  ) => {
    await using slow = startShopServer();
    await using fast = startShopServer();
    await withWorld(factory, async (world) => {
      const [held, free] = [await world.merchant(), await world.merchant()];
      await world.endpoint(held, slow.url);
      await world.endpoint(free, fast.url);
      const hall = new Rendezvous();
      slow.answer = async () => {
        await hall.wait();
        return status(200);
      };
      const delivered = Promise.withResolvers<void>();
      fast.answer = () => {
        if (fast.received.length === 100) delivered.resolve();
        return status(200);
      };
      for (let i = 0; i < 100; i++) await world.end(held, `o${i}`);
      for (let i = 0; i < 100; i++) await world.end(free, `o${i}`);
      const all = world.app.dispatcher.dispatch();
      await delivered.promise;
      await hall.reached(8);
      assertEquals(slow.received.length, 8);
      hall.open();
      assertEquals(await all, { attempts: 200, delivered: 200 });
      assertEquals(slow.mostAtOnce, 8);
    });
  },
  "stop() begins nothing more and waits for what is in flight": async (
    factory,
  ) => {
    await using server = startShopServer();
    await withWorld(factory, async (world) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      for (let i = 0; i < 50; i++) await world.end(merchant, `o${i}`);
      const hall = new Rendezvous();
      server.answer = async () => {
        await hall.wait();
        return status(200);
      };
      const { dispatcher } = world.app;
      const all = dispatcher.dispatch();
      await hall.reached(8);
      let isStopped = false;
      const stopped = dispatcher.stop().then(() => isStopped = true);
      dispatcher.dispatchSoon(merchant.id);
      assertEquals(isStopped, false);
      hall.open();
      await stopped;
      await all;
      assertEquals(server.received.length, 8);
      assertEquals((await dispatcher.dispatch()).attempts, 0);
      assertEquals(await slots(world, merchant), Array(8).fill(null));
      const queued = await world.stored(merchant);
      assertEquals(queued.first.length, 42);
    });
  },
  "no message is lost or loses its id where an operation of the store fails (before)":
    faultAnywhere("before"),
  "no message is lost or loses its id where an operation of the store fails (after)":
    faultAnywhere("after"),
  "no message is lost or loses its id where an operation of the store fails (twice)":
    faultAnywhere("twice"),
};

/** Registers the suite; names begin with `store`. */
export function checkCallbackRaces(store: string, factory: StoreFactory): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    Deno.test(`${store}: ${sentence}`, () => body(factory));
  }
}
