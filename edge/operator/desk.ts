/**
 * What an operator looks up besides the metrics: an order and its life, the
 * payments under way, the merchants' queues of callbacks, and the callbacks in
 * them. The desk only reads, except that it can have a callback sent again.
 *
 * @module
 */

import { timeText } from "../base/clock.ts";
import { isId } from "../base/ids.ts";
import { isRefusal, type Refusal, refused } from "../base/outcome.ts";
import {
  type CallbackPage,
  type CallbackQuery,
  listCallbacks,
} from "../callback/desk/list.ts";
import { type ReplayDeps, replayOne } from "../callback/desk/replay.ts";
import { callbackId } from "../callback/message/queued.ts";
import type { CallbackView } from "../callback/message/record.ts";
import {
  earlierAttempts,
  messages,
  readMessages,
} from "../callback/message/stored.ts";
import type { Merchants } from "../merchant/merchants.ts";
import { orders } from "../payment/order_form.ts";
import { isPaymentId, orderName, orderNameOf } from "../payment/payment_id.ts";
import {
  attemptOf,
  type OrderRecord,
  type PaymentStatus,
} from "../payment/record.ts";
import { dueOrders } from "../payment/transition.ts";
import { pagesOfAnswering } from "../store/indexes.ts";
import { readRecords } from "../store/record.ts";
import { lifeOf, type OrderLife, type StoredCallback } from "./life.ts";
import { type CallbackQueuePage, listQueues } from "./callback_queues.ts";

/** The order that an operator looks for. */
export interface OrderQuery {
  readonly paymentId?: string;
  readonly orderId?: string;
  /**
   * The merchant whose orders are searched; those of all merchants if absent.
   */
  readonly merchantId?: string;
}

/** A payment under way. */
export interface DuePayment {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly orderId: string;
  readonly status: PaymentStatus;
  readonly amountMinor: number;
  readonly currency: string;
  /** RFC 3339; when a sweeper looks at the payment next. */
  readonly dueAt: string;
  readonly createdAt: string;
}

/** What was read of all cells. */
interface OfCells {
  /**
   * The number of cells of the store that did not answer and are left out; absent if all
   * answered.
   */
  readonly cellsSilent?: number | undefined;
}

/** The payments under way that are due first. */
export interface DuePayments extends OfCells {
  readonly payments: readonly DuePayment[];
}

/** The orders that were found, each with its life. */
export interface FoundOrders extends OfCells {
  readonly orders: readonly OrderLife[];
}

/** The use cases of an operator. */
export interface OperatorDesk {
  /** The orders that are looked for, each with its life. */
  findOrders(query: OrderQuery): Promise<FoundOrders | Refusal>;
  /** The payments under way that are due first. */
  duePayments(): Promise<DuePayments>;
  /** The queues of a page of merchants. */
  callbackQueues(cursor?: string): Promise<CallbackQueuePage | Refusal>;
  /** A page of a merchant's callbacks. */
  callbacks(
    merchantId: string,
    query: CallbackQuery,
  ): Promise<CallbackPage | Refusal>;
  /** Queues a callback of any merchant again. */
  replay(callbackId: string): Promise<CallbackView | Refusal>;
}

/** What the desk needs. */
export interface DeskDeps extends ReplayDeps {
  readonly merchants: Pick<Merchants, "list">;
}

/**
 * The most orders that are shown, because several merchants may have chosen the
 * same order id.
 */
const MOST_ORDERS = 20;
/** The most payments under way that are listed. */
const MOST_DUE = 100;
/**
 * The most versions of an order whose callbacks are shown; the latest ones
 * count.
 */
const MOST_VERSIONS = 100;

/** Makes the {@linkcode OperatorDesk}. */
export function createOperatorDesk(deps: DeskDeps): OperatorDesk {
  return {
    findOrders: (query) => findOrders(deps, query),
    duePayments: () => duePayments(deps),
    callbackQueues: (cursor) => listQueues(deps, cursor),
    callbacks: (merchantId, query) =>
      isId("mer", merchantId)
        ? listCallbacks(deps.store, merchantId, query)
        : Promise.resolve({ callbacks: [] }),
    replay: (callbackId) => replay(deps, callbackId),
  };
}

