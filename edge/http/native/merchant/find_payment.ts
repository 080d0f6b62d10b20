import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { orderId } from "../fields.ts";
import { PAYMENT } from "./payment.ts";

export const findPayment = call({
  id: "findPayment",
  method: "get",
  path: "/v1/payments",
  scope: "merchant",
  summary: "The state of an order",
  description:
    "The answer is the present state; look at `status`. A payment under way has `waits_for` and `next_query_seconds`. `not-found` is not final while a payment for the order may be under way.",
  query: z.strictObject({ order_id: orderId }),
  answers: { 200: { says: "The order's last payment", ...PAYMENT } },
  problems: ["not-found", "payment-reversed"],
  retry: { "not-found": "query" },
  handle: async ({ payments }, { caller, query }) =>
    reply(200, await payments.getByOrder(caller, query.orderId)),
});
