import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { chosenId, text } from "../../kit/fields.ts";
import { moment, orderId } from "../fields.ts";
import { payment, paymentExample, paymentStatus } from "./payment.ts";

const LIMIT = "must be an integer from 1 to 100";
const ALONE = "must be the only parameter";

export const findPayment = call({
  id: "findPayment",
  method: "get",
  path: "/v1/payments",
  scope: "merchant",
  summary: "The state of an order, or a list of payments",
  description:
    "With `order_id` alone the answer is the present state of that order; look at `status`. A payment under way has `waits_for` and `next_query_seconds`. `not-found` is not final while a payment for the order may be under way.\n\nWithout `order_id` the answer lists the payments that have ended, the latest first by when they ended; a reversal or a refund changes a payment's `status` and not its place. A page may be short, or empty, and still have a `cursor`: ask for the next page until it is absent.",
  query: z.strictObject({
    order_id: orderId.exactOptional(),
    from: moment("Ended at or after this time").exactOptional(),
    to: moment("Ended before this time").exactOptional(),
    status: paymentStatus.extract([
      ...[
        "succeeded",
        "declined",
        "reversing",
        "reversed",
        "refunded",
      ] as const,
    ]).exactOptional().meta({ description: "The present status" }),
    store_id: chosenId("The shop", "store-7").exactOptional(),
    terminal_id: chosenId("The till", "till-3").exactOptional(),
    cursor: text(
      /^[A-Za-z0-9_-]{1,512}$/,
      "must be a cursor of the page before",
    ).exactOptional().meta({
      description: "`cursor` of the page before, with the same parameters",
    }),
    limit: text(/^([1-9][0-9]?|100)$/, LIMIT).exactOptional().meta({
      description: "The most payments of a page, 1 to 100; 50 by default",
      example: "50",
    }),
  }).refine(
    (query) => query.order_id === undefined || Object.keys(query).length === 1,
    { path: ["order_id"], error: ALONE },
  ),
  answers: {
    200: {
      says: "The order's last payment; or a page of payments",
      schema: z.union([
        payment,
        z.strictObject({
          payments: z.array(payment),
          cursor: z.string().exactOptional().meta({
            description: "Asks for the next page; absent on the last page",
          }),
        }).meta({ id: "Payments" }),
      ]),
      example: paymentExample,
    },
  },
  problems: ["not-found", "payment-reversed"],
  retry: { "not-found": "query" },
  async handle({ payments, paymentList }, { caller, query }) {
    const { orderId, from, to, limit = "50", ...filter } = query;
    return orderId !== undefined
      ? reply(200, await payments.getByOrder(caller, orderId))
      : reply(
        200,
        await paymentList.list(caller, {
          ...filter,
          ...(from !== undefined && { fromMs: Date.parse(from) }),
          ...(to !== undefined && { toMs: Date.parse(to) }),
          limit: Number(limit),
        }),
      );
  },
});
