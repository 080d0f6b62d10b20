/**
 * A world for tests of a payment's life: one store that outlives its edges, a
 * ledger whose journal is kept elsewhere, a clock, a merchant and a phone.
 * Edges come and go; one that is dropped in the middle of an operation has
 * crashed.
 *
 * @module
 */

import type { Settings } from "../../../edge/boot/settings.ts";
import type { Ledger } from "../../../edge/ledger/ledger.ts";
import type {
  OrderRecord,
  PaymentRecord,
} from "../../../edge/payment/record.ts";
import { DUE_ORDERS_KEY } from "../../../edge/store/keys.ts";
import type { IndexEntry, Store } from "../../../edge/store/store.ts";
import { NOON_MS, startApp, type TestApp, TestClock } from "./app.ts";
import { storeEndpoint } from "../callback/queue.ts";
import type { Answer, TestMerchant, TestPhone } from "./api.ts";
import {
  type HoldAt,
  pointedLedger,
  pointedStore,
  type Reach,
} from "./fail_points.ts";
import { JournalLedger } from "../ledger/journal_ledger.ts";
import { peekOrder } from "./peek.ts";
import { setScene } from "./scene.ts";
import type { StoreFactory } from "../store/fixture.ts";

/** How an edge is started. */
export interface EdgeOptions {
  /** Called at every point of its operations. */
  readonly reach?: Reach;
  /** A clock of its own, which may be wrong; the store keeps the world's. */
  readonly clock?: TestClock;
  /** Instead of the world's ledger, without points. */
  readonly ledger?: Ledger;
}

/** A world. */
export interface World extends AsyncDisposable {
  readonly clock: TestClock;
  readonly ledger: JournalLedger;
  readonly store: Store;
  readonly walletKey: string;
  readonly merchant: TestMerchant;
  readonly phone: TestPhone;
  /** An edge that lives as long as the world. */
  readonly edge: TestApp;
  /** One more edge. */
  start(options?: EdgeOptions): Promise<TestApp>;
  /** Lets `ms` pass, everywhere. */
  pass(ms: number): Promise<void>;
  order(orderId: string): Promise<OrderRecord | null>;
  /** The payment of an order. */
  paymentOf(orderId: string): Promise<PaymentRecord>;
  /** Everything in the index of what is under way. */
  due(): Promise<readonly IndexEntry[]>;
}

/** The store without the end of it: many edges use it, and come and go. */
function shared(store: Store): Store {
  return {
    read: (request) => store.read(request),
    range: (query) => store.range(query),
    txn: (transaction) => store.txn(transaction),
    timeMs: () => store.timeMs(),
    close: () => Promise.resolve(),
  };
}

/** Makes a world on a store of its own. */
export async function makeWorld(
  factory: StoreFactory,
  settings: Partial<Settings> = {},
): Promise<World> {
  const clock = new TestClock(NOON_MS);
  const fixture = await factory(clock);
  const { store } = fixture;
  const ledger = new JournalLedger();
  const start = ({ reach, ledger: other, clock: own }: EdgeOptions = {}) =>
    startApp({
      clock: own ?? clock,
      settings,
      openStore: () => shared(store),
      wrapStore: (opened) =>
        reach === undefined ? opened : pointedStore(opened, reach),
      wrapLedger: () =>
        other ??
          (reach === undefined ? ledger : pointedLedger(ledger, reach)),
    });
  const edge = await start();
  const { walletKey, merchant, phone } = await setScene(edge.api);
  await storeEndpoint(store, merchant.id);
  const order = (orderId: string) => peekOrder(store, merchant.id, orderId);
  return {
    clock,
    ledger,
    store,
    walletKey,
    merchant,
    phone,
    edge,
    start,
    async pass(ms) {
      clock.advance(ms);
      await fixture.advance?.(ms);
    },
    order,
    async paymentOf(orderId) {
      const record = (await order(orderId))?.payment ?? null;
      if (record === null) throw new Error(`No payment of ${orderId}`);
      return record;
    },
    due: () =>
      store.range({
        index: DUE_ORDERS_KEY,
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
        limit: 1000,
      }),
    [Symbol.asyncDispose]: () => fixture.dispose(),
  };
}

/** `201`, `200` or the code of a problem. */
export function named({ status, body }: Answer): string {
  return status < 300 ? `${status}` : body.code;
}

/** Waits until `hold` holds a call; one that is answered instead is a fault. */
export async function crashed(
  hold: HoldAt,
  call: Promise<Answer>,
): Promise<void> {
  await Promise.race([
    hold.held,
    call.then((answer) => {
      throw new Error(`Not held: ${named(answer)} ${answer.body?.detail}`);
    }),
  ]);
}

/** What a till and a wallet send, short. */
export function calls(
  { merchant, walletKey }: Pick<World, "merchant" | "walletKey">,
  { api }: Pick<TestApp, "api">,
) {
  return {
    pay: (order_id: string, code: string, amount_minor = 1250) =>
      api.pay(merchant, { order_id, code, amount_minor }),
    query: (orderId: string) =>
      api.call("GET", `/v1/payments?order_id=${orderId}`, {
        key: merchant.key,
      }),
    reverse: (order_id: string) =>
      api.call("POST", "/v1/reversals", {
        key: merchant.key,
        body: { order_id },
      }),
    confirm: (paymentId: string, approve: boolean) =>
      api.call("POST", `/v1/payments/${paymentId}/confirmation`, {
        key: walletKey,
        body: { approve },
      }),
    waiting: (accountId: string) =>
      api.call("GET", `/v1/confirmations?account_id=${accountId}`, {
        key: walletKey,
      }),
  };
}
