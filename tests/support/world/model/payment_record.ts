/**
 * A payment as it is stored, of 12.50 EUR that Alice paid in the Corner Shop,
 * for tests that make one without having it paid.
 *
 * @module
 */

import type { PaymentRecord } from "../../../../edge/payment/record.ts";

/** A payment that was made at `nowMs`, with what a test says of it. */
export function paymentRecord(
  nowMs: number,
  fields: Partial<PaymentRecord>,
): PaymentRecord {
  return {
    payment_id: "pay_1",
    merchant_id: "mer_1",
    merchant_name: "Corner Shop",
    order_id: "order-1",
    status: "succeeded",
    amount_minor: 1250,
    currency: "EUR",
    account_id: "alice",
    code_hash: { kid: "t", hash: "h" },
    payer: "payer_1",
    order_version: 2,
    confirmed: false,
    deadline_ms: nowMs,
    taken: { day: "2026-01-15", offline: false },
    created_ms: nowMs,
    updated_ms: nowMs,
    ...fields,
  };
}