async function findOrders(
  deps: DeskDeps,
  { paymentId, orderId, merchantId }: OrderQuery,
): Promise<FoundOrders | Refusal> {
  if (paymentId !== undefined) {
    if (!isPaymentId(paymentId)) return { orders: [] };
    const found = await readOrders(deps, [orderNameOf(paymentId)]);
    return await livesOf(
      deps,
      found.filter((order) => attemptOf(order, paymentId) !== null),
    );
  }
  if (merchantId !== undefined) {
    const name = orderName(merchantId, orderId!);
    return await livesOf(deps, await readOrders(deps, [name]));
  }
  const found: OrderRecord[] = [];
  let cursor: string | undefined;
  let cellsSilent: number | undefined;
  do {
    const page = await deps.merchants.list(cursor);
    if (isRefusal(page)) return page;
    const names = page.merchants.map((it) =>
      orderName(it.merchant_id, orderId!)
    );
    found.push(...await readOrders(deps, names));
    ({ cursor } = page);
    cellsSilent ??= page.cellsSilent;
  } while (cursor !== undefined && found.length < MOST_ORDERS);
  return { ...await livesOf(deps, found.slice(0, MOST_ORDERS)), cellsSilent };
}

async function readOrders(
  { store }: DeskDeps,
  names: readonly string[],
): Promise<OrderRecord[]> {
  if (names.length === 0) return [];
  const held = await readRecords(store, names.map((name) => orders(name)));
  return held.flatMap(({ value }) => value === null ? [] : [value]);
}

async function livesOf(
  deps: DeskDeps,
  found: readonly OrderRecord[],
): Promise<FoundOrders> {
  const lives: OrderLife[] = [];
  for (const order of found) {
    const callbacks = await callbacksOf(deps, order);
    const { cells } = deps.store;
    lives.push(
      lifeOf(order, callbacks, (name) => cells?.cellOf(name) ?? undefined),
    );
  }
  return { orders: lives };
}

/** The callbacks of an order, oldest first. */
async function callbacksOf(
  { store }: DeskDeps,
  { merchant_id, order_id, version, first_version }: OrderRecord,
): Promise<StoredCallback[]> {
  const ids: string[] = [];
  const oldest = Math.max(first_version, version - MOST_VERSIONS + 1);
  for (let it = oldest; it <= version; it++) {
    ids.push(callbackId(merchant_id, order_id, it));
  }
  const { found } = await readMessages(store, merchant_id, ids);
  const records = ids.flatMap((id) => found.get(id)?.record ?? []);
  if (records.length === 0) return [];
  const earlier = await readRecords(
    store,
    records.map((it) => earlierAttempts(it.callback_id)),
  );
  return records.map((record, i) => ({
    record,
    attempts: [
      ...earlier[i]!.value ?? [],
      ...record.last_attempt === undefined ? [] : [record.last_attempt],
    ],
  }));
}

async function duePayments(deps: DeskDeps): Promise<DuePayments> {
  const { pages: [entries = []], silent } = await pagesOfAnswering(deps.store, [
    dueOrders.page(MOST_DUE),
  ]);
  const dueMs = new Map(entries.map((it) => [it.member, it.score]));
  const found = await readOrders(deps, entries.map(({ member }) => member));
  const payments = found.flatMap(({ merchant_id, order_id, payment }) => {
    if (payment === null) return [];
    const due = dueMs.get(orderName(merchant_id, order_id))!;
    return [{
      paymentId: payment.payment_id,
      merchantId: merchant_id,
      orderId: order_id,
      status: payment.status,
      amountMinor: payment.amount_minor,
      currency: payment.currency,
      dueAt: timeText(due),
      createdAt: timeText(payment.created_ms),
    }];
  });
  return { payments, ...(silent > 0 && { cellsSilent: silent }) };
}

async function replay(
  deps: DeskDeps,
  callbackId: string,
): Promise<CallbackView | Refusal> {
  if (!isId("cb", callbackId)) return refused("not-found");
  const [{ value: record }] = await readRecords(deps.store, [
    messages(callbackId),
  ]);
  return record === null
    ? refused("not-found")
    : await replayOne(deps, record.merchant_id, callbackId);
}
