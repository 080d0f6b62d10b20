import { call, reply } from "../../kit/call.ts";
import { accountId } from "../fields.ts";

export const eraseAccount = call({
  id: "eraseAccount",
  method: "delete",
  path: "/v1/accounts/{id}",
  scope: "wallet",
  summary: "Erase an account",
  description:
    "Its credentials, device links and seeds go at once. Policy and used limits are kept under a keyed hash for 48 hours, those of a blocked account for good, so that enrolling again escapes neither a block nor a limit. What waits for the customer's confirmation is refused; a payment under way goes on to its end.",
  params: { id: accountId },
  answers: {
    204: {
      says: "Nothing of it is left; also the second time within 48 hours",
    },
  },
  problems: ["not-found"],
  handle: async ({ erase }, { caller, params }) =>
    reply(204, await erase(params.id, caller.walletSystem), () => null),
});
