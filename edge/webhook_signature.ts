/**
 * Signs what is sent as Standard Webhooks 1.0.0 say: HMAC-SHA-256 over id,
 * timestamp and body. The path is not covered: what is asked for must be in
 * the id or in the body.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from "@std/encoding/base64";
import { Webhook } from "standardwebhooks";
import type { Random } from "./clock.ts";

/** The three headers of a signed request. */
export interface SignatureHeaders {
  readonly "webhook-id": string;
  /** Unix seconds. */
  readonly "webhook-timestamp": string;
  /** `v1,` and the signature in base64. */
  readonly "webhook-signature": string;
}

/** Makes the headers for an id without a dot, a time and a body. */
export type Signer = (
  id: string,
  nowMs: number,
  body: string,
) => SignatureHeaders;

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

/** A new secret. */
export function newWebhookSecret(random: Random): string {
  return PREFIX + encodeBase64(random.bytes(SECRET_BYTES));
}

/**
 * Makes a {@linkcode Signer}.
 *
 * @throws {RangeError} If the secret is not `whsec_` and 24 to 64 bytes in
 * padded base64 (RFC 4648 §4); its text holds nothing of it.
 */
export function createSigner(secret: string): Signer {
  const length = secret.startsWith(PREFIX)
    ? decodedLength(secret.slice(PREFIX.length))
    : 0;
  if (length < 24 || length > 64) {
    throw new RangeError(
      "A webhook secret must be whsec_ and 24 to 64 bytes in padded base64",
    );
  }
  const webhook = new Webhook(secret);
  return (id, nowMs, body) => ({
    "webhook-id": id,
    "webhook-timestamp": `${Math.floor(nowMs / 1000)}`,
    "webhook-signature": webhook.sign(id, new Date(nowMs), body),
  });
}

/** Bytes in a text of the one spelling that is accepted, else 0. */
function decodedLength(base64: string): number {
  try {
    const bytes = decodeBase64(base64);
    return encodeBase64(bytes) === base64 ? bytes.length : 0;
  } catch {
    return 0;
  }
}
