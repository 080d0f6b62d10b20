/**
 * One step of a refund: the next record of its order, and the transaction that writes it.
 * The end of a refund and its callback are written together or not at all. Pure.
 *
 * @module
 */

import type { Guard } from "../store/commit.ts";
import { refundKey } from "../store/keys.ts";
import { plainText, recordKind } from "../store/record.ts";
import type { Write } from "../store/store.ts";
import type { Consequence } from "./consequence.ts";
import type { OrderRecord, PaymentRecord } from "./record.ts";
import {
  isRefunding,
  refundedMinor,
  refundName,
  type RefundRecord,
} from "./refund.ts";
import { type RefundTransition, transitionOf } from "./states.ts";
import {
  type Current,
  dueOrders,
  type PaymentTimes,
  planConsequence,
  type Planned,
  RECOVER_AFTER_MS,
} from "./transition.ts";

/** The name of a refund's order, by the refund's name. */
export const refundOrders = recordKind({ key: refundKey, form: plainText });

/** A step of a refund. */
export interface RefundStep {
  readonly refundId: string;
  readonly row: RefundTransition;
  /** Only for a refund that begins. */
  readonly amountMinor?: number;
  readonly reason?: string | undefined;
  /** Only for a refund that the ledger declined. */
  readonly declineReason?: string;
}

/**
 * The record and the commit of one step. Its guards are labelled `order`, `refund` (only
 * if the refund begins: no other order has a refund with this name), and by the names that
 * a consequence reads.
 */
export function planRefund(
  current: Current,
  step: RefundStep,
  nowMs: number,
  times: PaymentTimes,
  consequence: Consequence,
): Planned {
  const { name, order, payment } = current;
  const { row, refundId } = step;
  const version = order.version + 1;
  const refunds = payment.refunds ?? [];
  const before = refunds.find(({ refund_id }) => refund_id === refundId);
  const { reason = before?.reason, declineReason } = step;
  const refund: RefundRecord = {
    refund_id: refundId,
    amount_minor: before?.amount_minor ?? step.amountMinor!,
    status: row.to,
    ...(reason !== undefined && { reason }),
    ...(declineReason !== undefined && { decline_reason: declineReason }),
    order_version: version,
    created_ms: before?.created_ms ?? nowMs,
    updated_ms: nowMs,
  };
  const changed: PaymentRecord = {
    ...payment,
    order_version: version,
    refunds: before === undefined
      ? [...refunds, refund]
      : refunds.map((it) => it === before ? refund : it),
  };
  const isWhole = refundedMinor(changed) === payment.amount_minor;
  const next: PaymentRecord = {
    ...changed,
    // `updated_ms` is left unchanged, because it is the time of the payment.
    status: isWhole
      ? transitionOf(payment.status, "refunded", undefined)!.to
      : payment.status,
  };
  const nextOrder: OrderRecord = { ...order, version, payment: next };
  // While a refund is under way, the order never expires.
  const underWay = isRefunding(next);
  const ttlMs = underWay ? undefined : times.recordMs;
  const { held, write } = current.held.put(nextOrder, ttlMs);
  const place = refundOrders(refundName(payment.merchant_id, refundId));
  const guards: Guard<string>[] = [current.held.unchanged("order")];
  if (before === undefined) guards.push(place.absent("refund"));
  const writes: Write[] = [
    write,
    place.set(name, times.recordMs),
    underWay
      ? dueOrders.put(name, nowMs + RECOVER_AFTER_MS)
      : dueOrders.remove(name),
  ];
  const caused = row.due === "never"
    ? planConsequence(
      { before: payment, after: next, refund, nowMs },
      current,
      consequence,
    )
    : null;
  return {
    next: { ...current, held, order: nextOrder, payment: next },
    commit: {
      guards: [...guards, ...caused?.guards ?? []],
      writes: [...writes, ...caused?.writes ?? []],
    },
    ...(caused?.onCommitted && { onCommitted: caused.onCommitted }),
  };
}
