import { call, reply } from "../../kit/call.ts";
import { accountId } from "../fields.ts";
import { ACCOUNT, viewAccount } from "./account.ts";

export const getAccount = call({
  id: "getAccount",
  method: "get",
  path: "/v1/accounts/{id}",
  scope: "wallet",
  summary: "Limits of an account, and how much of them is used today",
  params: { id: accountId },
  answers: { 200: { says: "The account", ...ACCOUNT } },
  problems: ["not-found"],
  handle: async ({ accounts }, { caller, params }) =>
    reply(
      200,
      await accounts.get(params.id, caller.walletSystem),
      viewAccount,
    ),
});
