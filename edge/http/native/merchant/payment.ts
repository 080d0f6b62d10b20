/**
 * A payment as merchants, wallets and callbacks see it.
 *
 * @module
 */

import { z } from "zod";
import { chosenId, madeId, time } from "../../kit/fields.ts";
import type { ProblemCode } from "../../kit/problem.ts";
import { amount, currency, orderId } from "../fields.ts";

/** The id of a payment. */
export const paymentId = madeId("pay", "The payment");

/** A text for people, in both languages. */
export const bilingual = z.strictObject({
  en: z.string(),
  zh: z.string().meta({ description: "Simplified Chinese" }),
}).meta({ id: "Text", description: "For people, in two languages" });

/** Why a payment was declined. */
export const declineReason = z.string().meta({
  description: "Why the ledger or the customer declined",
  example: "insufficient_funds",
});

/** The status of a payment. */
export const paymentStatus = z.enum([
  "processing",
  "awaiting_confirmation",
  "succeeded",
  "declined",
  "reversing",
  "reversed",
  "refunded",
]);

/** Whose answer a payment under way waits for. */
export const waitsFor = z.enum(["ledger", "customer"]).meta({
  description:
    "Whose answer the payment under way waits for: the wallet's ledger, or the customer in the wallet app",
});

/** When to ask again. */
export const nextQuerySeconds = z.int().min(1).meta({
  description: "Seconds after which to ask for the order's state",
  example: 2,
});

/** The answer of the calls about payments. */
export const payment = z.strictObject({
  payment_id: paymentId,
  order_id: orderId,
  status: paymentStatus,
  amount_minor: amount(1, "In minor units"),
  currency,
  payer: z.string().meta({
    description: "Pseudonym of the account; differs from merchant to merchant",
  }),
  order_version: z.int().min(1).meta({
    description:
      "Rises with every change of the order; begins with the unix second in which the order was created",
    example: 1_769_860_801,
  }),
  repeat: z.literal(true).exactOptional().meta({
    description: "The order had ended before this call, which changed nothing",
  }),
  description: z.string().meta({
    description: "Text that the customer sees, on one line",
    maxLength: 200,
    example: "Two flat whites",
  }).exactOptional(),
  store_id: chosenId("The shop", "store-7").exactOptional(),
  terminal_id: chosenId("The till", "till-3").exactOptional(),
  decline_reason: declineReason.exactOptional(),
  waits_for: waitsFor.exactOptional(),
  next_query_seconds: nextQuerySeconds.exactOptional(),
  refunded_minor: amount(
    0,
    "Where there are refunds: what they gave back, in minor units",
  ).exactOptional(),
  refunds: z.array(
    z.strictObject({
      refund_id: z.string().meta({ example: "refund-2026-000003" }),
      status: z.enum(["processing", "succeeded", "declined"]),
      amount_minor: amount(1, "In minor units"),
      decline_reason: declineReason.exactOptional(),
      created_at: time("When it was asked for"),
    }).meta({ id: "RefundOfPayment" }),
  ).exactOptional().meta({ description: "In the order of their making" }),
  cashier: bilingual.exactOptional(),
  created_at: time("When the payment was first written"),
  updated_at: time("When the payment last changed"),
}).meta({ id: "Payment" });

/** An example of a payment. */
export const paymentExample = {
  payment_id: "pay_1f3a5c7e9b1d3f5a7c9e9f2c4e6a8b0d00000b1d3f5a7c9e",
  order_id: "order-2026-000017",
  status: "succeeded",
  amount_minor: 1250,
  currency: "EUR",
  payer: "payer_q3v1l0Zr8wqkzJkq",
  order_version: 1_769_860_801,
  description: "Two flat whites",
  store_id: "store-7",
  terminal_id: "till-3",
  created_at: "2026-01-31T12:00:00.000Z",
  updated_at: "2026-01-31T12:00:00.120Z",
};

/** A payment as an answer. */
export const PAYMENT = { schema: payment, example: paymentExample };

/** The problems of a code, which are found before the ledger is asked. */
export const CODE_PROBLEMS: readonly ProblemCode[] = [
  "code-malformed",
  "code-not-accepted",
  "code-ambiguous",
  "code-replayed",
  "payer-blocked",
  "offline-codes-off",
  "order-conflict",
  "too-many-attempts",
  "clock-unsure",
];
