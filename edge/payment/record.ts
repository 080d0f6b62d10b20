/**
 * What is stored of an order and of its payments, and what a merchant sees.
 *
 * The order id is the merchant's name for a purchase; every scanned code is an
 * attempt at it, and each attempt that was accepted is a payment of its own.
 * One record holds the order, its latest payment whole, and what is left of the
 * attempts before it, so that one read shows them as they were at one moment
 * and one check guards them all.
 *
 * @module
 */

import { encode } from "../base/base64url.ts";
import { timeText } from "../base/clock.ts";
import type { MerchantRecord } from "../merchant/record.ts";
import type { Taken } from "../risk/limits.ts";
import type { WaitsFor } from "../base/outcome.ts";
import type { KeyedHash, Vault } from "../vault/seal.ts";
import {
  isRefunding,
  type RefundOfPayment,
  type RefundRecord,
  viewRefunds,
} from "./refund.ts";

/** The state of an order. */
export type OrderState =
  | "open"
  | "paid"
  | "declined"
  | "reversing"
  | "reversed"
  | "refunded";

/** The status of a payment. */
export type PaymentStatus =
  | "processing"
  | "awaiting_confirmation"
  | "succeeded"
  | "declined"
  | "reversing"
  | "reversed"
  | "refunded";

/** An order with its payments. */
export interface OrderRecord {
  readonly merchant_id: string;
  readonly order_id: string;
  /**
   * Rises with every change of the order. It begins with the unix second of
   * the order's creation: where a merchant uses a number again after its record
   * expired, no version and no callback id comes a second time.
   */
  readonly version: number;
  /** The version that it began with. */
  readonly first_version: number;
  /** The latest attempt; `null` for an order reversed before it was seen. */
  readonly payment: PaymentRecord | null;
  /** Declined attempts before the latest, oldest first, at most 16. */
  readonly earlier: readonly EarlierAttempt[];
}

/** What is kept of an attempt that was declined and followed by another. */
export type EarlierAttempt = Pick<
  PaymentRecord,
  | "payment_id"
  | "amount_minor"
  | "currency"
  | "account_id"
  | "payer"
  | "order_version"
  | "description"
  | "terminal_id"
  | "decline_reason"
  | "confirmed"
  | "created_ms"
  | "updated_ms"
>;

/** A payment. */
export interface PaymentRecord {
  readonly payment_id: string;
  readonly merchant_id: string;
  /** For the customer who is to confirm; empty once the payment has ended. */
  readonly merchant_name: string;
  readonly order_id: string;
  readonly status: PaymentStatus;
  readonly amount_minor: number;
  readonly currency: string;
  readonly account_id: string;
  /** Fingerprint of the code that was scanned. */
  readonly code_hash: KeyedHash;
  readonly payer: string;
  readonly order_version: number;
  readonly description?: string;
  readonly terminal_id?: string;
  readonly decline_reason?: string;
  /** Whether the customer has agreed to this very payment. */
  readonly confirmed: boolean;
  /** No debit is started after this moment, unix ms; 0 once it has ended. */
  readonly deadline_ms: number;
  /** What was taken from the account's limits beside the amount. */
  readonly taken: Taken;
  /**
   * Whether it may lift the guard against double scans that has its id; absent
   * for one that was scanned as such, since the guard is the first one's.
   */
  readonly guards_double_scan?: true;
  /** What a reversal in progress ends as. */
  readonly ends_as?: "reversed" | "declined";
  /** Unix ms. */
  readonly created_ms: number;
  /** Unix ms; of a payment that succeeded, when it did, refunded or not. */
  readonly updated_ms: number;
  /** Of one of several payments for one bill: the bill, and which it is, from 1. */
  readonly split?: { readonly of: string; readonly part: number };
  /** Its refunds in the order in which they began; absent: it has none. */
  readonly refunds?: readonly RefundRecord[];
}

/** The state of an order: it goes with that of its latest payment. */
export function orderState({ payment }: OrderRecord): OrderState {
  const status = payment?.status ?? "reversed";
  switch (status) {
    case "processing":
    case "awaiting_confirmation":
      return "open";
    case "succeeded":
      return "paid";
    default:
      return status;
  }
}

/** Whether nothing more is to be done about a payment itself. */
export function hasEnded(status: PaymentStatus): boolean {
  return waitsFor(status) === undefined;
}

/** Whether nothing more is to be done about a payment and its refunds. */
export function isSettled(payment: PaymentRecord): boolean {
  return hasEnded(payment.status) && !isRefunding(payment);
}

