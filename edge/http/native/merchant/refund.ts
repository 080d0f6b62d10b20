/**
 * The call that refunds, and a refund as merchants and callbacks see it.
 *
 * @module
 */

import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { chosenId, OBJECT, remark, time } from "../../kit/fields.ts";
import { amount, currency, NO_DOTS, orderId } from "../fields.ts";
import {
  declineReason,
  nextQuerySeconds,
  paymentExample,
  paymentId,
} from "./payment.ts";

/** The merchant's name of a refund. It is a segment of a path. */
export const refundId = chosenId(
  "The merchant's own name of one refund, unique among its refunds; neither `.` nor `..`",
  "refund-2026-000003",
).refine((id) => id !== "." && id !== "..", NO_DOTS);

/** The status of a refund. */
export const refundStatus = z.enum(["processing", "succeeded", "declined"])
  .meta({
    description:
      "`processing` until the wallet's ledger has answered; it goes on by itself",
  });

/** What the refund calls answer. */
export const refundSchema = z.strictObject({
  refund_id: refundId,
  order_id: orderId,
  payment_id: paymentId,
  status: refundStatus,
  amount_minor: amount(1, "Of this refund, in minor units"),
  currency,
  refunded_minor: amount(
    0,
    "Of the payment, by all its refunds that succeeded, in minor units",
  ),
  order_version: z.int().min(1).meta({
    description:
      "The order's version with which the refund changed last; see the payment",
    example: 1_769_860_804,
  }),
  repeat: z.literal(true).exactOptional().meta({
    description: "The refund was asked for before; nothing new was done",
  }),
  reason: z.string().exactOptional().meta({
    description: "What the merchant said of it, on one line",
    example: "Came back cold",
  }),
  decline_reason: declineReason.exactOptional(),
  next_query_seconds: nextQuerySeconds.exactOptional().meta({
    description: "Only while it is `processing`: seconds after which to ask",
  }),
  created_at: time("When it was asked for"),
  updated_at: time("When it last changed"),
}).meta({ id: "Refund" });

/** An example of a refund. */
export const refundExample = {
  refund_id: "refund-2026-000003",
  order_id: "order-2026-000017",
  payment_id: paymentExample.payment_id,
  status: "succeeded",
  amount_minor: 500,
  currency: "EUR",
  refunded_minor: 500,
  order_version: 1_769_860_804,
  reason: "Came back cold",
  created_at: "2026-02-02T09:30:00.000Z",
  updated_at: "2026-02-02T09:30:00.140Z",
};

/** A refund as an answer. */
export const REFUND = { schema: refundSchema, example: refundExample };

export const refund = call({
  id: "refund",
  method: "post",
  path: "/v1/refunds",
  scope: "merchant",
  summary: "Give back what was paid for an order, or a part of it",
  description:
    "Several refunds of one order are possible, together never more than was paid; once all of it is given back the payment is `refunded`. The same `refund_id` again is the same refund with `repeat: true`; with another amount or for another order it is `refund-conflict`. `ledger-unavailable` is not an end: the refund goes on by itself; ask for it, or repeat the call. Refunds are possible for `OFFCODE_REFUND_DAYS` (365 unless the operator chose otherwise) after the payment. An order with a refund can no longer be reversed.",
  body: {
    schema: z.strictObject({
      order_id: orderId,
      refund_id: refundId,
      amount_minor: amount(1, "In minor units of the payment's currency"),
      reason: remark(200).meta({
        description:
          "For your own records. Put on one line, and cut after 200 characters",
        example: "Came back cold",
      }).exactOptional(),
    }, OBJECT).meta({ id: "RefundRequest" }),
    example: {
      order_id: "order-2026-000017",
      refund_id: "refund-2026-000003",
      amount_minor: 500,
      reason: "Came back cold",
    },
  },
  answers: {
    201: { says: "Refunded now", ...REFUND },
    200: {
      says: "Refunded before; nothing new was given back",
      schema: refundSchema,
      example: { ...refundExample, repeat: true },
    },
  },
  problems: [
    "clock-unsure",
    "ledger-unavailable",
    "not-found",
    "order-refunded",
    "payment-declined",
    "payment-pending",
    "payment-reversed",
    "refund-conflict",
    "refund-declined",
    "refund-refused",
  ],
  retry: { "not-found": "query" },
  async handle({ refunds }, { caller, body }) {
    const { reason, ...request } = body;
    const refunded = await refunds.refund(caller, {
      ...request,
      ...(reason && { reason }),
    });
    if ("kind" in refunded) return refunded;
    return refunded.repeat ? reply(200, refunded) : reply(201, refunded);
  },
});
