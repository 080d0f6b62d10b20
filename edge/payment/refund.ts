/**
 * What is stored of a refund, what its merchant sees, and how much of a payment
 * its refunds take up. The refunds of a payment are kept in the record of its
 * order, so that one check guards them all. Pure.
 *
 * @module
 */

import { timeText } from "../base/clock.ts";
import { orderName } from "./payment_id.ts";

/** The state of a refund. */
export type RefundStatus = "processing" | "succeeded" | "declined";

/** A refund of a payment, or of a part of it. */
export interface RefundRecord {
  /** The merchant's name of it. */
  readonly refund_id: string;
  readonly amount_minor: number;
  readonly status: RefundStatus;
  /** What the merchant says of it. */
  readonly reason?: string;
  readonly decline_reason?: string;
  /** Version of the order with which it changed last. */
  readonly order_version: number;
  /** Unix ms. */
  readonly created_ms: number;
  readonly updated_ms: number;
}

/** A payment as far as its refunds depend on it. */
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
  /** Of the payment, by all its refunds that succeeded. */
  readonly refundedMinor: number;
  readonly orderVersion: number;
  readonly repeat?: true;
  readonly reason?: string;
  readonly declineReason?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The same in the list of its payment, which says the rest. */
export type RefundOfPayment = Pick<
  RefundView,
  "refundId" | "status" | "amountMinor" | "declineReason" | "createdAt"
>;

/** The name of a merchant's refund: in the store, and to the ledger. */
export function refundName(merchantId: string, refundId: string): string {
  return `ref_${orderName(merchantId, refundId)}`;
}

/** The refund that a merchant calls so, if the payment has one. */
export function refundOf(
  { refunds = [] }: Refundable,
  refundId: string,
): RefundRecord | undefined {
  return refunds.find(({ refund_id }) => refund_id === refundId);
}

/** What was given back of a payment, minor units. */
export function refundedMinor({ refunds = [] }: Refundable): number {
  return sumOf(refunds.filter(({ status }) => status === "succeeded"));
}

/** What may yet be given back: what is neither given nor being given back. */
export function refundableMinor(payment: Refundable): number {
  const { amount_minor, refunds = [] } = payment;
  return amount_minor -
    sumOf(refunds.filter(({ status }) => status !== "declined"));
}

/** Whether the ledger's word on one of its refunds is missing. */
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

/** What a payment says of its refunds; nothing where it has none. */
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
