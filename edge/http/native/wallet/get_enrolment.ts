import { call, reply } from "../../kit/call.ts";
import { credentialId, enrolment, enrolmentExample } from "./enrolment.ts";

export const getEnrolment = call({
  id: "getEnrolment",
  method: "get",
  path: "/v1/enrolments/{id}",
  scope: "wallet",
  summary: "One enrolment",
  params: { id: credentialId },
  answers: {
    200: {
      says: "The enrolment",
      schema: enrolment,
      example: enrolmentExample,
    },
  },
  problems: ["not-found"],
  handle: async ({ enrolments }, { caller, params }) =>
    reply(200, await enrolments.get(params.id, caller.walletSystem)),
});
