import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { OBJECT } from "../../kit/fields.ts";
import { accountId } from "../fields.ts";
import { ACCOUNT, offlineCodes, viewAccount } from "./account.ts";

export const setStatus = call({
  id: "setStatus",
  method: "put",
  path: "/v1/accounts/{id}/status",
  scope: "wallet",
  summary: "Switch a customer's offline codes on or off, at once everywhere",
  description:
    "While it is `off`, offline codes are refused with `offline-codes-off`. Online codes are accepted.",
  params: { id: accountId },
  body: {
    schema: z.strictObject({ offline_codes: offlineCodes }, OBJECT)
      .meta({ id: "StatusRequest" }),
    example: { offline_codes: "off" },
  },
  answers: {
    200: {
      says: "The account as it is now",
      schema: ACCOUNT.schema,
      example: { ...ACCOUNT.example, offline_codes: "off" },
    },
  },
  problems: ["not-found"],
  handle: async ({ accounts }, { caller, params, body }) =>
    reply(
      200,
      await accounts.setOfflineCodes(
        params.id,
        body.offlineCodes === "on",
        caller.walletSystem,
      ),
      viewAccount,
    ),
});
