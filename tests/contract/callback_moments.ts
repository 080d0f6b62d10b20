/**
 * What every store must give the delivery of callbacks when something changes
 * in the very moment between a look and what is done about it.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { BreakerRecord } from "../../edge/callback/endpoint/breaker.ts";
import {
  callbackBreakerKey,
  callbackKey,
  callbackSlotKey,
} from "../../edge/store/keys.ts";
import {
  type CallbackWorld,
  withWorld,
  type WorldMerchant,
} from "../support/callback/world.ts";
import { pointedStore } from "../support/world/points/fail_points.ts";
import { Rendezvous } from "../support/world/points/rendezvous.ts";
import {
  type ShopServer,
  startShopServer,
  status,
} from "../support/callback/shop_server.ts";
import type { StoreFactory } from "../support/store/fixture.ts";

const DAY_MS = 86_400_000;

/** Where something may change, and what. */
interface Moment {
  /** Such as `before txn callback-slot`; acted at once only. */
  at: string;
  act: () => Promise<unknown>;
}

const LEASE = "before txn callback-slot";
const SETTLE = "before txn due-callbacks";

/** What a test is given. */
interface MomentTest {
  readonly world: CallbackWorld;
  readonly server: ShopServer;
  readonly merchant: WorldMerchant;
  /** Delivers; `act` comes when `at` is reached. */
  dispatch(at: string, act: () => Promise<unknown>): Promise<void>;
}

type MomentBody = (test: MomentTest) => Promise<void>;

/** Runs a test with a shop's server and a store that stops at moments. */
async function atMoments(
  factory: StoreFactory,
  body: MomentBody,
): Promise<void> {
  await using server = startShopServer();
  let moment: Moment | null = null;
  const reach = async (point: string) => {
    if (point !== moment?.at) return;
    const { act } = moment;
    moment = null;
    await act();
  };
  await withWorld(factory, async (world) => {
    const merchant = await world.merchant();
    await world.endpoint(merchant, server.url);
    await body({
      world,
      server,
      merchant,
      async dispatch(at, act) {
        moment = { at, act };
        await world.app.dispatcher.dispatch();
        assertEquals(moment, null, `${at} was never reached`);
      },
    });
  }, { wrapStore: (opened) => pointedStore(opened, reach) });
}