/** The version of an order that is created now. */
export function firstVersion(nowMs: number): number {
  return Math.floor(nowMs / 1000);
}

/** How many attempts before the latest an order keeps. */
const MOST_EARLIER = 16;

/** The attempts that an order keeps once another one follows its latest. */
export function earlierWith(
  { earlier, payment }: OrderRecord,
): readonly EarlierAttempt[] {
  if (payment === null) return earlier;
  const { description, terminal_id, decline_reason } = payment;
  const short: EarlierAttempt = {
    payment_id: payment.payment_id,
    amount_minor: payment.amount_minor,
    currency: payment.currency,
    account_id: payment.account_id,
    payer: payment.payer,
    order_version: payment.order_version,
    ...(description !== undefined && { description }),
    ...(terminal_id !== undefined && { terminal_id }),
    ...(decline_reason !== undefined && { decline_reason }),
    confirmed: payment.confirmed,
    created_ms: payment.created_ms,
    updated_ms: payment.updated_ms,
  };
  return [...earlier, short].slice(-MOST_EARLIER);
}

/** One payment of an order, its latest or an earlier one. */
export type Attempt = EarlierAttempt & {
  readonly order_id: string;
  readonly status: PaymentStatus;
  readonly ends_as?: "reversed" | "declined";
  /** Of the latest one only. */
  readonly deadline_ms?: number;
  readonly refunds?: readonly RefundRecord[];
  readonly split?: { readonly of: string; readonly part: number };
};

/** The attempt of an order that has this id, or `null`. */
export function attemptOf(
  order: OrderRecord,
  paymentId: string,
): Attempt | null {
  if (order.payment?.payment_id === paymentId) return order.payment;
  const short = order.earlier.find((it) => it.payment_id === paymentId);
  if (short === undefined) return null;
  return { ...short, order_id: order.order_id, status: "declined" };
}

/** A payment as its merchant sees it. */
export interface PaymentView {
  readonly paymentId: string;
  readonly orderId: string;
  readonly status: PaymentStatus;
  readonly amountMinor: number;
  readonly currency: string;
  readonly payer: string;
  readonly orderVersion: number;
  readonly repeat?: true;
  readonly description?: string;
  readonly terminalId?: string;
  readonly declineReason?: string;
  /** Only while the payment has not ended: whose word it waits for. */
  readonly waitsFor?: WaitsFor;
  /** Only while it has not ended: in how many seconds to ask for its state. */
  readonly nextQuerySeconds?: number;
  /** Where there are refunds: how much they gave back, and each of them. */
  readonly refundedMinor?: number;
  readonly refunds?: readonly RefundOfPayment[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** In how many seconds to ask for the result of a payment under way. */
export const QUERY_SECONDS = 2;

/** Whose word a payment waits for; nothing where it has ended. */
export function waitsFor(status: PaymentStatus): WaitsFor | undefined {
  switch (status) {
    case "processing":
    case "reversing":
      return "ledger";
    case "awaiting_confirmation":
      return "customer";
    case "succeeded":
    case "declined":
    case "reversed":
    case "refunded":
      return undefined;
  }
}

/** The part of a payment that its merchant may see. */
export function viewPayment(record: Attempt): PaymentView {
  const { description, terminal_id, decline_reason, refunds = [] } = record;
  const waits = waitsFor(record.status);
  const updatedMs = Math.max(
    record.updated_ms,
    ...refunds.map(({ updated_ms }) => updated_ms),
  );
  return {
    paymentId: record.payment_id,
    orderId: record.order_id,
    status: record.status,
    amountMinor: record.amount_minor,
    currency: record.currency,
    payer: record.payer,
    orderVersion: record.order_version,
    ...(description !== undefined && { description }),
    ...(terminal_id !== undefined && { terminalId: terminal_id }),
    // While a reversal is under way nothing is declined yet.
    ...(decline_reason !== undefined && record.status === "declined" &&
      { declineReason: decline_reason }),
    ...(waits !== undefined &&
      { waitsFor: waits, nextQuerySeconds: QUERY_SECONDS }),
    ...viewRefunds(record),
    createdAt: timeText(record.created_ms),
    updatedAt: timeText(updatedMs),
  };
}

/**
 * The payer as one merchant knows them: the same account is the same pseudonym
 * to one merchant and another to every other one. HMAC-SHA-256 under the
 * merchant's own key, first 128 bits.
 */
export function payerPseudonym(
  vault: Pick<Vault, "hmac">,
  merchant: MerchantRecord,
  accountId: string,
): string {
  const mac = vault.hmac(merchant.payer_key, accountId);
  return `payer_${encode(mac.subarray(0, 16))}`;
}
