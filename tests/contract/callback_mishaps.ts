/**
 * What every store must give the delivery of callbacks when it goes wrong in
 * this process: a message that the store has no room for dies in sight, and a
 * bug is nobody's death.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { SLOTS } from "../../edge/callback/message/lanes.ts";
import { LEASE_MS } from "../../edge/callback/delivery/lease.ts";
import {
  callbackAttemptsKey,
  callbackFailuresKey,
  callbackKey,
  callbackLaneKey,
  callbackSlotKey,
} from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import { MAX_VALUE_BYTES } from "../../edge/store/validate.ts";
import { withShopServer } from "../support/callback/world.ts";
import { status } from "../support/callback/shop_server.ts";
import type { StoreFactory } from "../support/store/fixture.ts";
import { index, set } from "../support/store/ops.ts";

/** A store in which transactions that write all that to the lane break. */
function breaking(merchantId: string, kinds: readonly string[]) {
  const lane = callbackLaneKey(merchantId, "first");
  return (store: Store): Store => ({
    read: (request) => store.read(request),
    range: (query) => store.range(query),
    timeMs: () => store.timeMs(),
    close: () => store.close(),
    txn: (transaction) => {
      const breaks = kinds.every((kind) =>
        transaction.writes.some((it) =>
          it.kind === kind && "index" in it && it.index === lane
        )
      );
      return breaks
        ? Promise.reject(new TypeError("A bug"))
        : store.txn(transaction);
    },
  });
}

/** The tests by their sentences. */
const TESTS: Readonly<
  Record<string, Parameters<ReturnType<typeof withShopServer>>[1]>
