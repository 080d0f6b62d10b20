import { call, reply } from "../../kit/call.ts";
import { accountId } from "../fields.ts";

export const eraseAccount = call({
  id: "eraseAccount",
  method: "delete",
  path: "/v1/accounts/{id}",
  scope: "wallet",
  summary: "Erase an account",
  description:
    "The credentials, device links and seeds of the account are deleted at once. Its policy and its used limits are kept under a keyed hash for 48 hours, and for ever if the account is blocked, so that nobody escapes a block or a limit by enrolling again. Payments that wait for the customer's confirmation are refused; other payments under way go on to their end.",
  params: { id: accountId },
  answers: {
    204: {
      says:
        "The account is erased; a repeated call within 48 hours gets the same answer",
    },
  },
  problems: ["not-found"],
  handle: async ({ erase }, { caller, params }) =>
    reply(204, await erase(params.id, caller.walletSystem), () => null),
});