/** A message whose lease is so old when it is to be sent, and how often it then is. */
function oldLease(ageMs: number, sent: number): MomentBody {
  return async ({ world, server, merchant, dispatch }) => {
    const id = await world.end(merchant, "o1");
    await dispatch("after txn callback-slot", () => world.pass(ageMs));
    assertEquals(server.ids().length, sent);
    await world.pass(30_000 - ageMs);
    await world.app.dispatcher.dispatch();
    assertEquals(server.ids(), [id]);
    assertEquals((await world.record(id)).status, "delivered");
  };
}

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, MomentBody>> = {
  "what is queued while a merchant is being settled is delivered": async (
    { world, server, merchant, dispatch },
  ) => {
    const ids = [await world.end(merchant, "o1")];
    await dispatch(SETTLE, async () => {
      ids.push(await world.end(merchant, "o2"));
    });
    assertEquals(server.ids(), ids);
  },
  "a retry that another process leaves while a merchant is being settled is looked at in time":
    async ({ world, server, merchant, dispatch }) => {
      const hall = new Rendezvous();
      server.answer = async () => {
        await hall.wait();
        return status(500);
      };
      const id = await world.end(merchant, "o1");
      const other = await world.another();
      const attempt = other.dispatcher.dispatch();
      await hall.reached(1);
      // This one sees nothing but a lease, and would look when that ends.
      await dispatch(SETTLE, async () => {
        hall.open();
        await attempt;
      });
      const { dueMs, retry } = await world.stored(merchant);
      assertEquals(retry, [{ member: id, score: world.clock.ms + 4_000 }]);
      assertEquals(dueMs, world.clock.ms + 4_000);
    },
  "a finish is refused where the message is another's, though the slot is still its own":
    async ({ world, server, merchant, dispatch }) => {
      const id = await world.end(merchant, "o1");
      let theirs = "";
      await dispatch("after txn callback-slot", async () => {
        // By a clock that runs ahead a lease ends before its slot.
        const record = await world.record(id);
        const lease = { owner: "another", until_ms: world.clock.ms + 29_000 };
        theirs = JSON.stringify({ ...record, lease });
        await world.store.txn({
          checks: [],
          writes: [{ kind: "set", key: callbackKey(id), value: theirs }],
        });
      });
      assertEquals(server.ids(), [id]);
      assertEquals(JSON.stringify(await world.record(id)), theirs);
      const told = world.app.logged;
      assert(told.some((it) => it.includes("callback lease was lost")));
    },
  "a finish is refused where the slot is another's, though the message is still its own":
    async ({ world, server, merchant, dispatch }) => {
      const id = await world.end(merchant, "o1");
      const keys = Array.from(
        { length: 8 },
        (_, slot) => callbackSlotKey(merchant.id, slot),
      );
      let leased = "";
      let key = "";
      await dispatch("after txn callback-slot", async () => {
        leased = JSON.stringify(await world.record(id));
        const { values } = await world.store.read({ keys });
        key = keys[values.findIndex((it) => it !== null)]!;
        // By a clock that runs ahead a slot ends before its lease.
        await world.store.txn({
          checks: [],
          writes: [{ kind: "set", key, value: "another" }],
        });
      });
      assertEquals(server.ids(), [id]);
      assertEquals(JSON.stringify(await world.record(id)), leased);
      const { values } = await world.store.read({ keys: [key] });
      assertEquals(values, ["another"]);
      const told = world.app.logged;
      assert(told.some((it) => it.includes("callback lease was lost")));
    },
  "an endpoint that takes messages again while its queue is being parked gets them":
    async ({ world, server, merchant, dispatch }) => {
      server.answer = () => status(410);
      const id = await world.end(merchant, "o1");
      server.answer = ({ earlier }) => status(earlier === 0 ? 410 : 200);
      await dispatch(SETTLE, () => world.endpoint(merchant, server.url));
      assertEquals(server.ids(), [id, id]);
    },
  "nothing goes to an endpoint that was removed a moment before": async (
    { world, server, merchant, dispatch },
  ) => {
    const id = await world.end(merchant, "o1");
    const { callbackEndpoints } = world.app.useCases;
    await dispatch(LEASE, () => callbackEndpoints.remove(merchant.caller));
    assertEquals(server.received, []);
    assertEquals((await world.record(id)).lease, undefined);
    await world.endpoint(merchant, server.url);
    await world.app.dispatcher.dispatch();
    assertEquals(server.ids(), [id]);
  },
  "what was about to go to one endpoint goes to the one that took its place":
    async ({ world, server, merchant, dispatch }) => {
      await using other = startShopServer();
      const id = await world.end(merchant, "o1");
      let secret = "";
      await dispatch(LEASE, async () => {
        secret = await world.endpoint(merchant, other.url);
      });
      assertEquals([server.ids(), other.ids()], [[], [id]]);
      assert(other.verifies(other.received[0]!, secret));
    },
  "nothing but a probe goes to an endpoint whose breaker opened a moment before":
    async ({ world, server, merchant, dispatch }) => {
      const ids = [
        await world.end(merchant, "o1"),
        await world.end(merchant, "o2"),
      ];
      const breaker: BreakerRecord = {
        failed_probes: 0,
        next_probe_ms: world.clock.ms + 5_000,
      };
      await dispatch(LEASE, () =>
        world.store.txn({
          checks: [],
          writes: [{
            kind: "set",
            key: callbackBreakerKey(merchant.id),
            value: JSON.stringify(breaker),
          }],
        }));
      assertEquals(server.received, []);
      await world.pass(5_000);
      await world.app.dispatcher.dispatch();
      assertEquals(server.ids().toSorted(), ids.toSorted());
      assertEquals(server.mostAtOnce, 1);
    },
  "two processes that see one chance to probe make one probe": async (
    { world, server, merchant, dispatch },
  ) => {
    server.answer = () => status(500);
    for (let i = 0; i < 10; i++) await world.end(merchant, `o${i}`);
    await world.app.dispatcher.dispatch();
    const opened = server.received.length;
    await world.pass(5_000);
    await dispatch(LEASE, async () => {
      const other = await world.another();
      await other.dispatcher.dispatch();
    });
    assertEquals(server.received.length, opened + 1);
  },
  "a message that somebody else delivered a moment before is not sent again":
    async ({ world, server, merchant, dispatch }) => {
      await world.end(merchant, "o1");
      await dispatch(LEASE, async () => {
        const other = await world.another();
        await other.dispatcher.dispatch();
      });
      assertEquals(server.received.length, 1);
    },
  "a message that is gone from the store when it would be leased holds up nothing":
    async ({ world, server, merchant, dispatch }) => {
      const gone = await world.end(merchant, "o1");
      const id = await world.end(merchant, "o2");
      await dispatch(LEASE, () =>
        world.store.txn({
          checks: [],
          writes: [{ kind: "delete", key: callbackKey(gone) }],
        }));
      assertEquals(server.ids(), [id]);
      const { first } = await world.stored(merchant);
      assertEquals(first, []);
    },
  "an endpoint that failed for days counts from its next failure once it was put again":
    async ({ world, server, merchant, dispatch }) => {
      server.answer = () => status(500);
      await world.end(merchant, "o1");
      await world.app.dispatcher.dispatch();
      await world.pass(DAY_MS);
      await using other = startShopServer();
      other.answer = () => status(500);
      // While the attempt at the old one is under way: its failure says nothing
      // of the new one.
      await dispatch(
        "after txn callback-slot",
        () => world.endpoint(merchant, other.url),
      );
      const { callbackEndpoints } = world.app.useCases;
      const view = await callbackEndpoints.get(merchant.caller);
      assert(!("kind" in view));
      assertEquals([view.url, view.failingSince], [other.url, undefined]);
    },
  "put() of the same URL brings at once what is due at an endpoint that rests":
    async ({ world, server, merchant }) => {
      server.answer = () => status(500);
      const ids: string[] = [];
      for (let i = 0; i < 8; i++) {
        ids.push(await world.end(merchant, `o${i}`));
        await world.app.dispatcher.dispatch();
      }
      // Long enough that all are due, and that the next probe is far away.
      for (let i = 0; i < 8; i++) {
        await world.pass(660_000);
        await world.app.dispatcher.dispatch();
      }
      server.answer = () => status(204);
      const failed = server.ids().length;
      await world.app.dispatcher.dispatch();
      assertEquals(server.ids().length, failed);
      const { callbackEndpoints } = world.app.useCases;
      const before = await callbackEndpoints.get(merchant.caller);
      const put = await callbackEndpoints.put(merchant.caller, server.url);
      assert(!("kind" in before) && !("kind" in put));
      assert(before.failingSince !== undefined);
      const { failingSince: _, ...rest } = before;
      assertEquals(put, { endpoint: rest, created: false });
      await world.app.dispatcher.dispatch();
      assertEquals(server.ids().slice(failed).toSorted(), ids.toSorted());
    },
  "a message whose lease is 15000 ms old is sent": oldLease(15_000, 1),
  "a message whose lease is 15001 ms old is left to who leases it next":
    oldLease(15_001, 0),
};

/** Registers the suite; names begin with `store`. */
export function checkCallbackMoments(
  store: string,
  factory: StoreFactory,
): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    Deno.test(`${store}: ${sentence}`, () => atMoments(factory, body));
  }
}
