import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { OBJECT } from "../../../kit/fields.ts";
import { accountId, currency } from "../../fields.ts";
import { balanceMinor, SANDBOX_ACCOUNT } from "./account.ts";

export const setSandboxAccount = call({
  id: "setSandboxAccount",
  method: "put",
  path: "/v1/admin/sandbox/accounts/{id}",
  scope: "admin",
  needs: "sandbox",
  summary: "Set the balance of an account",
  params: { id: accountId },
  body: {
    schema: z.strictObject({ balance_minor: balanceMinor, currency }, OBJECT)
      .meta({ id: "SetBalanceRequest" }),
    example: { balance_minor: 100_000, currency: "EUR" },
  },
  answers: { 200: { says: "The account as it is now", ...SANDBOX_ACCOUNT } },
  problems: ["not-found"],
  async handle({ sandbox }, { params, body }) {
    await sandbox!.setAccount(params.id, body);
    return reply(200, { accountId: params.id, ...body });
  },
});
