/**
 * AES-256-GCM (NIST SP 800-38D) over one layout: nonce, ciphertext, tag. Every
 * text that the vault seals or opens goes through these two functions.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv } from "node:crypto";

/** The length of a random nonce: 96 bits (SP 800-38D §8.2.2). */
export const NONCE_BYTES = 12;
/** The length of a whole tag. */
export const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";
/** With this option the decipher refuses shortened tags. */
const OPTIONS = { authTagLength: TAG_BYTES };

/**
 * Returns nonce, ciphertext and tag. A nonce must not be used twice with one
 * key.
 */
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

/**
 * The parts of the bytes that {@linkcode encrypt} made, as views of the same
 * memory.
 */
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
 * Calls `use` with the plain bytes and wipes them afterwards. If the tag is wrong, `use` is
 * not called, and the result is `false`.
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
