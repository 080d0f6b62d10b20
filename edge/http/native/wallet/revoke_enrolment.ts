import { call, reply } from "../../kit/call.ts";
import { credentialId } from "./enrolment.ts";

export const revokeEnrolment = call({
  id: "revokeEnrolment",
  method: "delete",
  path: "/v1/enrolments/{id}",
  scope: "wallet",
  summary: "Destroy a seed",
  params: { id: credentialId },
  answers: {
    204: {
      says:
        "No code of the seed is accepted any more; repeating the call changes nothing",
    },
  },
  problems: ["not-found"],
  handle: async ({ enrolments }, { caller, params }) =>
    reply(
      204,
      await enrolments.revoke(params.id, caller.walletSystem),
      () => null,
    ),
});
