/**
 * Signs what goes to other servers as Standard Webhooks 1.0.0 say: HMAC-SHA-256
 * over id, timestamp and body. Callbacks and the calls of the ledger are signed
 * like that; the id names what is meant, since the path is not covered.
 *
 * The library of the standard, `standardwebhooks`, says what the form is, and
 * the tests compare every signature with its. It hashes in JavaScript, which
 * took a tenth of a delivery; the runtime's hash takes half of that.
 *
 * @module
 */

import crypto from "node:crypto";
import { decodeBase64, encodeBase64 } from "@std/encoding/base64";
import type { Random } from "./clock.ts";

/** The three headers of a signed request. */
export interface SignatureHeaders {
  readonly "webhook-id": string;
  /** Unix seconds. */
  readonly "webhook-timestamp": string;
  /** `v1,` and the signature in base64; one for each secret, with spaces. */
  readonly "webhook-signature": string;
}

/** Makes the headers for an id without a dot, a time and a body. */
export type Signer = (
  id: string,
  nowMs: number,
  body: string,
) => SignatureHeaders;

const PREFIX = "whsec_";
/** What the standard asks for is 24 to 64. */
const NEW_SECRET_BYTES = 32;

/** Makes a secret of 32 bytes: `whsec_` and padded base64. */
export function createSecret(random: Random): string {
  return PREFIX + encodeBase64(random.bytes(NEW_SECRET_BYTES));
}

/**
 * Makes a {@linkcode Signer} that signs with each of the secrets, in their
 * order: while one takes the place of another a receiver may know either.
 *
 * @throws {RangeError} If there is no secret, or one is not `whsec_` and 24 to
 * 64 bytes in padded base64 (RFC 4648 §4); its text holds nothing of them.
 */
export function createSigner(...secrets: readonly string[]): Signer {
  if (secrets.length === 0 || !secrets.every(isSecret)) {
    throw new RangeError(
      "A secret must be whsec_ and 24 to 64 bytes in padded base64",
    );
  }
  const macs = secrets.map((secret) =>
    createMac(decodeBase64(secret.slice(PREFIX.length)))
  );
  return (id, nowMs, body) => {
    const timestamp = `${Math.floor(nowMs / 1000)}`;
    const text = `${id}.${timestamp}.${body}`;
    return {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": macs.map((mac) => `v1,${mac(text)}`).join(" "),
    };
  };
}

/** Bytes of a block and of a digest of SHA-256 (FIPS 180-4). */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Of what is hashed around the key (RFC 2104 §2). */
const IPAD = 0x36;
const OPAD = 0x5c;

const encoder = new TextEncoder();

/**
 * Makes HMAC-SHA-256 (RFC 2104) of texts, in base64, under a key of at most one
 * block.
 */
function createMac(key: Uint8Array): (text: string) => string {
  if (crypto.hash === undefined) {
    return (text) =>
      crypto.createHmac("sha256", key).update(text).digest("base64");
  }
  // In two calls: `createHmac` makes a stream, and that costs as much as the
  // library does.
  const inner = new Uint8Array(BLOCK_BYTES).fill(IPAD);
  const outer = new Uint8Array(BLOCK_BYTES + DIGEST_BYTES)
    .fill(OPAD, 0, BLOCK_BYTES);
  for (const [i, byte] of key.entries()) {
    inner[i]! ^= byte;
    outer[i]! ^= byte;
  }
  return (text) => {
    // A letter has at most three bytes.
    const message = new Uint8Array(BLOCK_BYTES + 3 * text.length);
    message.set(inner);
    const { written } = encoder.encodeInto(text, message.subarray(BLOCK_BYTES));
    const whole = message.subarray(0, BLOCK_BYTES + written);
    outer.set(crypto.hash("sha256", whole, "buffer"), BLOCK_BYTES);
    return crypto.hash("sha256", outer, "base64");
  };
}

function isSecret(secret: string): boolean {
  if (!secret.startsWith(PREFIX)) return false;
  const base64 = secret.slice(PREFIX.length);
  try {
    const bytes = decodeBase64(base64);
    // Of several spellings of the same bytes one is accepted.
    return bytes.length >= 24 && bytes.length <= 64 &&
      encodeBase64(bytes) === base64;
  } catch {
    return false;
  }
}
