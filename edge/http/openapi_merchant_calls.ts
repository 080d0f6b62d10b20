/**
 * The calls about payments as data; as `openapi_calls.ts`.
 *
 * @module
 */

import type { Call } from "./kit/call.ts";
import * as examples from "./openapi_examples.ts";
import { CODE_PROBLEMS, PAYMENT, paymentId } from "./openapi_payment.ts";
import * as schemas from "./schemas.ts";

/** The calls, in the order of the documentation. */
export const MERCHANT_CALLS: readonly Call[] = [
  {
    method: "post",
    path: "/v1/payments",
    id: "pay",
    tag: "Merchant",
    summary: "Pay an order with a scanned code",
    description:
      "A paid order again is the same payment with `repeat: true`, whatever the code; more than 24 hours after the payment it is `order-paid-earlier`, which takes nothing and says when and how much was paid. 402 is not a success: do not hand over the goods, ask for the order in `next_query_seconds`; `waits_for` says whose word is missing. A currency that the server has no limits for is refused.",
    scope: "merchant",
    body: {
      schema: schemas.paymentRequest,
      example: examples.paymentRequest,
    },
    answers: [
      { status: 201, says: "Paid now", ...PAYMENT },
      {
        status: 200,
        says: "The order was paid before; nothing new was charged",
        schema: schemas.payment,
        example: examples.repeatedPayment,
      },
    ],
    problems: [
      ...CODE_PROBLEMS,
      "limit-exceeded",
      "merchant-suspended",
      "order-paid-earlier",
      "payment-pending",
      "payment-declined",
      "payment-reversed",
    ],
  },
  {
    method: "get",
    path: "/v1/payments",
    id: "findPayment",
    tag: "Merchant",
    summary: "What became of an order",
    description:
      "Says what is known now; look at `status`. A payment that has not ended has `waits_for` and `next_query_seconds`. `not-found` is not final while a payment for the order may be under way.",
    scope: "merchant",
    query: schemas.paymentQuery,
    answers: [{ status: 200, says: "The order's last payment", ...PAYMENT }],
    problems: ["malformed-request", "not-found", "payment-reversed"],
    retry: { "not-found": "query" },
  },
  {
    method: "get",
    path: "/v1/payments/{id}",
    id: "getPayment",
    tag: "Merchant",
    summary: "One payment",
    scope: "merchant",
    params: paymentId,
    answers: [
      { status: 200, says: "The payment; look at its `status`", ...PAYMENT },
    ],
    problems: ["not-found"],
  },
  {
    method: "post",
    path: "/v1/reversals",
    id: "reverse",
    tag: "Merchant",
    summary: "Undo an order, whatever became of it",
    description:
      "The order is closed for good. On the day of the payment, and for two hours at least. `ledger-unavailable` is not an end: repeat it until this call answers 200.",
    scope: "merchant",
    body: {
      schema: schemas.reversalRequest,
      example: examples.reversalRequest,
    },
    answers: [{
      status: 200,
      says: "Undone, also the second time; an order never seen is closed, too",
      schema: schemas.reversal,
      example: examples.reversal,
    }],
    problems: ["reversal-too-late", "ledger-unavailable"],
  },
];
