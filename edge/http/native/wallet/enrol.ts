import { z } from "zod";
import type { Enrolments } from "../../../enrolment/enrolments.ts";
import type { WalletSystem } from "../../../enrolment/record.ts";
import { call, given, reply } from "../../kit/call.ts";
import { OBJECT, text } from "../../kit/fields.ts";
import { accountId } from "../fields.ts";
import {
  credentialId,
  deviceId,
  enrolmentExample,
  risk,
  seedEnds,
} from "./enrolment.ts";

const coordinate = text(
  // 32 bytes are 43 characters, the last of which has two bits of zero.
  /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/,
  "must be 32 bytes in canonical base64url",
);

const PRIVATE = "must be left out, as it belongs to a private key";

/**
 * A public EC P-256 JWK (RFC 7518 §6.2.1). Members that are not understood are
 * ignored (RFC 7517 §4), and `x5c`, `kid` and the like are not needed. Those
 * of a private or symmetric key (RFC 7518 §6.2.2, §6.3.2, §6.4) are refused.
 */
const deviceKey = z.object({
  kty: z.literal("EC", "must be EC"),
  crv: z.literal("P-256", "must be P-256"),
  x: coordinate.meta({
    example: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  }),
  y: coordinate.meta({
    example: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
  }),
  use: z.literal("enc", "must be enc").exactOptional(),
  // Deno and Node export "ECDH"; jose writes "ECDH-ES".
  alg: z.enum(["ECDH-ES", "ECDH"], "must be ECDH-ES").exactOptional(),
  ...Object.fromEntries(
    ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
      .map((member) => [member, z.never(PRIVATE).exactOptional()]),
  ),
}, OBJECT).transform(({ kty, crv, x, y }) => ({ kty, crv, x, y })).meta({
  description: "The device's public key, a P-256 JWK; the seed is sealed to it",
});

/** What a wallet's backend sends to enrol an account. */
export const enrolBody = {
  schema: z.strictObject({
    account_id: accountId,
    device_id: deviceId,
    device_key: deviceKey,
    risk: risk.exactOptional(),
  }, OBJECT).meta({ id: "EnrolmentRequest" }),
  example: {
    account_id: "acct-1001",
    device_id: "phone-7",
    device_key: {
      kty: "EC",
      crv: "P-256",
      x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
      y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    },
    risk: "normal",
  },
};

/** A new enrolment in the words of the API. */
export const created = z.strictObject({
  credential_id: credentialId,
  account_id: accountId,
  device_id: deviceId,
  expires_at: seedEnds,
  seed_jwe: z.string().meta({
    description:
      "Compact JWE to `device_key` (ECDH-ES, A256GCM); its plaintext is JSON with seed, prefix, profile, bucket, bucket_digits, tag_digits, time_step_seconds, credential_id and expires_at. Delivered once",
    example: "eyJhbGciOiJFQ0RILUVTIi…",
  }),
}).meta({ id: "CreatedEnrolment" });

/** An example of a new enrolment. */
export const createdExample = {
  credential_id: enrolmentExample.credential_id,
  account_id: "acct-1001",
  device_id: "phone-7",
  expires_at: "2026-03-02T12:00:00.000Z",
  seed_jwe: "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSJ9..iv.ciphertext.tag",
};

/** Enrols what a body asks for, and spells the outcome. */
export async function enrolAs(
  enrol: Enrolments["enrol"],
  body: z.output<typeof enrolBody.schema>,
  by: WalletSystem,
) {
  return reply(
    201,
    await enrol({
      accountId: body.account_id,
      deviceId: body.device_id,
      deviceKey: body.device_key,
      ...given({ risk: body.risk }),
      by,
    }),
    (made) => ({
      credential_id: made.credentialId,
      account_id: made.accountId,
      device_id: made.deviceId,
      expires_at: made.expiresAt,
      seed_jwe: made.seedJwe,
    }),
  );
}

export const enrol = call({
  id: "enrol",
  method: "post",
  path: "/v1/enrolments",
  scope: "wallet",
  summary: "Enrol an account on a device",
  description:
    "Earlier seeds of the account and of the device are dead at once. The new seed is in this answer, sealed for the device, and never again.",
  body: enrolBody,
  answers: {
    201: { says: "Enrolled", schema: created, example: createdExample },
  },
  handle: ({ enrolments }, { caller, body }) =>
    enrolAs(enrolments.enrol, body, caller.walletSystem),
});
