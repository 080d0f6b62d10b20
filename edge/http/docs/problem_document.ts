/**
 * The schema of a problem document, for the OpenAPI document.
 *
 * @module
 */

import { z } from "zod";
import { mode, time } from "../kit/fields.ts";
import { PROBLEM_CODES } from "../kit/problem.ts";
import { amount, currency, orderId } from "../native/fields.ts";
import {
  bilingual,
  declineReason,
  nextQuerySeconds,
  paymentId,
  paymentStatus,
  waitsFor,
} from "../native/merchant/payment.ts";
import { refundId } from "../native/merchant/refund.ts";

/** The body of every answer that is not a success. */
export const problemDocument = z.strictObject({
  type: z.string().meta({
    description: "`/problems/<code>` of this API",
    format: "uri-reference",
  }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().meta({ description: "For a developer; never a value" }),
  instance: z.string().meta({ format: "uri-reference" }),
  code: z.enum(PROBLEM_CODES),
  retry: z.enum(["never", "same-order", "new-code", "query", "later"]),
  cashier: bilingual,
  customer: bilingual,
  mode: mode.exactOptional(),
  next_query_seconds: nextQuerySeconds.exactOptional(),
  order_id: orderId.exactOptional(),
  payment_id: paymentId.exactOptional(),
  decline_reason: declineReason.exactOptional(),
  reason: z.string().exactOptional().meta({
    description:
      "Only for a renewal, a core release or a refund: why it is refused. For a refund: `exceeds_payment`, `too_late` or `too_many`",
    example: "revoked",
  }),
  earlier_order_id: orderId.exactOptional().meta({
    description:
      "The earlier order, of which this one looks like a double scan",
  }),
  earlier_at: time("When that order was scanned").exactOptional(),
  refund_id: refundId.exactOptional(),
  refundable_minor: amount(
    0,
    "Only for a refused refund: how much can still be given back, in minor units",
  ).exactOptional(),
  payment_status: paymentStatus.exactOptional().meta({
    description: "Of a payment that has not ended; `status` is that of HTTP",
  }),
  waits_for: waitsFor.exactOptional(),
  paid_at: time("When an order that was paid earlier was paid")
    .exactOptional(),
  amount_minor: amount(1, "What was paid for it, in minor units")
    .exactOptional(),
  currency: currency.exactOptional(),
}).meta({ id: "Problem", description: "RFC 9457 problem document" });
