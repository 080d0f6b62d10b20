import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { madeId, OBJECT } from "../../kit/fields.ts";
import { orderId } from "../fields.ts";
import { paymentExample } from "./payment.ts";

export const reverse = call({
  id: "reverse",
  method: "post",
  path: "/v1/reversals",
  scope: "merchant",
  summary: "Undo an order, whatever its state",
  description:
    "The order is closed for good. This is possible on the day of the payment, and for at least two hours after it. An order with a refund is not reversed: refund what is left of it. After `ledger-unavailable` the result is not known yet: repeat the call until it answers 200.",
  body: {
    schema: z.strictObject({ order_id: orderId }, OBJECT)
      .meta({ id: "ReversalRequest" }),
    example: { order_id: "order-2026-000017" },
  },
  answers: {
    200: {
      says:
        "The order is undone; repeating the call changes nothing. An order that was never seen is closed, too",
      schema: z.strictObject({
        order_id: orderId,
        status: z.literal("reversed"),
        payment_id: madeId(
          "pay",
          "Absent if the order was never seen before",
        )
          .exactOptional(),
      }).meta({ id: "Reversal" }),
      example: {
        order_id: "order-2026-000017",
        status: "reversed",
        payment_id: paymentExample.payment_id,
      },
    },
  },
  problems: ["reversal-too-late", "order-refunded", "ledger-unavailable"],
  handle: async ({ reversals }, { caller, body }) =>
    reply(200, await reversals.reverse(caller, body.orderId), (reversed) => ({
      ...reversed,
      status: "reversed" as const,
    })),
});
