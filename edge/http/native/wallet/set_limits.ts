import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { OBJECT } from "../../kit/fields.ts";
import { accountId } from "../fields.ts";
import { ACCOUNT, ownLimits, viewAccount } from "./account.ts";

export const setLimits = call({
  id: "setLimits",
  method: "put",
  path: "/v1/accounts/{id}/limits",
  scope: "wallet",
  summary: "Set a customer's own limits, at once everywhere",
  description:
    "A limit counts if it is lower than that of the account's tier. The amounts are for payments in `currency`, the count is for all payments. A limit that is left out is removed. The limits are kept when the account is enrolled again.",
  params: { id: accountId },
  body: {
    schema: z.strictObject(ownLimits, OBJECT).meta({ id: "LimitsRequest" }),
    example: { per_payment_minor: 20_000, currency: "EUR" },
  },
  answers: { 200: { says: "The account as it is now", ...ACCOUNT } },
  problems: ["not-found"],
  handle: async ({ accounts }, { caller, params, body }) =>
    reply(
      200,
      await accounts.setLimits(params.id, body, caller.walletSystem),
      viewAccount,
    ),
});
