/**
 * How a callback is queued: by what the transaction that ends a payment writes
 * beside the payment. There is no end without its message and no message
 * without the end.
 *
 * The message has one id for ever, made of the order and its version: the same
 * transaction, sent twice, can only write the same message, and the messages
 * of an order are found from the order's version alone.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Consequence } from "../../payment/consequence.ts";
import { orderName } from "../../payment/payment_id.ts";
import { type PaymentRecord, viewPayment } from "../../payment/record.ts";
import {
  CALLBACK_TTL_MS,
  callbackEndpointKey,
  callbackKey,
  callbackLaneKey,
  callbacksKey,
  callbackTurnKey,
  DUE_CALLBACKS_KEY,
  latestFirst,
} from "../../store/keys.ts";
import { type Check, unchanged, type Write } from "../../store/store.ts";
import type { CallbackRecord, CallbackType, EndpointRecord } from "./record.ts";

/** A merchant with callbacks is looked at once a day: what is old goes then. */
export const HOUSEKEEPING_MS = 86_400_000;

const HEX_OF_128_BITS = 32;
/** What is old and sent again is kept for as long as that takes. */
const LEAST_TTL_MS = 4 * 86_400_000;

/** The id of the callback that tells of an order's version. */
export function callbackId(
  merchantId: string,
  orderId: string,
  version: number,
): string {
  const name = `${orderName(merchantId, orderId)}:${version}`;
  const hash = createHash("sha256").update(name).digest("hex");
  return `cb_${hash.slice(0, HEX_OF_128_BITS)}`;
}

/** How much longer a message is kept, in ms; four days at least. */
export function messageTtlMs(record: CallbackRecord, nowMs: number): number {
  const untilMs = Date.parse(record.created_at) + CALLBACK_TTL_MS;
  return Math.max(untilMs - nowMs, LEAST_TTL_MS);
}

/**
 * The consequence of a payment's end that notifies its merchant. `onDue` is
 * called with each merchant for whom a callback was queued.
 */
export function createCallbackConsequence(
  onDue: (merchantId: string) => void,
): Consequence {
  return {
    reads: (merchantId) => [callbackEndpointKey(merchantId)],
    plan({ after, nowMs }, [endpointRaw = null]) {
      const plan = planCallback(after, endpointRaw, nowMs);
      if (endpointRaw === null) return plan;
      return { ...plan, onCommitted: () => onDue(after.merchant_id) };
    },
  };
}

/** The writes that notify a merchant of an end, if it has an endpoint. */
export function planCallback(
  payment: PaymentRecord,
  endpointRaw: string | null,
  nowMs: number,
): { checks: Check[]; writes: Write[] } {
  const { merchant_id, order_id, payment_id, order_version } = payment;
  const checks = [unchanged(callbackEndpointKey(merchant_id), endpointRaw)];
  if (endpointRaw === null) return { checks, writes: [] };
  const id = callbackId(merchant_id, order_id, order_version);
  const type = `payment.${payment.status}` as CallbackType;
  const timestamp = new Date(nowMs).toISOString();
  const record: CallbackRecord = {
    callback_id: id,
    merchant_id,
    order_id,
    payment_id,
    type,
    status: "pending",
    payload: JSON.stringify({ type, timestamp, data: viewPayment(payment) }),
    lane: "first",
    tries: 0,
    attempts: 0,
    due_ms: nowMs,
    created_at: timestamp,
  };
  const writes: Write[] = [
    {
      kind: "set",
      key: callbackKey(id),
      value: JSON.stringify(record),
      ttlMs: CALLBACK_TTL_MS,
    },
    {
      kind: "index",
      index: callbacksKey(merchant_id),
      member: id,
      score: latestFirst(nowMs),
    },
    {
      kind: "index",
      index: callbackLaneKey(merchant_id, "first"),
      member: id,
      score: nowMs,
    },
  ];
  const { status } = JSON.parse(endpointRaw) as EndpointRecord;
  if (status === "active") writes.push(...planWake(merchant_id, nowMs, id));
  else {
    // What waits for an endpoint that takes nothing must go when it is old.
    writes.push({
      kind: "index",
      index: DUE_CALLBACKS_KEY,
      member: merchant_id,
      score: nowMs + HOUSEKEEPING_MS,
      onlyIfLower: true,
    });
  }
  return { checks, writes };
}

/**
 * Has a merchant's lanes looked at by `atMs`. Whatever may be due earlier than
 * before comes with this; `turn` differs each time.
 */
export function planWake(
  merchantId: string,
  atMs: number,
  turn: string,
): Write[] {
  return [
    {
      kind: "set",
      key: callbackTurnKey(merchantId),
      value: turn,
      ttlMs: CALLBACK_TTL_MS,
    },
    {
      kind: "index",
      index: DUE_CALLBACKS_KEY,
      member: merchantId,
      score: atMs,
      onlyIfLower: true,
    },
  ];
}
