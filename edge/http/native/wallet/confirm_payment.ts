import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { OBJECT } from "../../kit/fields.ts";
import { PAYMENT, paymentId } from "../merchant/payment.ts";

export const confirmPayment = call({
  id: "confirmPayment",
  method: "post",
  path: "/v1/payments/{id}/confirmation",
  scope: "wallet",
  summary: "The customer's yes or no to a payment that waits",
  description:
    "Look at `status`: after a yes the payment is debited, which may be declined or still under way. The same word again is the same; the other word afterwards is refused.",
  params: { id: paymentId },
  body: {
    schema: z.strictObject(
      { approve: z.boolean("must be true or false") },
      OBJECT,
    ).meta({ id: "ConfirmationRequest" }),
    example: { approve: true },
  },
  answers: { 200: { says: "The payment; look at its `status`", ...PAYMENT } },
  problems: [
    "merchant-suspended",
    "not-found",
    "payer-blocked",
    "order-conflict",
    "payment-declined",
    "payment-reversed",
    "clock-unsure",
  ],
  handle: async ({ confirmations }, { caller, params, body }) =>
    reply(
      200,
      await confirmations.answer(
        params.id,
        body.approve,
        caller.walletSystem,
      ),
    ),
});
