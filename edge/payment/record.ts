/**
 * What is stored of an order and of a payment, and what a merchant sees.
 *
 * The order id is the merchant's name for a purchase; every scanned code is an
 * attempt at it, and each attempt that was accepted is a payment of its own.
 * The order has the state that decides; a payment keeps what happened.
 *
 * @module
 */

import { encodeBase64Url } from "@std/encoding/base64url";
import { createHmac } from "node:crypto";
import type { MerchantRecord } from "../merchant/record.ts";
import type { Taken } from "../risk/limits.ts";
import type { WaitsFor } from "../outcome.ts";
import type { KeyedHash } from "../vault/seal.ts";

/** Where an order stands. */
export type OrderState =
  | "open"
  | "paid"
  | "declined"
  | "reversing"
  | "reversed";

/** Where a payment stands. */
export type PaymentStatus =
  | "processing"
  | "awaiting_confirmation"
  | "succeeded"
  | "declined"
  | "reversing"
  | "reversed";

/** Stored under merchant and order id. */
export interface OrderRecord {
  readonly state: OrderState;
  /** Rises with every change of the order. */
  readonly version: number;
  /** The latest attempt; `null` for an order reversed before it was seen. */
  readonly attempt: OrderAttempt | null;
}

/** What an order remembers of its latest attempt. */
export interface OrderAttempt {
  readonly payment_id: string;
  readonly amount_minor: number;
  readonly currency: string;
  /** Fingerprint of the code that was scanned. */
  readonly code_hash: KeyedHash;
  /** Unix ms; once paid. */
  readonly paid_at_ms?: number;
  /** Once declined. */
  readonly decline_reason?: string;
}

/** Stored under the payment id. */
export interface PaymentRecord {
  readonly payment_id: string;
  readonly merchant_id: string;
  readonly merchant_name: string;
  readonly order_id: string;
  readonly status: PaymentStatus;
  readonly amount_minor: number;
  readonly currency: string;
  readonly account_id: string;
  readonly credential_id: string;
  readonly payer: string;
  readonly order_version: number;
  readonly description?: string;
  readonly terminal_id?: string;
  readonly decline_reason?: string;
  /** Whether the customer has agreed to this very payment. */
  readonly confirmed: boolean;
  /** No debit is started after this moment, unix ms. */
  readonly deadline_ms: number;
  /** What was taken from the account's limits. */
  readonly taken: readonly Taken[];
  /**
   * Where the guard against double scans keeps this payment's id; absent for
   * one that was scanned as such, since it must not lift the first one's guard.
   */
  readonly twin_key?: string;
  /** What a reversal in progress ends as. */
  readonly ends_as?: "reversed" | "declined";
  /** RFC 3339. */
  readonly created_at: string;
  /** RFC 3339. */
  readonly updated_at: string;
}

/** A payment as its merchant sees it. */
export interface PaymentView {
  readonly payment_id: string;
  readonly order_id: string;
  readonly status: PaymentStatus;
  readonly amount_minor: number;
  readonly currency: string;
  readonly payer: string;
  readonly order_version: number;
  readonly repeat?: true;
  readonly description?: string;
  readonly terminal_id?: string;
  readonly decline_reason?: string;
  /** Only while the payment has not ended, as the next. */
  readonly waits_for?: WaitsFor;
  /** When its state is worth asking for, in seconds from now. */
  readonly next_query_seconds?: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** When to ask for the result of a payment under way. */
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
      return undefined;
  }
}

/** The part of a payment that its merchant may see. */
export function viewPayment(record: PaymentRecord): PaymentView {
  const { description, terminal_id, decline_reason } = record;
  const waits_for = waitsFor(record.status);
  return {
    payment_id: record.payment_id,
    order_id: record.order_id,
    status: record.status,
    amount_minor: record.amount_minor,
    currency: record.currency,
    payer: record.payer,
    order_version: record.order_version,
    ...(description !== undefined && { description }),
    ...(terminal_id !== undefined && { terminal_id }),
    // While a reversal is under way nothing is declined yet.
    ...(decline_reason !== undefined && record.status === "declined" &&
      { decline_reason }),
    ...(waits_for !== undefined &&
      { waits_for, next_query_seconds: QUERY_SECONDS }),
    created_at: record.created_at,
    updated_at: record.updated_at,
  };
}

/**
 * The payer as one merchant knows them: the same account is the same pseudonym
 * to one merchant and another to every other one. HMAC-SHA-256 under the
 * merchant's own key, first 128 bits.
 */
export function payerPseudonym(
  merchant: MerchantRecord,
  accountId: string,
): string {
  const mac = createHmac("sha256", merchant.payer_key).update(accountId)
    .digest();
  return `payer_${encodeBase64Url(mac.subarray(0, 16))}`;
}
