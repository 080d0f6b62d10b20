/**
 * What every store must give the delivery of callbacks when it goes wrong in
 * this process: a message that the store has no room for dies in sight, and a
 * bug is nobody's death.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { SLOTS } from "../../edge/callback/lanes.ts";
import { LEASE_MS } from "../../edge/callback/lease.ts";
import { callbackKey, callbackLaneKey } from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import { type CallbackWorld, withWorld } from "../support/callback_world.ts";
import { type ShopServer, startShopServer } from "../support/shop_server.ts";
import type { StoreFactory } from "../support/store_fixture.ts";

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

/** Registers the suite; names begin with `store`. */
export function checkCallbackMishaps(
  store: string,
  factory: StoreFactory,
): void {
  function test(
    sentence: string,
    body: (world: CallbackWorld, server: ShopServer) => Promise<void>,
  ): void {
    Deno.test(`${store}: ${sentence}`, async () => {
      await using server = startShopServer();
      await withWorld(factory, (world) => body(world, server));
    });
  }

  test(
    "a message without room for its lease dies where its merchant sees it",
    async (world, server) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      const wide = await world.end(merchant, "wide");
      const good = await world.end(merchant, "good");
      const record = await world.record(wide);
      const empty = JSON.stringify({ ...record, payload: "" }).length;
      // More than a lease takes less, and more than a death takes.
      const payload = "x".repeat(65_536 - 30 - empty);
      await world.store.txn({
        checks: [],
        writes: [{
          kind: "set",
          key: callbackKey(wide),
          value: JSON.stringify({ ...record, payload }),
        }],
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
        dead.callbacks.map((it) => [it.callback_id, it.dead_reason]),
        [[wide, "too large"]],
      );
    },
  );

  test(
    "a bug elsewhere ends the work and kills no message, leased or not",
    async (world, server) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      const id = await world.end(merchant, "o1");
      // While it is leased, and while it is finished.
      for (const kind of ["index", "unindex"] as const) {
        const wrap = breaking(merchant.id, [kind]);
        const { dispatcher } = await world.another({ wrap });
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
  );

  test(
    "what was sent is finished alone where a bug keeps the next one from being leased",
    async (world, server) => {
      const merchant = await world.merchant();
      await world.endpoint(merchant, server.url);
      for (let n = 0; n <= SLOTS; n++) await world.end(merchant, `o${n}`);
      const wrap = breaking(merchant.id, ["unindex", "index"]);
      const { dispatcher } = await world.another({ wrap });
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
  );
}
