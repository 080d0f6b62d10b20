/**
 * The record of a refund, the form that its merchant sees, and the arithmetic of a
 * payment's refunds. The refunds of a payment are kept in the record of its order, so that
 * one guard protects them all. Pure.
 *
 * @module
 */

import { timeText } from "../base/clock.ts";
import { orderName } from "./payment_id.ts";

/** The state of a refund. */
export type RefundStatus = "processing" | "succeeded" | "declined";

/** A refund of a payment, or of a part of it. */
export interface RefundRecord {
  /** The merchant's id of the refund. */
  readonly refund_id: string;
  readonly amount_minor: number;
  readonly status: RefundStatus;
  /** The merchant's reason for the refund. */
  readonly reason?: string;
  readonly decline_reason?: string;
  /** The version of the order with which the refund last changed. */
  readonly order_version: number;
  /** Unix ms. */
  readonly created_ms: number;
  readonly updated_ms: number;
}

/** The fields of a payment on which its refunds depend. */
export interface Refundable {
  readonly amount_minor: number;
  readonly refunds?: readonly RefundRecord[];
}

/** A refund as its merchant sees it. */
export interface RefundView {
  readonly refundId: string;
  readonly orderId: string;
  readonly paymentId: string;
  readonly status: RefundStatus;
  readonly amountMinor: number;
  readonly currency: string;
  /** The amount that all succeeded refunds of the payment gave back. */
  readonly refundedMinor: number;
  readonly orderVersion: number;
  readonly repeat?: true;
  readonly reason?: string;
  readonly declineReason?: string;
  /** Only for a refund under way: in how many seconds to ask for its state. */
  readonly nextQuerySeconds?: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/**
 * A refund in the list of its payment; the other fields are those of the
 * payment.
 */
export type RefundOfPayment = Pick<
  RefundView,
  "refundId" | "status" | "amountMinor" | "declineReason" | "createdAt"
>;

/** The name of a merchant's refund in the store and in calls of the ledger. */
export function refundName(merchantId: string, refundId: string): string {
  return `ref_${orderName(merchantId, refundId)}`;
}

/** The refund with this id of the merchant, if the payment has it. */
export function refundOf(
  { refunds = [] }: Refundable,
  refundId: string,
): RefundRecord | undefined {
  return refunds.find(({ refund_id }) => refund_id === refundId);
}

/** The amount that was given back of a payment, in minor units. */
export function refundedMinor({ refunds = [] }: Refundable): number {
  return sumOf(refunds.filter(({ status }) => status === "succeeded"));
}

/**
 * The amount that may still be refunded: without refunds that succeeded or are
 * under way.
 */
export function refundableMinor(payment: Refundable): number {
  const { amount_minor, refunds = [] } = payment;
  return amount_minor -
    sumOf(refunds.filter(({ status }) => status !== "declined"));
}

/** Whether a refund of the payment is under way. */
export function isRefunding({ refunds = [] }: Refundable): boolean {
  return refunds.some(({ status }) => status === "processing");
}

function sumOf(refunds: readonly RefundRecord[]): number {
  return refunds.reduce((sum, { amount_minor }) => sum + amount_minor, 0);
}

/** A refund as its merchant may see it. */
export function viewRefund(
  payment: Refundable & {
    readonly order_id: string;
    readonly payment_id: string;
    readonly currency: string;
  },
  refund: RefundRecord,
): RefundView {
  return {
    orderId: payment.order_id,
    paymentId: payment.payment_id,
    currency: payment.currency,
    refundedMinor: refundedMinor(payment),
    orderVersion: refund.order_version,
    ...(refund.reason !== undefined && { reason: refund.reason }),
    ...shortView(refund),
    updatedAt: timeText(refund.updated_ms),
  };
}

/**
 * The members about refunds in the view of a payment; none if it has no
 * refunds.
 */
export function viewRefunds(payment: Refundable): {
  readonly refundedMinor?: number;
  readonly refunds?: readonly RefundOfPayment[];
} {
  const { refunds } = payment;
  if (refunds === undefined) return {};
  return {
    refundedMinor: refundedMinor(payment),
    refunds: refunds.map(shortView),
  };
}

function shortView(refund: RefundRecord): RefundOfPayment {
  const { decline_reason } = refund;
  return {
    refundId: refund.refund_id,
    status: refund.status,
    amountMinor: refund.amount_minor,
    ...(decline_reason !== undefined && { declineReason: decline_reason }),
    createdAt: timeText(refund.created_ms),
  };
}
