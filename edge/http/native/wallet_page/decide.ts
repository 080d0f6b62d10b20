import { z } from "zod";
import { call } from "../../kit/call.ts";
import { OBJECT } from "../../kit/fields.ts";
import { paymentId } from "../merchant/payment.ts";
import { PARAMS, replyState, STATE } from "./state.ts";

export const decidePayment = call({
  id: "decidePayment",
  method: "post",
  path: "/wallet/api/enrolments/{id}/confirmations",
  summary: "Confirm or refuse a payment that waits for this customer",
  params: PARAMS,
  body: {
    schema: z.strictObject({
      payment_id: paymentId,
      approve: z.boolean("must be true or false"),
    }, OBJECT),
    example: {},
  },
  answers: { 200: { says: "The state", ...STATE } },
  problems: ["not-found", "payment-declined", "payment-reversed"],
  handle: async ({ sandboxWallet }, { params, body }) =>
    replyState(
      await sandboxWallet!.decide(params.id, body.paymentId, body.approve),
    ),
});
