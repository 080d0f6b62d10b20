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
import {
  type OrderRecord,
  type PaymentRecord,
} from "../../../edge/payment/record.ts";
import { endpoints } from "../../../edge/callback/message/stored.ts";
import { callbackKey } from "../../../edge/store/keys.ts";
import { readRecords } from "../../../edge/store/record.ts";
import type { Store } from "../../../edge/store/store.ts";
import { NOON_MS, startApp, type TestApp, TestClock } from "../world/app.ts";
import { type StoredCallbacks, storedCallbacks } from "./queue.ts";
import { oneBucket } from "../world/scene.ts";
import { type ShopServer, startShopServer } from "./shop_server.ts";
import type { StoreFactory } from "../store/fixture.ts";

/** A merchant that may call. */
export interface WorldMerchant {
  readonly id: string;
  readonly caller: CallerOf<"merchant">;
}

/** A world for one test. */
export interface CallbackWorld {
  readonly app: TestApp;
  readonly store: Store;
  readonly clock: TestClock;
  readonly sender: Sender;
  /** Lets time pass, in the store too. */
  pass(ms: number): Promise<void>;
  merchant(): Promise<WorldMerchant>;
  /** Gives a merchant an endpoint; its secret. */
  endpoint(merchant: WorldMerchant, url: string): Promise<string>;
  /** Ends a payment of an order; the id of its callback. */
  end(
    merchant: WorldMerchant,
    orderId: string,
    options?: {
      status?: "succeeded" | "declined" | "reversed";
      version?: number;
    },
  ): Promise<string>;
  /** Another process on the same records, as far as the store can tell. */
  another(
    options?: { wrap?: (store: Store) => Store; sender?: Sender },
  ): Promise<TestApp>;
  stored(merchant: WorldMerchant): Promise<StoredCallbacks>;
  record(callbackId: string): Promise<CallbackRecord>;
}

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
  const clock = new TestClock(NOON_MS);
  const fixture = await factory(clock);
  const sender = options.sender ??
    createHttpSender({ clock: systemClock, insecure: true });
  const apps: TestApp[] = [];
  const start = async (
    store: Store,
    own: { wrap?: (store: Store) => Store; sender?: Sender } = {},
  ) => {
    const app = await startApp({
      clock,
      random: options.random ?? oneBucket,
      sender: own.sender ?? sender,
      openStore: () => own.wrap?.(store) ?? store,
    });
    apps.push(app);
    return app;
  };
  // The fixture closes its store itself.
  const unclosed = (store: Store): Store => ({
    read: (request) => store.read(request),
    range: (query) => store.range(query),
    txn: (transaction) => store.txn(transaction),
    timeMs: () => store.timeMs(),
    close: () => Promise.resolve(),
  });
  try {
    const { wrapStore } = options;
    const app = await start(unclosed(fixture.store), {
      ...(wrapStore !== undefined && { wrap: wrapStore }),
    });
    const { store, useCases } = app;
    await body({
      app,
      store,
      clock,
      sender,
      async pass(ms) {
        clock.advance(ms);
        await fixture.advance?.(ms);
      },
      async merchant() {
        const { id, key } = await app.api.merchant();
        const caller = await useCases.authenticator.authenticate(
          key,
          "merchant",
        );
        assert(!("kind" in caller));
        return { id, caller };
      },
      async endpoint({ caller }, url) {
        const put = await useCases.callbackEndpoints.put(caller, url);
        assert(!("kind" in put), "The endpoint was refused");
        return put.secret ?? "";
      },
      end: (merchant, orderId, { status = "succeeded", version = 2 } = {}) =>
        endPayment(fixture.store, clock, merchant.id, orderId, status, version),
      async another(own) {
        return await start(await fixture.reopen!(), own);
      },
      stored: ({ id }) => storedCallbacks(fixture.store, id),
      async record(id) {
        const { values } = await fixture.store.read({
          keys: [callbackKey(id)],
        });
        return JSON.parse(values[0]!);
      },
    });
  } finally {
    for (const app of apps.toReversed()) await app[Symbol.asyncDispose]();
    await sender.close();
    await fixture.dispose();
  }
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
  const payment: PaymentRecord = {
    payment_id: `pay_${orderName(merchantId, orderId)}${"0".repeat(16)}`,
    merchant_id: merchantId,
    merchant_name: "Corner Shop",
    order_id: orderId,
    status,
    amount_minor: 1250,
    currency: "EUR",
    account_id: "alice",
    code_hash: { kid: "t", hash: "h" },
    payer: "payer_1",
    order_version: version,
    confirmed: false,
    deadline_ms: clock.nowMs(),
    taken: { day: "2026-01-15", offline: false },
    created_ms: clock.nowMs(),
    updated_ms: clock.nowMs(),
  };
  const [endpoint] = await readRecords(store, [endpoints(merchantId)]);
  const { guard, writes } = planCallback(payment, endpoint, clock.nowMs());
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
