/**
 * Signs a call as Standard Webhooks 1.0.0 say: HMAC-SHA-256 over id, timestamp
 * and body. The id names the payment and the call, so the signature says what
 * is asked for although it does not cover the path.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from "@std/encoding/base64";
import { Webhook } from "standardwebhooks";

/** The three headers of a signed call. */
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
      "The ledger's secret must be whsec_ and 24 to 64 bytes in padded base64",
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
