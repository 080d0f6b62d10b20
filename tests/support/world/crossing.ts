/**
 * A payment whose order and customer are in two of eight cells, on a store that can fail or
 * deliver late.
 *
 * @module
 */

import type { Settings } from "../../../edge/boot/settings.ts";
import type { TestMerchant, TestPhone } from "./api.ts";
import { NOON_MS, startApp, type TestApp, UNLIMITED } from "./app.ts";
import {
  accountKey,
  DUE_ORDERS_KEY,
  merchantKey,
} from "../../../edge/store/keys.ts";
import { claims } from "../../../edge/payment/crossing.ts";
import { readRecords } from "../../../edge/store/record.ts";
import {
  type Store,
  StoreUnavailableError,
  type Transaction,
} from "../../../edge/store/store.ts";
import { FaultyStore } from "../store/faulty_store.ts";
import { testCells } from "../store/cells.ts";
import { transactionName } from "./points/fail_points.ts";

/** How many cells there are. */
export const CELLS = 8;

/** After this time a sweep goes on with a payment that was left unsettled. */
export const SWEEP_MS = 20_000;
/** A time step of codes. */
export const STEP_MS = 30_000;

/** What a payment across two cells asks of the store, once everything is cached. */
export const CROSSING = [
  "txn order",
  "txn claim",
  "txn sandbox-debit",
  "txn payment",
];

/** An account in the cell of a merchant, or in another one. */
export function accountFor(merchantId: string, crossing: boolean): string {
  const cells = testCells(CELLS);
  const home = cells.cellOf(merchantKey(merchantId));
  for (let i = 0;; i++) {
    const account = `customer-${i}`;
    const isHome = cells.cellOf(accountKey(account)) === home;
    if (isHome !== crossing) return account;
  }
}

/**
 * A store behind a network that keeps transactions and delivers them when it is told to, or that
 * loses their answers.
 */
export class LateStore implements Store {
  readonly kept: Transaction[] = [];
  readonly #store: Store;
  /** Which transactions are kept, such as `txn claim`. */
  keeps: string | null = null;
  /** How many of them get through before that. */
  skip = 0;
  /** Whether they are delivered at once, and only their answers are lost. */
  delivers = false;

  constructor(store: Store) {
    this.#store = store;
  }

  read: Store["read"] = (request) => this.#store.read(request);
  range: Store["range"] = (query) => this.#store.range(query);
  timeMs: Store["timeMs"] = () => this.#store.timeMs();
  close: Store["close"] = () => this.#store.close();

  async txn(transaction: Transaction) {
    if (
      transactionName(transaction) !== this.keeps || this.skip-- > 0
    ) return await this.#store.txn(transaction);
    if (this.delivers) await this.#store.txn(transaction);
    else this.kept.push(transaction);
    throw new StoreUnavailableError("timeout");
  }

  /** Delivers what was kept. Returns how many of them were committed. */
  async deliver(): Promise<number> {
    let committed = 0;
    for (const it of this.kept.splice(0)) {
      if ((await this.#store.txn(it)).committed) committed++;
    }
    return committed;
  }
}

/** A shop and a customer in two cells. */
export interface CrossScene extends AsyncDisposable {
  readonly app: TestApp;
  readonly faulty: FaultyStore;
  readonly late: LateStore;
  readonly merchant: TestMerchant;
  readonly phone: TestPhone;
  readonly account: string;
  readonly walletKey: string;
  /** What the customer's cell says of the latest payment of an order. */
  claimOf(paymentId: string): Promise<string | null>;
  /** Everything that waits for a sweeper. */
  due(): Promise<number>;
}

/** Opens the scene; the account holds 100.00 EUR. */
export async function openCrossScene(
  { crossing = true, settings = {} }: {
    readonly crossing?: boolean;
    readonly settings?: Partial<Settings>;
  } = {},
): Promise<CrossScene> {
  let faulty!: FaultyStore;
  let late!: LateStore;
  const app = await startApp({
    cells: CELLS,
    settings,
    wrapStore: (store) => faulty = new FaultyStore(late = new LateStore(store)),
  });
  const { api, store } = app;
  const walletKey = await api.walletKey();
  const merchant = await api.merchant();
  const account = accountFor(merchant.id, crossing);
  const phone = await api.enrol(walletKey, account, "phone");
  await api.setBalance(account, 10_000);
  return {
    ...{ app, faulty, late, merchant, phone, account, walletKey },
    async claimOf(paymentId) {
      const [held] = await readRecords(store, [claims(paymentId)]);
      return held.value?.state ?? null;
    },
    async due() {
      const { ranges } = await store.read({
        ranges: [{
          index: DUE_ORDERS_KEY,
          min: 0,
          max: Number.MAX_SAFE_INTEGER,
          limit: 100,
        }],
      });
      return ranges[0]!.length;
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

/** A payment of noon. */
export const first = (scene: CrossScene, orderId = "order-1") => ({
  code: scene.phone.code(NOON_MS),
  order_id: orderId,
});

/** Pays once elsewhere, so that merchant, permits and bucket are known. */
export async function warmUp(scene: CrossScene): Promise<void> {
  const { app, merchant, phone, faulty } = scene;
  app.clock.advance(-STEP_MS);
  const code = phone.code(app.clock.ms);
  await app.api.pay(merchant, { code, order_id: "warm" });
  app.clock.advance(STEP_MS);
  await app.api.pay(merchant, { code: "1", order_id: "warm" });
  faulty.plan();
}

/** The limits, with some figures of the normal tier, or of both. */
export const limited = (
  normal: Partial<typeof UNLIMITED.limits.normal>,
  restricted: typeof normal = {},
) => ({
  limits: {
    ...UNLIMITED.limits,
    normal: { ...UNLIMITED.limits.normal, ...normal },
    restricted: { ...UNLIMITED.limits.restricted, ...restricted },
  },
});

/** Lets something happen behind the next transaction of this name, before its answer arrives. */
export function behind(
  late: LateStore,
  name: string,
  happens: (transaction: Transaction) => unknown,
): void {
  const txn = late.txn.bind(late);
  late.txn = async (transaction) => {
    const result = await txn(transaction);
    if (transactionName(transaction) === name) {
      late.txn = txn;
      await happens(transaction);
    }
    return result;
  };
}
