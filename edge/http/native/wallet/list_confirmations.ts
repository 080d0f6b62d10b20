import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { displayName, time } from "../../kit/fields.ts";
import { accountId, amount, currency } from "../fields.ts";
import { paymentExample, paymentId } from "../merchant/payment.ts";

export const listConfirmations = call({
  id: "listConfirmations",
  method: "get",
  path: "/v1/confirmations",
  scope: "wallet",
  summary: "Payments that wait for a customer's confirmation",
  description: "At most 100 payments, the soonest deadline first.",
  query: z.strictObject({ account_id: accountId }),
  answers: {
    200: {
      says: "The waiting payments",
      schema: z.strictObject({
        confirmations: z.array(z.strictObject({
          payment_id: paymentId,
          account_id: accountId,
          merchant_name: displayName,
          amount_minor: amount(1, "In minor units"),
          currency,
          expires_at: time(
            "When the payment is declined if the customer has not answered",
          ),
        })),
      }).meta({ id: "Confirmations" }),
      example: {
        confirmations: [{
          payment_id: paymentExample.payment_id,
          account_id: "acct-1001",
          merchant_name: "Corner Coffee",
          amount_minor: 125_000,
          currency: "EUR",
          expires_at: "2026-01-31T12:03:00.000Z",
        }],
      },
    },
  },
  handle: async ({ confirmations }, { caller, query }) =>
    reply(
      200,
      await confirmations.list(query.accountId, caller.walletSystem),
      (waiting) => ({ confirmations: waiting }),
    ),
});
