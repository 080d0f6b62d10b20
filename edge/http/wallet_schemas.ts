/**
 * The shape of every request and every response of a wallet's backend; as
 * `schemas.ts`.
 *
 * @module
 */

import { z } from "zod";
import {
  accountId,
  amount,
  chosenId,
  code,
  currency,
  displayName,
  givenMadeId,
  madeId,
  OBJECT,
  text,
  time,
} from "./kit/fields.ts";

const deviceId = chosenId("The wallet's own name of a device", "phone-7");
const reference = chosenId(
  "The wallet's own name of one verification; repeat it to repeat the answer",
  "ref-000017",
);
const risk = z.enum(
  ["normal", "restricted", "blocked"],
  "must be normal, restricted or blocked",
).meta({
  id: "Risk",
  description:
    "Of the account: `restricted` lowers the limits, `blocked` pays nothing",
});

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

/** `POST /v1/enrolments` */
export const enrolmentRequest = z.strictObject({
  account_id: accountId,
  device_id: deviceId,
  device_key: deviceKey,
  risk: risk.exactOptional(),
}, OBJECT).meta({ id: "EnrolmentRequest" });

const credentialId = madeId(
  "cred",
  "One enrolment of one account on one phone",
);

/** 201 of `POST /v1/enrolments` */
export const createdEnrolment = z.strictObject({
  credential_id: credentialId,
  account_id: accountId,
  device_id: deviceId,
  expires_at: time("When the seed dies unless renewed"),
  seed_jwe: z.string().meta({
    description:
      "Compact JWE to `device_key` (ECDH-ES, A256GCM); its plaintext is JSON with seed, prefix, profile, bucket, bucket_digits, tag_digits, time_step_seconds, credential_id and expires_at. Delivered once",
    example: "eyJhbGciOiJFQ0RILUVTIi…",
  }),
}).meta({ id: "CreatedEnrolment" });

/** 200 of `GET /v1/enrolments/:id` */
export const enrolment = z.strictObject({
  credential_id: credentialId,
  account_id: accountId,
  device_id: deviceId,
  profile: z.int().min(1).max(9).meta({ example: 1 }),
  risk,
  status: z.enum(["active", "revoked", "expired"]),
  created_at: time("When it was enrolled"),
  expires_at: time("When the seed dies unless renewed"),
}).meta({ id: "Enrolment" });

/** `PATCH /v1/enrolments/:id` */
export const changeEnrolmentRequest = z.strictObject({ risk }, OBJECT).meta({
  id: "ChangeEnrolmentRequest",
});

/** `POST /v1/online-codes` */
export const onlineCodeRequest = z.strictObject({
  credential_id: givenMadeId(
    "cred",
    "The credential whose phone is online",
  ),
}, OBJECT).meta({ id: "OnlineCodeRequest" });

/** 201 of `POST /v1/online-codes` */
export const onlineCode = z.strictObject({
  code: z.string().meta({
    description: "18 digits, good for one use; the code before it is dead",
    example: "900123456789012345",
  }),
  expires_at: time("When it dies: 60 seconds after it was issued"),
}).meta({ id: "OnlineCode" });

/** `POST /v1/verifications` */
export const verificationRequest = z.strictObject({ code, reference }, OBJECT)
  .meta({ id: "VerificationRequest" });

/** 200 of `POST /v1/verifications` */
export const verification = z.strictObject({
  verification_id: madeId("ver", "The verification"),
  reference,
  account_id: accountId,
  credential_id: credentialId,
  profile: z.int().min(0).max(9).meta({ example: 1 }),
  time_step: z.int().min(0).meta({
    description: "The step that the code was made in",
    example: 58_945_440,
  }),
  drift_steps: z.int().min(-1).max(1).meta({
    description: "Steps by which the phone's clock differs from ours",
    example: 0,
  }),
  verified_at: time("When the code was used up"),
}).meta({ id: "Verification" });

/** `GET /v1/confirmations?account_id=` */
export const confirmationsQuery = z.strictObject({ account_id: accountId });

/** 200 of `GET /v1/confirmations` */
export const confirmations = z.strictObject({
  confirmations: z.array(z.strictObject({
    payment_id: madeId("pay", "The payment"),
    account_id: accountId,
    merchant_name: displayName,
    amount_minor: amount(1, "In minor units"),
    currency,
    expires_at: time("When it ends as declined without the customer's word"),
  })),
}).meta({ id: "Confirmations" });

/** `POST /v1/payments/:id/confirmation` */
export const confirmationRequest = z.strictObject({
  approve: z.boolean("must be true or false"),
}, OBJECT).meta({ id: "ConfirmationRequest" });
