import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { chosenId, madeId, OBJECT, time } from "../../kit/fields.ts";
import { accountId, code } from "../fields.ts";
import { CODE_PROBLEMS } from "../merchant/payment.ts";
import { credentialId, enrolmentExample } from "./enrolment.ts";

const reference = chosenId(
  "The wallet's own id of one verification; a repeat with it gets the same answer",
  "ref-000017",
);

export const verify = call({
  id: "verify",
  method: "post",
  path: "/v1/verifications",
  scope: "wallet",
  summary: "Find the customer of a code, without a payment",
  description:
    "The call uses the code up. The same `reference` with the same code gets the same result; with another code it is refused with `order-conflict`.",
  body: {
    schema: z.strictObject({ code, reference }, OBJECT)
      .meta({ id: "VerificationRequest" }),
    example: { code: "901004201234567890", reference: "ref-000017" },
  },
  answers: {
    200: {
      says: "The customer",
      schema: z.strictObject({
        verification_id: madeId("ver", "The verification"),
        reference,
        account_id: accountId,
        credential_id: credentialId,
        profile: z.int().min(0).max(9).meta({ example: 1 }),
        time_step: z.int().min(0).meta({
          description: "The time step of the code",
          example: 58_945_440,
        }),
        drift_steps: z.int().min(-1).max(1).meta({
          description: "Steps by which the phone's clock differs from ours",
          example: 0,
        }),
        verified_at: time("When the code was used up"),
      }).meta({ id: "Verification" }),
      example: {
        verification_id: "ver_5a7c9e9f2c4e6a8b0d1f3a5c7e9b1d3f",
        reference: "ref-000017",
        account_id: "acct-1001",
        credential_id: enrolmentExample.credential_id,
        profile: 1,
        time_step: 58_995_360,
        drift_steps: 0,
        verified_at: "2026-01-31T12:00:04.000Z",
      },
    },
  },
  problems: CODE_PROBLEMS,
  handle: async ({ verifications }, { caller, body, isTooOld }) =>
    reply(200, await verifications.verify({ caller, ...body, isTooOld })),
});
