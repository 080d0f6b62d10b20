/**
 * The life of an order: what was written of it and of its callbacks, step by step in
 * the order of time. Pure.
 *
 * @module
 */

import { timeText } from "../base/clock.ts";
import type { Attempt, CallbackRecord } from "../callback/message/record.ts";
import {
  type EarlierAttempt,
  type OrderRecord,
  type OrderState,
  orderState,
  type PaymentRecord,
  type PaymentStatus,
  waitsFor,
} from "../payment/record.ts";
import { orderName } from "../payment/payment_id.ts";
import { accountKey, orderKey } from "../store/keys.ts";
import type { RefundRecord } from "../payment/refund.ts";

/** What a step can be. */
export const STEPS = [
  "accepted",
  "confirmed",
  "awaiting_confirmation",
  "succeeded",
  "declined",
  "reversing",
  "reversed",
  "closed_unseen",
  "refund_asked",
  "refund_succeeded",
  "refund_declined",
  "callback_queued",
  "callback_attempt",
  "callback_delivered",
  "callback_dead",
] as const;

/** The name of a step. */
export type StepName = typeof STEPS[number];

/** One step of an order's life. */
export interface LifeStep {
  /** RFC 3339. */
  readonly at: string;
  readonly step: StepName;
  readonly paymentId?: string;
  readonly refundId?: string;
  readonly callbackId?: string;
  /**
   * Only for a refund: its amount, in minor units of the payment's currency.
   */
  readonly amountMinor?: number;
  /** Why it was declined, or why a callback was given up. */
  readonly reason?: string | undefined;
  /** Only for a callback: what it reports. */
  readonly type?: CallbackRecord["type"];
  /** Only for an attempt to deliver a callback. */
  readonly httpStatus?: number | undefined;
  readonly error?: string | undefined;
  readonly response?: string | undefined;
  readonly durationMs?: number;
}

/** A payment as an operator sees it. */
export interface PaymentOfLife {
  readonly paymentId: string;
  readonly status: PaymentStatus;
  readonly amountMinor: number;
  readonly currency: string;
  readonly accountId: string;
  /** The cell of the customer; absent where the store has one cell. */
  readonly cell?: number | undefined;
  readonly payer: string;
  readonly confirmed: boolean;
  readonly description?: string | undefined;
  readonly storeId?: string | undefined;
  readonly terminalId?: string | undefined;
  readonly declineReason?: string | undefined;
  readonly waitsFor?: "ledger" | "customer" | undefined;
  /**
   * RFC 3339; no debit is started after this moment. Absent once the payment
   * has ended.
   */
  readonly deadlineAt?: string;
}

/** An order, its payments and its steps. */
export interface OrderLife {
  readonly merchantId: string;
  readonly orderId: string;
  /** The cell of the order; absent where the store has one cell. */
  readonly cell?: number | undefined;
  readonly state: OrderState;
  readonly orderVersion: number;
  /** Oldest first; the last one decides about the order. */
  readonly payments: readonly PaymentOfLife[];
  readonly steps: readonly LifeStep[];
}

/** A callback and its attempts, oldest first. */
export interface StoredCallback {
  readonly record: CallbackRecord;
  readonly attempts: readonly Attempt[];
}

/** Finds the cell of a record by its name. */
export type CellOf = (name: string) => number | undefined;

/** The life of an order with these callbacks. */
export function lifeOf(
  order: OrderRecord,
  callbacks: readonly StoredCallback[],
  cellOf: CellOf,
): OrderLife {
  const { payment, earlier } = order;
  const steps: LifeStep[] = [
    ...earlier.flatMap(stepsOfEarlier),
    ...payment === null
      ? [{
        at: timeText(order.first_version * 1_000),
        step: "closed_unseen" as const,
      }]
      : stepsOfPayment(payment),
    ...callbacks.flatMap(stepsOfCallback),
  ];
  return {
    merchantId: order.merchant_id,
    orderId: order.order_id,
    cell: cellOf(orderKey(orderName(order.merchant_id, order.order_id))),
    state: orderState(order),
    orderVersion: order.version,
    payments: [
      ...earlier.map((it) => viewOf(it, "declined", cellOf)),
      ...payment === null ? [] : [viewOf(payment, payment.status, cellOf)],
    ],
    // The sort is stable, so steps of the same moment keep their order.
    steps: steps.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)),
  };
}

