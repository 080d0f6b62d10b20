/**
 * The records of orders and payments, and the forms that a merchant sees.
 *
 * The order id is the merchant's id of a purchase. Every scanned code is an attempt to
 * pay it, and each attempt that was accepted is a payment of its own. One record holds the
 * order, its latest payment, and a short form of the attempts before it. One read is
 * therefore a snapshot of all of them, and one guard protects them all.
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

/** What the customer's cell decided about a payment. */
export interface ClaimRecord {
  readonly state:
    /** The code was used and the limits were charged. */
    | "taken"
    /** The customer has confirmed the payment as well. */
    | "confirmed"
    /** The limits were given back. */
    | "given_back"
    /** There is no claim, and none can be made any more. */
    | "void";
  /** Whether the customer must confirm before the debit. */
  readonly awaits?: true;
}

/** An order with its payments. */
export interface OrderRecord {
  readonly merchant_id: string;
  readonly order_id: string;
  /**
   * Rises with every change of the order. It begins with the unix second of the order's
   * creation: if a merchant uses an order id again after the record has expired, no
   * version and no callback id is used a second time.
   */
  readonly version: number;
  /** The version with which the order began. */
  readonly first_version: number;
  /** The latest attempt; `null` for an order reversed before it was seen. */
  readonly payment: PaymentRecord | null;
  /** Declined attempts before the latest, oldest first, at most 16. */
  readonly earlier: readonly EarlierAttempt[];
}

/**
 * The fields that are kept of a declined attempt after another one followed it.
 */
export type EarlierAttempt = Pick<
  PaymentRecord,
  | "payment_id"
  | "amount_minor"
  | "currency"
  | "account_id"
  | "payer"
  | "order_version"
  | "description"
  | "store_id"
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
  /** Shown to a customer who has to confirm; empty once the payment has ended. */
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
  /** The merchant's own ids of the shop and of the till in it. */
  readonly store_id?: string;
  readonly terminal_id?: string;
  readonly decline_reason?: string;
  /** Whether the customer has confirmed this payment. */
  readonly confirmed: boolean;
  /** No debit is started after this moment, unix ms; 0 once it has ended. */
  readonly deadline_ms: number;
  /** What was taken from the account's limits besides the amount. */
  readonly taken: Taken;
  /**
   * Whether the guard against double scans may belong to this payment. If so, the
   * payment removes the guard when it is undone. Absent if this payment was itself
   * taken for a double scan, because the guard then belongs to the first payment.
   */
  readonly guards_double_scan?: true;
  /**
   * When the payment succeeded, unix ms; only once a reversal of it has begun. A
   * reversal of a payment that never succeeded does not have it.
   */
  readonly paid_ms?: number;
  /** The status with which a reversal under way will end. */
  readonly ends_as?: "reversed" | "declined";
  /**
   * What the payment took from its account's limits is not given back yet, because the
   * account's cell could not be reached.
   */
  readonly owes?: true;
  /** Unix ms. */
  readonly created_ms: number;
  /**
   * Unix ms. For a payment that succeeded, the time of its success; refunds do
   * not change it.
   */
  readonly updated_ms: number;
  /** For one of several payments of one bill: the bill, and the part's number, from 1. */
  readonly split?: { readonly of: string; readonly part: number };
  /**
   * The payment's refunds in the order in which they began; absent if it has
   * none.
   */
  readonly refunds?: readonly RefundRecord[];
}

/** The state of an order, which follows from its latest payment. */
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

/** Whether a payment has ended, without regard to its refunds. */
export function hasEnded(status: PaymentStatus): boolean {
  return waitsFor(status) === undefined;
}

/**
 * Whether a payment has ended with nothing left to give back, and all its refunds have
 * ended, too.
 */
export function isSettled(payment: PaymentRecord): boolean {
  return hasEnded(payment.status) && !isRefunding(payment) &&
    payment.owes === undefined;
}

/** The version of an order that is created now. */
export function firstVersion(nowMs: number): number {
  return Math.floor(nowMs / 1000);
}

/** The most attempts before the latest that an order keeps. */
const MOST_EARLIER = 16;

/**
 * The earlier attempts of an order after another attempt has followed its
 * latest.
 */
export function earlierWith(
  { earlier, payment }: OrderRecord,
): readonly EarlierAttempt[] {
  if (payment === null) return earlier;
  const { description, store_id, terminal_id, decline_reason } = payment;
  const short: EarlierAttempt = {
    payment_id: payment.payment_id,
    amount_minor: payment.amount_minor,
    currency: payment.currency,
    account_id: payment.account_id,
    payer: payment.payer,
    order_version: payment.order_version,
    ...(description !== undefined && { description }),
    ...(store_id !== undefined && { store_id }),
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
  /** Only for the latest attempt. */
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
  readonly storeId?: string;
  readonly terminalId?: string;
  readonly declineReason?: string;
  /** Only for a payment under way: whose answer it waits for. */
  readonly waitsFor?: WaitsFor;
  /** Only for a payment under way: in how many seconds to ask for its state. */
  readonly nextQuerySeconds?: number;
  /** Only if there are refunds: how much they gave back, and their list. */
  readonly refundedMinor?: number;
  readonly refunds?: readonly RefundOfPayment[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** In how many seconds to ask for the result of a payment under way. */
export const QUERY_SECONDS = 2;

/** Whose answer a payment waits for; `undefined` if it has ended. */
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
  const { description, store_id, terminal_id, decline_reason } = record;
  const { refunds = [] } = record;
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
    ...(store_id !== undefined && { storeId: store_id }),
    ...(terminal_id !== undefined && { terminalId: terminal_id }),
    // A reversal under way may have a decline reason already, but nothing is declined yet.
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
 * The payer's pseudonym for one merchant: an account always has the same pseudonym for
 * one merchant, and a different one for every other merchant. It is the first 128 bits of
 * HMAC-SHA-256 under the merchant's own key.
 */
export function payerPseudonym(
  vault: Pick<Vault, "hmac">,
  merchant: MerchantRecord,
  accountId: string,
): string {
  const mac = vault.hmac(merchant.payer_key, accountId);
  return `payer_${encode(mac.subarray(0, 16))}`;
}
