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
      says: "None of its codes is accepted any more; also the second time",
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
