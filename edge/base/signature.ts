/**
 * Signs requests to other servers as Standard Webhooks 1.0.0 specifies:
 * HMAC-SHA-256 over id, timestamp and body. Callbacks and calls of the ledger are
 * signed in this way. The signature does not cover the path, so the id says
 * which call is meant.
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
  /**
   * `v1,` and the signature in base64; one for each secret, separated by
   * spaces.
   */
  readonly "webhook-signature": string;
}

/** Makes the headers for an id without a dot, a time and a body. */
export type Signer = (
  id: string,
  nowMs: number,
  body: string,
) => SignatureHeaders;

const PREFIX = "whsec_";
/** The standard asks for 24 to 64 bytes. */
const NEW_SECRET_BYTES = 32;

/** Makes a secret of 32 bytes: `whsec_` and padded base64. */
export function createSecret(random: Random): string {
  return PREFIX + encodeBase64(random.bytes(NEW_SECRET_BYTES));
}

/**
 * Makes a {@linkcode Signer} that signs with each of the secrets, in their
 * order: during a rotation a receiver may know either of them.
 *
 * @throws {RangeError} If there is no secret, or one is not `whsec_` and 24 to
 * 64 bytes in padded base64 (RFC 4648 §4). The error's text contains no secret.
 */
export function createSigner(...secrets: readonly string[]): Signer {
  if (secrets.length === 0 || !secrets.every(isSecret)) {
    throw new RangeError(
      "A secret must be whsec_ and 24 to 64 bytes in padded base64",
    );
  }
  const webhooks = secrets.map((secret) => new Webhook(secret));
  return (id, nowMs, body) => {
    const at = new Date(nowMs);
    return {
      "webhook-id": id,
      "webhook-timestamp": `${Math.floor(nowMs / 1000)}`,
      "webhook-signature": webhooks.map((it) => it.sign(id, at, body)).join(
        " ",
      ),
    };
  };
}

function isSecret(secret: string): boolean {
  if (!secret.startsWith(PREFIX)) return false;
  const base64 = secret.slice(PREFIX.length);
  try {
    const bytes = decodeBase64(base64);
    // Base64 can spell the same bytes in several ways; one is accepted.
    return bytes.length >= 24 && bytes.length <= 64 &&
      encodeBase64(bytes) === base64;
  } catch {
    return false;
  }
}
