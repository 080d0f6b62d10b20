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
import type { KeyedHash } from "../vault/seal.ts";

/** Where an order stands. */
export type OrderState = "open" | "paid" | "declined";

/** Where a payment stands. */
export type PaymentStatus = "processing" | "succeeded" | "declined";

/** Stored under merchant and order id. */
export interface OrderRecord {
  readonly state: OrderState;
  /** Rises with every change of the order. */
  readonly version: number;
  /** The latest attempt. */
  readonly payment_id: string;
  readonly amount_minor: number;
  readonly currency: string;
  /** Fingerprint of the latest attempt's code. */
  readonly code_hash: KeyedHash;
  /** Unix ms; only when paid. */
  readonly paid_at_ms?: number;
  /** Only when declined. */
  readonly decline_reason?: string;
}

/** Stored under the payment id. */
export interface PaymentRecord {
  readonly payment_id: string;
  readonly merchant_id: string;
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
  /** RFC 3339. */
  readonly created_at: string;
  /** RFC 3339. */
  readonly updated_at: string;
}

/** A payment as its merchant sees it. */
export type PaymentView =
  & Omit<PaymentRecord, "merchant_id" | "account_id" | "credential_id">
  & { readonly repeat?: true };

/** The part of a payment that its merchant may see. */
export function viewPayment(record: PaymentRecord): PaymentView {
  const { merchant_id: _m, account_id: _a, credential_id: _c, ...view } =
    record;
  return view;
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
