/**
 * The shape of every request and every response, once: requests are checked
 * with these schemas, and the OpenAPI document is made from them.
 *
 * Objects are strict, so that a misspelled optional field is an error and not
 * silence. Every message begins with "must", because only such messages reach
 * a client; none of them holds input.
 *
 * @module
 */

import { z } from "zod";
import { CURRENCIES } from "./currencies.ts";
import { PROBLEM_CODES } from "./problem.ts";
import {
  callbackUrl,
  chosenId,
  LINE,
  madeId,
  OBJECT,
  orderId,
  text,
  time,
} from "./schema_parts.ts";

/** Largest amount of a payment and of a sandbox balance, in minor units. */
export const MAX_AMOUNT_MINOR = 999_999_999_999;

function amount(least: number, description: string) {
  const must = `must be an integer from ${least} to ${MAX_AMOUNT_MINOR}`;
  return z.int(must).min(least, must).max(MAX_AMOUNT_MINOR, must).meta({
    description,
    example: 1250,
  });
}

const accountId = chosenId("The wallet's own name of an account", "acct-1001");
const deviceId = chosenId("The wallet's own name of a device", "phone-7");
const reference = chosenId(
  "The wallet's own name of one verification; repeat it to repeat the answer",
  "ref-000017",
);
const terminalId = chosenId("The till", "till-3");

const displayName = text(
  new RegExp(`^(?=.*\\S)${LINE}{1,100}$`, "u"),
  "must be 1 to 100 characters on one line",
).meta({ description: "1 to 100 characters", example: "Corner Coffee" });

const description = text(
  new RegExp(`^${LINE}{0,200}$`, "u"),
  "must be at most 200 characters on one line",
).meta({
  description: "What the customer sees; at most 200 characters",
  example: "Two flat whites",
});

const code = text(/^.{0,64}$/s, "must be a string of at most 64 characters")
  .meta({
    description:
      "The payment code as scanned, 16 to 24 digits, as a string: it may begin with 0",
    example: "901004201234567890",
  });

const currency = z.enum(CURRENCIES, "must be an ISO 4217 currency code").meta({
  id: "Currency",
  description: "ISO 4217 alphabetic code",
  example: "EUR",
});

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
  /^[\w-]{42}[AEIMQUYcgkosw048]$/,
  "must be 32 bytes in canonical base64url",
);

/**
 * A public EC P-256 JWK (RFC 7518 §6.2.1). What `exportKey("jwk")` adds is
 * accepted and dropped; anything private is an unknown field.
 */
const deviceKey = z.strictObject({
  kty: z.literal("EC", "must be EC"),
  crv: z.literal("P-256", "must be P-256"),
  x: coordinate.meta({
    example: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  }),
  y: coordinate.meta({
    example: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
  }),
  kid: text(/^.{0,200}$/s, "must be a string").exactOptional(),
  use: z.literal("enc", "must be enc").exactOptional(),
  // Deno and Node export "ECDH"; jose writes "ECDH-ES".
  alg: z.enum(["ECDH-ES", "ECDH"], "must be ECDH-ES").exactOptional(),
  key_ops: z.array(z.string("must be a string"), "must be an array")
    .max(8, "must be short").exactOptional(),
  ext: z.boolean("must be a boolean").exactOptional(),
}, OBJECT).transform(({ kty, crv, x, y }) => ({ kty, crv, x, y })).meta({
  description: "The device's public key, a P-256 JWK; the seed is sealed to it",
});

// Admin

/** `POST /v1/admin/merchants` */
export const createMerchantRequest = z.strictObject({
  name: displayName,
  callback_url: callbackUrl.exactOptional(),
}, OBJECT).meta({ id: "CreateMerchantRequest" });

const merchantStatus = z.enum(
  ["active", "suspended"],
  "must be active or suspended",
);
const apiKey = z.string().meta({
  description: "Shown once; stored as a hash only",
  example: "ofc_…",
});

const merchantFields = {
  merchant_id: madeId("mer", "The merchant"),
  name: displayName,
  status: merchantStatus,
};

/** 201 of `POST /v1/admin/merchants` */
export const createdMerchant = z.strictObject({
  ...merchantFields,
  api_key: apiKey,
  callback_secret: z.string().exactOptional().meta({
    description: "Of the endpoint that `callback_url` made; shown once",
  }),
}).meta({ id: "CreatedMerchant" });

/** `PATCH /v1/admin/merchants/:id` */
export const changeMerchantRequest = z.strictObject(
  { status: merchantStatus },
  OBJECT,
).meta({ id: "ChangeMerchantRequest" });

/** 200 of `PATCH /v1/admin/merchants/:id` */
export const merchant = z.strictObject(merchantFields).meta({ id: "Merchant" });

