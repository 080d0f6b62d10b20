import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { OBJECT } from "../../kit/fields.ts";
import { PAYMENT, paymentId } from "../merchant/payment.ts";

export const confirmPayment = call({
  id: "confirmPayment",
  method: "post",
  path: "/v1/payments/{id}/confirmation",
  scope: "wallet",
  summary: "Confirm or refuse a waiting payment for the customer",
  description:
    "Look at `status`: a confirmed payment is debited, and the debit may be declined or still be under way. Repeating the same decision changes nothing; the other decision is refused afterwards.",
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
