import { call, reply } from "../../../kit/call.ts";
import { accountId } from "../../fields.ts";
import { SANDBOX_ACCOUNT } from "./account.ts";

export const getSandboxAccount = call({
  id: "getSandboxAccount",
  method: "get",
  path: "/v1/admin/sandbox/accounts/{id}",
  scope: "admin",
  needs: "sandbox",
  summary: "Balance of an account; 0 if it was never set",
  params: { id: accountId },
  answers: { 200: { says: "The account", ...SANDBOX_ACCOUNT } },
  problems: ["not-found"],
  handle: async ({ sandbox }, { params }) =>
    reply(200, await sandbox!.getAccount(params.id), (account) => ({
      accountId: params.id,
      balanceMinor: account.balanceMinor,
      currency: account.currency ?? undefined,
    })),
});
