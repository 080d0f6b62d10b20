/**
 * Queues a callback: the transaction that ends a payment or a refund also writes
 * the message, so a message exists exactly if one of them has ended.
 *
 * The message's id is derived from the order and its version. A transaction that
 * is sent twice therefore writes the same message, and the messages of an order
 * can be found from the order's version alone.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Mode } from "../../base/ids.ts";
import type { Consequence, PaymentEnd } from "../../payment/consequence.ts";
import { orderName } from "../../payment/payment_id.ts";
import { snakeNames } from "../../base/spelling.ts";
import { viewPayment } from "../../payment/record.ts";
import { viewRefund } from "../../payment/refund.ts";
import type { Guard } from "../../store/commit.ts";
import { callbackEndpointKey, latestFirst } from "../../store/keys.ts";
import { placeOfId, withPlace } from "../../store/place.ts";
import type { Held } from "../../store/record.ts";
import type { Write } from "../../store/store.ts";
import type { CallbackRecord, CallbackType, EndpointRecord } from "./record.ts";
import {
  callbackLists,
  DUE_MERCHANTS,
  endpoints,
  laneRevisions,
  lanes,
  messages,
  takesMessages,
} from "./stored.ts";

/**
 * Merchants with callbacks are looked at once a day, to remove expired
 * callbacks.
 */
export const HOUSEKEEPING_MS = 86_400_000;

const HEX_OF_128_BITS = 32;

/**
 * The id of the callback that notifies the merchant of one version of an order. It has the
 * merchant's place.
 */
export function callbackId(
  merchantId: string,
  orderId: string,
  version: number,
): string {
  const name = `${orderName(merchantId, orderId)}:${version}`;
  const hash = createHash("sha256").update(name).digest("hex");
  const digits = hash.slice(0, HEX_OF_128_BITS);
  return `cb_${withPlace(digits, placeOfId(merchantId))}`;
}

/**
 * The consequence of a payment's end that notifies its merchant. `onDue` is
 * called with each merchant for whom a callback was queued.
 */
export function createCallbackConsequence(
  mode: Mode,
  onDue: (merchantId: string) => void,
): Consequence {
  return {
    reads: (merchantId) => [callbackEndpointKey(merchantId)],
    plan(end, [endpointText = null]) {
      const { merchant_id } = end.after;
      const endpoint = endpoints(merchant_id).held(endpointText);
      const { guard, writes } = planCallback(end, endpoint, mode);
      const plan = { checks: [guard], writes };
      if (endpoint.isAbsent) return plan;
      return { ...plan, onCommitted: () => onDue(merchant_id) };
    },
  };
}

/** The writes that notify a merchant of an end, if it has an endpoint. */
export function planCallback(
  end: Omit<PaymentEnd, "before">,
  endpoint: Held<EndpointRecord, "merchant">,
  mode: Mode,
): { guard: Guard<"endpoint">; writes: Write[] } {
  const guard = endpoint.unchanged("endpoint");
  if (endpoint.isAbsent) return { guard, writes: [] };
  const { after: { merchant_id }, nowMs } = end;
  const record = newCallback(end, mode);
  const id = record.callback_id;
  const writes: Write[] = [
    messages(id).set(record),
    callbackLists(merchant_id).put(id, latestFirst(nowMs)),
    lanes(merchant_id, record.lane).put(id, nowMs),
  ];
  if (takesMessages(endpoint)) writes.push(...planWake(merchant_id, nowMs, id));
  else {
    // The message waits in its lane until the endpoint is active again. The daily
    // look removes it if it expires before that.
    const lookMs = nowMs + HOUSEKEEPING_MS;
    writes.push(DUE_MERCHANTS.putLower(merchant_id, lookMs));
  }
  return { guard, writes };
}

function newCallback(
  { after, refund, nowMs }: Omit<PaymentEnd, "before">,
  mode: Mode,
): CallbackRecord {
  const { merchant_id, order_id, payment_id, order_version } = after;
  const type =
    (refund === undefined
      ? `payment.${after.status}`
      : `refund.${refund.status}`) as CallbackType;
  const timestamp = new Date(nowMs).toISOString();
  const data = snakeNames(
    refund === undefined ? viewPayment(after) : viewRefund(after, refund),
  );
  return {
    callback_id: callbackId(merchant_id, order_id, order_version),
    merchant_id,
    order_id,
    payment_id,
    type,
    status: "pending",
    payload: JSON.stringify({ type, timestamp, mode, data }),
    lane: "first",
    tries: 0,
    attempts: 0,
    due_ms: nowMs,
    created_at: timestamp,
  };
}

/**
 * Has a merchant's lanes looked at by `atMs`. Every transaction that may make a
 * message due earlier than before includes these writes; `revision` is a new value
 * each time.
 */
export function planWake(
  merchantId: string,
  atMs: number,
  revision: string,
): Write[] {
  return [
    laneRevisions(merchantId).set(revision),
    DUE_MERCHANTS.putLower(merchantId, atMs),
  ];
}
