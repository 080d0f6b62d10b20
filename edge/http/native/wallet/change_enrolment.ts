import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { OBJECT } from "../../kit/fields.ts";
import {
  credentialId,
  enrolment,
  enrolmentExample,
  risk,
} from "./enrolment.ts";

export const changeEnrolment = call({
  id: "changeEnrolment",
  method: "patch",
  path: "/v1/enrolments/{id}",
  scope: "wallet",
  summary: "Set the risk tier of an account, at once everywhere",
  description:
    "The tier belongs to the account: a new enrolment keeps it, unless it names another one. If the state of the phone demands a more severe tier, that one counts.",
  params: { id: credentialId },
  body: {
    schema: z.strictObject({ risk }, OBJECT)
      .meta({ id: "ChangeEnrolmentRequest" }),
    example: { risk: "restricted" },
  },
  answers: {
    200: {
      says: "Changed",
      schema: enrolment,
      example: {
        ...enrolmentExample,
        risk: "restricted",
        reason: "set-by-wallet",
      },
    },
  },
  problems: ["not-found"],
  handle: async ({ enrolments }, { caller, params, body }) =>
    reply(
      200,
      await enrolments.setRisk(params.id, body.risk, caller.walletSystem),
    ),
});
