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
  summary: "Report the state of a phone",
  description:
    "The operator's rules (`OFFCODE_POSTURE`) decide the tier: by default a rooted phone and a phone whose attestation failed are `restricted`. The answer is the tier of the account: the more severe one of this tier and the tier that the wallet has set. It is in force from the next payment on.",
  params: { id: credentialId },
  body: {
    schema: z.strictObject({
      rooted: z.boolean("must be true or false"),
      attestation: z.enum(
        ["passed", "failed", "absent"],
        "must be passed, failed or absent",
      ).meta({
        description:
          "Result of Play Integrity, App Attest or a similar service",
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
