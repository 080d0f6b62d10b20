/**
 * The delivery of a seed to its device: the device key that a wallet's backend sends,
 * and the sealed seed that it gets.
 *
 * @module
 */

import { z } from "zod";
import { OBJECT, text } from "../../kit/fields.ts";
import { accountId } from "../fields.ts";
import {
  credentialId,
  deviceId,
  enrolmentExample,
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
export const deviceKey = z.object({
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

/** An example of such a key. */
export const deviceKeyExample = {
  kty: "EC",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
};

/** The answer of the calls that deliver a seed. */
export const NEW_ENROLMENT = {
  schema: z.strictObject({
    credential_id: credentialId,
    account_id: accountId,
    device_id: deviceId,
    expires_at: seedEnds,
    seed_jwe: z.string().meta({
      description:
        "Compact JWE to `device_key` (ECDH-ES, A256GCM); its plaintext is JSON with seed, prefix, profile, bucket, bucket_digits, tag_digits, time_step_seconds, credential_id and expires_at",
      example: "eyJhbGciOiJFQ0RILUVTIi…",
    }),
  }).meta({ id: "CreatedEnrolment" }),
  example: {
    credential_id: enrolmentExample.credential_id,
    account_id: "acct-1001",
    device_id: "phone-7",
    expires_at: "2026-03-02T12:00:00.000Z",
    seed_jwe: "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSJ9..iv.ciphertext.tag",
  },
};
