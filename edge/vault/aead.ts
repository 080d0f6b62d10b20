/**
 * AES-256-GCM (NIST SP 800-38D) over one layout: nonce, ciphertext, tag. Every
 * text that the vault seals or opens goes through these two functions.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv } from "node:crypto";

/** SP 800-38D §8.2.2: a random nonce of 96 bits. */
export const NONCE_BYTES = 12;
/** Bytes of a full tag. */
export const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";
/** Makes the decipher refuse tags that were cut short. */
const OPTIONS = { authTagLength: TAG_BYTES };

/** Nonce, ciphertext and tag. The nonce must not be used twice with a key. */
export function encrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plain: Uint8Array,
): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS);
  cipher.setAAD(aad);
  const body = cipher.update(plain);
  return Buffer.concat([nonce, body, cipher.final(), cipher.getAuthTag()]);
}

/** The parts of what {@linkcode encrypt} made, as views of one memory. */
export interface SealedParts {
  readonly nonce: Uint8Array;
  readonly body: Uint8Array;
  readonly tag: Uint8Array;
}

/** The parts of sealed bytes; `undefined` if there are too few. */
export function partsOf(sealed: Uint8Array): SealedParts | undefined {
  const bodyEnd = sealed.length - TAG_BYTES;
  if (bodyEnd < NONCE_BYTES) return undefined;
  return {
    nonce: sealed.subarray(0, NONCE_BYTES),
    body: sealed.subarray(NONCE_BYTES, bodyEnd),
    tag: sealed.subarray(bodyEnd),
  };
}

/**
 * Hands the plain bytes to `use` and wipes them afterwards. `false` if the tag
 * is wrong: then `use` is not called.
 */
export function decrypt(
  key: Uint8Array,
  { nonce, body, tag }: SealedParts,
  aad: Uint8Array,
  use: (plain: Uint8Array) => void,
): boolean {
  const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS);
  decipher.setAAD(aad);
  decipher.setAuthTag(tag);
  const plain = decipher.update(body);
  try {
    decipher.final();
  } catch {
    plain.fill(0);
    return false;
  }
  try {
    use(plain);
    return true;
  } finally {
    plain.fill(0);
  }
}
