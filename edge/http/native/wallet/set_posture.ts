import { z } from "zod";
import { call, reply } from "../../kit/call.ts";
import { OBJECT, text } from "../../kit/fields.ts";
import { credentialId, reason, risk } from "./enrolment.ts";

const version = text(
  /^[ -~]{1,64}$/,
  "must be 1 to 64 printable ASCII characters",
);

export const setPosture = call({
  id: "setPosture",
  method: "put",
  path: "/v1/enrolments/{id}/posture",
  scope: "wallet",
  summary: "Judge the state of a phone",
  description:
    "By the operator's table `OFFCODE_POSTURE`: unless it says otherwise, a rooted phone and one whose attestation failed are `restricted`. The answer is the tier of the account: the more severe one of this and of the tier that the wallet has set. It holds in the very next payment.",
  params: { id: credentialId },
  body: {
    schema: z.strictObject({
      rooted: z.boolean("must be true or false"),
      attestation: z.enum(
        ["passed", "failed", "absent"],
        "must be passed, failed or absent",
      ).meta({
        description: "What Play Integrity, App Attest or the like has said",
      }),
      os: version.exactOptional().meta({ example: "Android 15" }),
      app_version: version.exactOptional().meta({ example: "4.2.0" }),
    }, OBJECT).meta({ id: "PostureRequest" }),
    example: {
      rooted: true,
      attestation: "passed",
      os: "Android 15",
      app_version: "4.2.0",
    },
  },
  answers: {
    200: {
      says: "The tier that the account has now, and why",
      schema: z.strictObject({ risk, reason }).meta({ id: "Judgement" }),
      example: { risk: "restricted", reason: "rooted" },
    },
  },
  problems: ["not-found"],
  handle: async ({ accounts }, { caller, params, body }) =>
    reply(
      200,
      await accounts.setPosture(params.id, body, caller.walletSystem),
    ),
});
