import { call, reply } from "../../kit/call.ts";
import { PAYMENT, paymentId } from "./payment.ts";

export const getPayment = call({
  id: "getPayment",
  method: "get",
  path: "/v1/payments/{id}",
  scope: "merchant",
  summary: "One payment",
  params: { id: paymentId },
  answers: { 200: { says: "The payment; look at its `status`", ...PAYMENT } },
  problems: ["not-found"],
  handle: async ({ payments }, { caller, params }) =>
    reply(200, await payments.get(caller, params.id)),
});