> = {
  "a message without room for its lease dies where its merchant sees it":
    async (world, server) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      const wide = await world.end(merchant, "wide");
      const good = await world.end(merchant, "good");
      const record = await world.record(wide);
      const empty = JSON.stringify({ ...record, payload: "" }).length;
      // More than a lease takes less, and more than a death takes.
      const payload = "x".repeat(MAX_VALUE_BYTES - 30 - empty);
      await world.store.txn({
        checks: [],
        writes: [
          set(callbackKey(wide), JSON.stringify({ ...record, payload })),
        ],
      });
      assertEquals(await world.app.dispatcher.dispatch(), {
        attempts: 1,
        delivered: 1,
      });
      assertEquals(server.ids(), [good]);
      assertEquals(await world.record(wide), {
        ...record,
        payload,
        status: "dead",
        dead_reason: "too large",
      });
      const queued = await world.stored(merchant);
      assertEquals([queued.first, queued.retry, queued.replay], [[], [], []]);
      const { callbacks } = world.app.useCases;
      const dead = await callbacks.list(merchant.caller, { status: "dead" });
      assert(!("kind" in dead));
      assertEquals(
        dead.callbacks.map((it) => [it.callbackId, it.deadReason]),
        [[wide, "too large"]],
      );
    },
  "a message without room for its end dies where its merchant sees it, and is told once":
    async (world, server) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      const wide = await world.end(merchant, "wide");
      const record = await world.record(wide);
      const last = { ...record, tries: 12 };
      // More than a lease takes, and less than thirteen failures take.
      const room = MAX_VALUE_BYTES - 75 - JSON.stringify(last).length;
      const payload = record.payload + " ".repeat(room);
      await world.store.txn({
        checks: [],
        writes: [set(callbackKey(wide), JSON.stringify({ ...last, payload }))],
      });
      server.answer = () => status(500);
      assertEquals(await world.app.dispatcher.dispatch(), {
        attempts: 1,
        delivered: 0,
      });
      assertEquals(server.ids(), [wide]);
      const dead = { status: "dead" as const, dead_reason: "too large" };
      assertEquals(await world.record(wide), { ...last, payload, ...dead });
      const queued = await world.stored(merchant);
      assertEquals([queued.first, queued.retry, queued.replay], [[], [], []]);
      const told = world.app.logged.filter((it) => it.includes(wide));
      assertEquals(told.length, 1, told.join("\n"));
      assert(told[0]!.includes("too large"));
    },
  "a bug elsewhere ends the work and kills no message, leased or not": async (
    world,
    server,
  ) => {
    const merchant = await world.merchant();
    await world.endpoint(merchant, server.url);
    const id = await world.end(merchant, "o1");
    // While it is leased, and while it is finished.
    for (const kind of ["index", "unindex"] as const) {
      const wrap = breaking(merchant.id, [kind]);
      const { dispatcher } = await world.another({ wrapStore: wrap });
      await assertRejects(() => dispatcher.dispatch(), TypeError, "A bug");
      assertEquals((await world.record(id)).status, "pending");
      const { first } = await world.stored(merchant);
      assertEquals(first.map(({ member }) => member), [id]);
    }
    assertEquals(server.ids(), [id]);
    await world.pass(LEASE_MS);
    await world.app.dispatcher.dispatch();
    assertEquals(server.ids(), [id, id]);
    assertEquals((await world.record(id)).status, "delivered");
  },
  "what was sent is finished alone where a bug keeps the next one from being leased":
    async (world, server) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      for (let n = 0; n <= SLOTS; n++) await world.end(merchant, `o${n}`);
      const wrap = breaking(merchant.id, ["unindex", "index"]);
      const { dispatcher } = await world.another({ wrapStore: wrap });
      await assertRejects(() => dispatcher.dispatch(), TypeError, "A bug");
      assertEquals(server.received.length, SLOTS);
      const { all, first } = await world.stored(merchant);
      const left = all.filter(({ status }) => status !== "delivered");
      assertEquals(
        left.map((it) => it.callback_id),
        first.map((it) => it.member),
      );
      assertEquals(left.map(({ lease }) => lease), [undefined]);
    },
  "an endpoint that failed elsewhere meanwhile does well again by what goes well here":
    async (world, server) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      for (let n = 0; n < 3; n++) await world.end(merchant, `o${n}`);
      // One slot is left: only what is finished with a lease tells it anything.
      const others = Array.from({ length: SLOTS - 1 }, (_, slot) => slot + 1);
      await world.store.txn({
        checks: [],
        writes: others.map((slot) =>
          set(callbackSlotKey(merchant.id, slot), "another")
        ),
      });
      const key = callbackFailuresKey(merchant.id);
      server.answer = async () => {
        if (server.received.length === 1) {
          const failing = { failures: 1, since_ms: world.clock.ms };
          await world.store.txn({
            checks: [],
            writes: [set(key, JSON.stringify(failing))],
          });
        }
        return status(204);
      };
      await world.app.dispatcher.dispatch();
      assertEquals(server.received.length, 3);
      assertEquals((await world.store.read({ keys: [key] })).values, [null]);
    },
  "attempts before the latest stay with their message": async (
    world,
    server,
  ) => {
    const merchant = await world.merchant();
    await world.endpoint(merchant, server.url);
    const codes = new Map<string, number>();
    for (const code of [500, 501]) {
      codes.set(await world.end(merchant, `o${code}`), code);
    }
    server.answer = ({ id }) => status(codes.get(id)!);
    for (let round = 0; round < 3; round++) {
      await world.app.dispatcher.dispatch();
      await world.pass(60_000);
    }
    const { callbacks } = world.app.useCases;
    for (const [id, code] of codes) {
      const it = await callbacks.get(merchant.caller, id);
      assert(!("kind" in it));
      const statuses = it.attempts.map(({ status }) => status);
      assertEquals(statuses, [code, code, code]);
    }
  },
  "attempts before the latest have a record of their own, and one that cannot be read dies alone":
    async (world, server) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      const attemptsOf = async (id: string) =>
        (await world.store.read({ keys: [callbackAttemptsKey(id)] })).values[0];
      const statuses = async (id: string) => {
        const it = await world.app.useCases.callbacks.get(merchant.caller, id);
        assert(!("kind" in it));
        assertEquals(it.attemptsDropped, 0);
        return it.attempts.map(({ status }) => status);
      };
      const [poisoned, other, once] = [
        await world.end(merchant, "poisoned"),
        await world.end(merchant, "other"),
        await world.end(merchant, "once"),
      ];
      server.answer = ({ id }) => status(id === once ? 204 : 500);
      await world.app.dispatcher.dispatch();
      for (const [id, code] of [[other, 500], [once, 204]] as const) {
        assertEquals(await statuses(id), [code]);
        assertEquals(await attemptsOf(id), null);
      }
      const key = callbackAttemptsKey(poisoned);
      await world.store.txn({
        checks: [],
        writes: [index(key, "m", 0)],
      });
      server.answer = () => status(503);
      await world.pass(5_000);
      await world.app.dispatcher.dispatch();
      assertEquals(await statuses(other), [500, 503]);
      assertEquals(JSON.parse((await attemptsOf(other))!).length, 1);
      const told = world.app.logged.filter((it) => it.includes(poisoned));
      assertEquals(told.length, 1);
      assert(told[0]!.includes("its record cannot be read"));
      const { retry } = await world.stored(merchant);
      assertEquals(retry.map(({ member }) => member), [other]);
      server.answer = () => status(204);
      await world.pass(60_000);
      await world.app.dispatcher.dispatch();
      assertEquals(await statuses(other), [500, 503, 204]);
      assertEquals(JSON.parse((await attemptsOf(other))!).length, 2);
    },
};

/** Registers the suite; names begin with `store`. */
export function checkCallbackMishaps(
  store: string,
  factory: StoreFactory,
): void {
  const test = withShopServer(store, factory);
  for (const [sentence, body] of Object.entries(TESTS)) test(sentence, body);
}