function viewOf(
  it: EarlierAttempt & Partial<PaymentRecord>,
  status: PaymentStatus,
  cellOf: CellOf,
): PaymentOfLife {
  const { deadline_ms = 0 } = it;
  return {
    paymentId: it.payment_id,
    status,
    amountMinor: it.amount_minor,
    currency: it.currency,
    accountId: it.account_id,
    cell: cellOf(accountKey(it.account_id)),
    payer: it.payer,
    confirmed: it.confirmed,
    description: it.description,
    storeId: it.store_id,
    terminalId: it.terminal_id,
    declineReason: it.decline_reason,
    waitsFor: waitsFor(status),
    ...(deadline_ms > 0 && { deadlineAt: timeText(deadline_ms) }),
  };
}

function stepsOfEarlier(it: EarlierAttempt): LifeStep[] {
  const { payment_id: paymentId, decline_reason: reason } = it;
  return [
    { at: timeText(it.created_ms), step: "accepted", paymentId },
    { at: timeText(it.updated_ms), step: "declined", paymentId, reason },
  ];
}

function stepsOfPayment(payment: PaymentRecord): LifeStep[] {
  const { payment_id: paymentId, status, paid_ms, refunds = [] } = payment;
  const step = (
    ms: number,
    step: StepName,
    more: Partial<LifeStep> = {},
  ): LifeStep => ({
    at: timeText(ms),
    step,
    paymentId,
    ...more,
  });
  const last = lastStepOf(payment);
  return [
    step(payment.created_ms, "accepted"),
    ...paid_ms === undefined ? [] : [step(paid_ms, "succeeded")],
    ...last === null ? [] : [
      step(payment.updated_ms, last, {
        reason: status === "declined" ? payment.decline_reason : undefined,
      }),
    ],
    ...refunds.flatMap((refund) =>
      stepsOfRefund(refund).map((it) => ({ ...it, paymentId }))
    ),
  ];
}

/** The step of a payment's latest change; `null` if it has not changed yet. */
function lastStepOf(
  { status, confirmed, created_ms, updated_ms }: PaymentRecord,
): StepName | null {
  switch (status) {
    case "refunded":
      // A refunded payment keeps the time of its success.
      return "succeeded";
    case "processing":
      return confirmed && updated_ms > created_ms ? "confirmed" : null;
    default:
      return status;
  }
}

function stepsOfRefund(refund: RefundRecord): LifeStep[] {
  const about = {
    refundId: refund.refund_id,
    amountMinor: refund.amount_minor,
  };
  const asked: LifeStep = {
    at: timeText(refund.created_ms),
    step: "refund_asked",
    ...about,
  };
  if (refund.status === "processing") return [asked];
  return [asked, {
    at: timeText(refund.updated_ms),
    step: `refund_${refund.status}`,
    ...about,
    reason: refund.decline_reason,
  }];
}

function stepsOfCallback({ record, attempts }: StoredCallback): LifeStep[] {
  const { callback_id: callbackId, type, ended_at, status } = record;
  const about = { callbackId, type };
  const isOver = status !== "pending" && ended_at !== undefined;
  return [
    { at: record.created_at, step: "callback_queued", ...about },
    ...attempts.map(({ at, duration_ms, status, error, response }) => ({
      ...{ at, ...about, durationMs: duration_ms },
      step: "callback_attempt" as const,
      ...{ httpStatus: status, error, response },
    })),
    ...isOver
      ? [{
        ...{ at: ended_at, ...about, reason: record.dead_reason },
        step: `callback_${status}` as const,
      }]
      : [],
  ];
}
