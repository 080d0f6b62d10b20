import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { givenMadeId, OBJECT, time } from "../../kit/fields.ts";
import { enrolmentExample } from "./enrolment.ts";

export const issueOnlineCode = call({
  id: "issueOnlineCode",
  method: "post",
  path: "/v1/online-codes",
  scope: "wallet",
  summary: "Issue a code for a phone that is online",
  description:
    "The code is valid for 60 seconds and for one use; the code before it ends at once. Merchants handle it like any other code.",
  body: {
    schema: z.strictObject({
      credential_id: givenMadeId(
        "cred",
        "The credential whose phone is online",
      ),
    }, OBJECT).meta({ id: "OnlineCodeRequest" }),
    example: { credential_id: enrolmentExample.credential_id },
  },
  answers: {
    201: {
      says: "Issued",
      schema: z.strictObject({
        code: z.string().meta({
          description:
            "18 digits, valid for one use; the code before it is not accepted any more",
          example: "900123456789012345",
        }),
        expires_at: time(
          "When the code expires: 60 seconds after it was issued",
        ),
      }).meta({ id: "OnlineCode" }),
      example: {
        code: "900123456789012345",
        expires_at: "2026-01-31T12:01:00.000Z",
      },
    },
  },
  problems: ["not-found"],
  handle: async ({ onlineCodes }, { caller, body }) =>
    reply(
      201,
      await onlineCodes.issue(body.credentialId, caller.walletSystem),
    ),
});
