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
  summary: "Undo an order, whatever became of it",
  description:
    "The order is closed for good. On the day of the payment, and for two hours at least. `ledger-unavailable` is not an end: repeat it until this call answers 200.",
  body: {
    schema: z.strictObject({ order_id: orderId }, OBJECT)
      .meta({ id: "ReversalRequest" }),
    example: { order_id: "order-2026-000017" },
  },
  answers: {
    200: {
      says: "Undone, also the second time; an order never seen is closed, too",
      schema: z.strictObject({
        order_id: orderId,
        status: z.literal("reversed"),
        payment_id: madeId(
          "pay",
          "Absent where the order was never seen before",
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
  problems: ["reversal-too-late", "ledger-unavailable"],
  handle: async ({ reversals }, { caller, body }) =>
    reply(200, await reversals.reverse(caller, body.orderId), (reversed) => ({
      ...reversed,
      status: "reversed" as const,
    })),
});
