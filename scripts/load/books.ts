/**
 * The books of a run: what became of orders whose tills got no answer, and
 * whether each account has paid what its orders say.
 *
 * @module
 */

import type { Api, Shop } from "../client.ts";
import { inParallel } from "../parallel.ts";
import type { RunWallet } from "./crowd.ts";
import type { Order, Orders } from "./orders.ts";

const PAUSE_MS = 500;
/**
 * How often open orders are asked for, with a pause after each round. A payment
 * ends by itself in less time.
 */
const ROUNDS = 180;

export interface SettleOptions {
  readonly api: Api;
  readonly orders: Orders;
  readonly merchants: readonly Shop[];
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Called with the number of orders that are still open. */
  readonly onProgress: (open: number) => void;
  /** Ends the asking; the orders that are open then stay so. */
  readonly signal: AbortSignal;
}

/**
 * Asks for the state of every order whose end is not certain, until it is. An
 * order that the server does not know, or that waits for its customer, is
 * reversed, which is final.
 */
export async function settle(options: SettleOptions): Promise<void> {
  const { orders, sleep, onProgress, signal } = options;
  const isOpen = ({ state }: Order) => state === "unsure" || state === "sent";
  let open = orders.all.filter(isOpen);
  for (let round = 0; round < ROUNDS && open.length > 0; round++) {
    if (signal.aborted) return;
    if (round > 0) await sleep(PAUSE_MS);
    const settle = (n: number) => settleOne(options, open[n]!);
    // Where the server did not answer, or not with JSON, the orders are asked for
    // again in the next round.
    await inParallel(open.length, settle, { atOnce: 1, signal })
      .catch(() => {});
    open = open.filter(isOpen);
    onProgress(open.length);
  }
}

async function settleOne(
  { api, orders, merchants }: SettleOptions,
  order: Order,
): Promise<void> {
  const { key } = merchants[order.merchant]!;
  const query = `/v1/payments?order_id=${encodeURIComponent(order.id)}`;
  const found = await api.ask("GET", query, key);
  const isKnown = found.status === 200;
  const word = found.body.status;
  if (isKnown && word === "succeeded") {
    orders.answered(order, found);
  } else if (isKnown && word === "declined") {
    order.state = "refused";
  } else if (isKnown && word === "reversed") {
    order.state = "reversed";
  } else if (found.status === 404 || word === "awaiting_confirmation") {
    order.isReversing = true;
    const body = { order_id: order.id };
    const answer = await api.ask("POST", "/v1/reversals", key, body);
    orders.reversed(order, answer);
  }
}

const SHOWN = 10;

/** The comparison of accounts and orders. */
export type Books = Readonly<ReturnType<typeof compareBooks>>;

export function compareBooks(
  { orders, wallets, balancesMinor }: {
    orders: readonly Order[];
    wallets: readonly Pick<RunWallet, "accountId" | "balanceMinor">[];
    /** What each wallet's account holds in the end, as far as that is known. */
    balancesMinor: readonly (number | null)[];
  },
) {
  const paid = wallets.map(() => 0);
  const unsure = new Set<number>();
  const count = { paid: 0, refused: 0, reversed: 0, unsure: 0, sent: 0 };
  for (const { state, wallet, amountMinor } of orders) {
    count[state]++;
    if (state === "paid") paid[wallet]! += amountMinor;
    if (state === "unsure" || state === "sent") unsure.add(wallet);
  }
  const differing = wallets.flatMap(({ accountId, balanceMinor }, n) => {
    const expected = balanceMinor - paid[n]!;
    const actual = balancesMinor[n] ?? null;
    // While one of its orders is not certain, nothing can be said about an
    // account.
    return unsure.has(n) || actual === expected
      ? []
      : `${accountId} holds ${actual ?? "nobody knows what"}, not ${expected}`;
  });
  const sum = (values: readonly (number | null)[]) =>
    values.reduce<number>((total, it) => total + (it ?? 0), 0);
  return {
    accounts: wallets.length,
    beforeMinor: sum(wallets.map((it) => it.balanceMinor)),
    afterMinor: sum(balancesMinor),
    /** Of orders that are paid and not reversed. */
    paidMinor: sum(paid),
    paidOrders: count.paid,
    reversedOrders: count.reversed,
    refusedOrders: count.refused,
    /** Orders of which it was not known in time whether they are paid. */
    unsureOrders: count.unsure + count.sent,
    /** Some of the accounts whose balance is not what their orders say. */
    differing: differing.slice(0, SHOWN),
    differingCount: differing.length,
  };
}