/** `POST /v1/admin/wallet-keys` */
export const createWalletKeyRequest = z.strictObject(
  { name: displayName },
  OBJECT,
).meta({ id: "CreateWalletKeyRequest" });

/** 201 of `POST /v1/admin/wallet-keys` and of `…/merchants/:id/keys` */
export const createdKey = z.strictObject({ api_key: apiKey }).meta({
  id: "CreatedKey",
});

const balance = {
  balance_minor: amount(0, "What the account holds, in minor units"),
  currency,
};

/** `PUT /v1/admin/sandbox/accounts/:account_id` */
export const setBalanceRequest = z.strictObject(balance, OBJECT).meta({
  id: "SetBalanceRequest",
});

/** 200 of the sandbox calls; an account never set has 0 and no currency. */
export const sandboxAccount = z.strictObject({
  account_id: accountId,
  balance_minor: balance.balance_minor,
  currency: currency.exactOptional(),
}).meta({ id: "SandboxAccount" });

// Wallet

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
  credential_id: text(/^.{0,64}$/s, "must be a credential id").meta({
    description: "The credential whose phone is online",
    example: "cred_9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e",
  }),
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

// Merchant

/** `POST /v1/payments` */
export const paymentRequest = z.strictObject({
  code,
  order_id: orderId,
  amount_minor: amount(1, "In minor units: 1250 is 12.50 EUR, or 1250 JPY"),
  currency,
  description: description.exactOptional(),
  terminal_id: terminalId.exactOptional(),
}, OBJECT).meta({ id: "PaymentRequest" });

/** `POST /v1/reversals` */
export const reversalRequest = z.strictObject({ order_id: orderId }, OBJECT)
  .meta({ id: "ReversalRequest" });

/** 200 of `POST /v1/reversals` */
export const reversal = z.strictObject({
  order_id: orderId,
  status: z.literal("reversed"),
  payment_id: madeId("pay", "Absent where the order was never seen before")
    .exactOptional(),
}).meta({ id: "Reversal" });

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

/** `GET /v1/payments?order_id=` */
export const paymentQuery = z.strictObject({ order_id: orderId });

const bilingual = z.strictObject({
  en: z.string(),
  zh: z.string().meta({ description: "Simplified Chinese" }),
}).meta({ id: "Text", description: "For people, in two languages" });

const declineReason = z.string().meta({
  description: "Why the ledger or the customer said no",
  example: "insufficient_funds",
});

/** 201 and 200 of the payment calls */
export const payment = z.strictObject({
  payment_id: madeId("pay", "The payment"),
  order_id: orderId,
  status: z.enum([
    "processing",
    "awaiting_confirmation",
    "succeeded",
    "declined",
    "reversing",
    "reversed",
  ]),
  amount_minor: amount(1, "In minor units"),
  currency,
  payer: z.string().meta({
    description: "Pseudonym of the account; differs from merchant to merchant",
  }),
  order_version: z.int().min(1).meta({
    description: "Rises with every change of the order",
    example: 2,
  }),
  repeat: z.literal(true).exactOptional().meta({
    description: "The order had ended before; nothing new was done",
  }),
  description: description.exactOptional(),
  terminal_id: terminalId.exactOptional(),
  decline_reason: declineReason.exactOptional(),
  cashier: bilingual.exactOptional(),
  created_at: time("When the payment was first written"),
  updated_at: time("When it last changed"),
}).meta({ id: "Payment" });

// All

/** Every answer that is not a success */
export const problemDocument = z.strictObject({
  type: z.string().meta({
    description: "`/problems/<code>` of this API",
    format: "uri-reference",
  }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().meta({ description: "For a developer; never a value" }),
  instance: z.string().meta({ format: "uri-reference" }),
  code: z.enum(PROBLEM_CODES),
  retry: z.enum(["never", "same-order", "new-code", "query", "later"]),
  cashier: bilingual,
  customer: bilingual,
  next_query_seconds: z.int().min(1).exactOptional(),
  order_id: orderId.exactOptional(),
  payment_id: madeId("pay", "The payment").exactOptional(),
  decline_reason: declineReason.exactOptional(),
}).meta({ id: "Problem", description: "RFC 9457 problem document" });

/** 200 of `GET /healthz` */
export const health = z.strictObject({ status: z.literal("ok") }).meta({
  id: "Health",
});

/** 200 of `GET /readyz` */
export const readiness = z.strictObject({
  status: z.literal("ready"),
  checks: z.record(z.string(), z.literal("ok")).meta({
    example: { store: "ok", core: "ok", clock: "ok" },
  }),
}).meta({ id: "Readiness" });
