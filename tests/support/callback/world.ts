/**
 * What callbacks live in, over any store: an application whose clock stands,
 * merchants, their servers, and payments that end when a test says so.
 *
 * @module
 */

import { assert } from "@std/assert";
import { createHttpSender } from "../../../edge/callback_http/sender.ts";
import { planCallback } from "../../../edge/callback/message/queued.ts";
import type { CallbackRecord } from "../../../edge/callback/message/record.ts";
import type { Sender } from "../../../edge/callback/sender.ts";
import { type Random, systemClock } from "../../../edge/base/clock.ts";
import type { CallerOf } from "../../../edge/merchant/authentication.ts";
import { orders } from "../../../edge/payment/order_form.ts";
import { orderName } from "../../../edge/payment/payment_id.ts";
import { type OrderRecord } from "../../../edge/payment/record.ts";
import { endpoints } from "../../../edge/callback/message/stored.ts";
import { callbackKey } from "../../../edge/store/keys.ts";
import { readRecords } from "../../../edge/store/record.ts";
import type { Store } from "../../../edge/store/store.ts";
import { type EdgeOptions, openWorld, type World } from "../world/world.ts";
import { paymentRecord } from "../world/model/payment_record.ts";
import { storedCallbacks } from "./queue.ts";
import { oneBucket } from "../world/scene.ts";
import { type ShopServer, startShopServer } from "./shop_server.ts";
import type { StoreFactory } from "../store/fixture.ts";

/** A merchant that may call. */
export interface WorldMerchant {
  readonly id: string;
  readonly caller: CallerOf<"merchant">;
}

/** A world for one test. */
export type CallbackWorld = ReturnType<typeof callbackWorld>;

/** What a world may be given. */
export interface WorldOptions {
  readonly wrapStore?: (store: Store) => Store;
  readonly sender?: Sender;
  readonly random?: Random;
}

/** A random source whose jitter is always the same: pauses are 0.8 of theirs. */
export const EARLIEST = 0.8;

/** Runs `body` in a world of its own. */
export async function withWorld(
  factory: StoreFactory,
  body: (world: CallbackWorld) => Promise<void>,
  options: WorldOptions = {},
): Promise<void> {
  const { random = oneBucket, wrapStore } = options;
  const sender = options.sender ??
    createHttpSender({ clock: systemClock, insecure: true });
  try {
    await using world = await openWorld({
      ...{ factory, random, sender },
      ...(wrapStore && { wrapStore }),
    });
    await body(callbackWorld(world, sender));
  } finally {
    await sender.close();
  }
}

function callbackWorld(world: World, sender: Sender) {
  const { edge: app, clock, store } = world;
  const { api, useCases } = app;
  return {
    ...{ app, clock, sender, store: app.store },
    /** Lets time pass, in the store too. */
    pass: (ms: number) => world.pass(ms),
    async merchant(): Promise<WorldMerchant> {
      const { id, key } = await api.merchant();
      const caller = await useCases.authenticator.authenticate(key, "merchant");
      assert(!("kind" in caller));
      return { id, caller };
    },
    /** Gives a merchant an endpoint; its secret. */
    async endpoint({ caller }: WorldMerchant, url: string): Promise<string> {
      const put = await useCases.callbackEndpoints.put(caller, url);
      assert(!("kind" in put), "The endpoint was refused");
      return put.secret ?? "";
    },
    /** Ends a payment of an order; the id of its callback. */
    end: (
      { id }: WorldMerchant,
      orderId: string,
      { status, version }: {
        status?: "succeeded" | "declined" | "reversed";
        version?: number;
      } = {},
    ) => endPayment(store, clock, id, orderId, status, version),
    /** Another process on the same records, as far as the store can tell. */
    another: (own: Pick<EdgeOptions, "wrapStore" | "sender"> = {}) =>
      world.start({ ...own, anew: true }),
    stored: ({ id }: WorldMerchant) => storedCallbacks(store, id),
    async record(callbackId: string): Promise<CallbackRecord> {
      const { values } = await store.read({ keys: [callbackKey(callbackId)] });
      return JSON.parse(values[0]!);
    },
  };
}

/** Registers tests, each with a world and a merchant's server. */
export function withShopServer(store: string, factory: StoreFactory) {
  return (
    sentence: string,
    body: (world: CallbackWorld, server: ShopServer) => Promise<void>,
  ): void => {
    Deno.test(`${store}: ${sentence}`, async () => {
      await using server = startShopServer();
      await withWorld(factory, (world) => body(world, server));
    });
  };
}

/** What the transaction that ends a payment writes about its callback. */
export async function endPayment(
  store: Store,
  clock: { nowMs(): number },
  merchantId: string,
  orderId: string,
  status: "succeeded" | "declined" | "reversed" = "succeeded",
  version = 2,
): Promise<string> {
  const payment = paymentRecord(clock.nowMs(), {
    payment_id: `pay_${orderName(merchantId, orderId)}${"0".repeat(16)}`,
    merchant_id: merchantId,
    order_id: orderId,
    status,
    order_version: version,
  });
  const [endpoint] = await readRecords(store, [endpoints(merchantId)]);
  const { guard, writes } = planCallback(
    { after: payment, nowMs: clock.nowMs() },
    endpoint,
    "test",
  );
  const order: OrderRecord = {
    merchant_id: merchantId,
    order_id: orderId,
    version,
    first_version: 1,
    payment,
    earlier: [],
  };
  const result = await store.txn({
    checks: [guard],
    writes: [...writes, orders(orderName(merchantId, orderId)).set(order)],
  });
  assert(result.committed);
  const write = writes.find((it) => it.kind === "index");
  return write?.kind === "index" ? write.member : "";
}
