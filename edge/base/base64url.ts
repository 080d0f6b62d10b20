/**
 * Base64url without padding (RFC 4648 §5) in its canonical spelling alone. Most
 * decoders skip unknown letters or accept padding, which would give one sealed
 * text many spellings.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** Bytes as text. It does not use `Buffer`, which allocates memory for every text. */
export function encode(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Short texts are decoded into this buffer, so that none needs an allocation. */
const scratch = Buffer.alloc(256);
const scratchBytes = new Uint8Array(scratch.buffer, scratch.byteOffset, 256);

/**
 * Decodes a text of any length; `undefined` if the text is not canonical, which
 * is found by encoding again, because `Buffer` skips letters it does not know.
 * This is five times as fast as a decoder in JavaScript. The returned bytes may
 * be overwritten by the next call.
 */
export function decodeCanonical(base64: string): Uint8Array | undefined {
  if (base64.length > scratch.length) {
    const bytes = Buffer.from(base64, "base64url");
    return bytes.toString("base64url") === base64 ? bytes : undefined;
  }
  const length = scratch.write(base64, "base64url");
  return scratch.toString("base64url", 0, length) === base64
    ? scratchBytes.subarray(0, length)
    : undefined;
}

/** The value of each letter by its UTF-16 unit below 128; 64 marks what is no letter of the alphabet. */
const VALUES = new Uint8Array(128).fill(64);
for (
  const [value, letter] of [
    ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
  ].entries()
) VALUES[letter.charCodeAt(0)] = value;

/**
 * Decodes the letters from `start` on into `into`, whose length must be a multiple of
 * three; the text must be long enough. Returns whether all of them belong to the
 * alphabet. A text without padding and remainder has one spelling only. This takes a
 * third of the time of {@linkcode decodeCanonical}.
 */
export function decodeTriples(
  text: string,
  start: number,
  into: Uint8Array,
): boolean {
  let units = 0;
  let values = 0;
  for (let i = 0, at = start; i < into.length; i += 3, at += 4) {
    const a = text.charCodeAt(at), b = text.charCodeAt(at + 1);
    const c = text.charCodeAt(at + 2), d = text.charCodeAt(at + 3);
    units |= a | b | c | d;
    const bits = VALUES[a & 127]! << 18 | VALUES[b & 127]! << 12 |
      VALUES[c & 127]! << 6 | VALUES[d & 127]!;
    values |= VALUES[a & 127]! | VALUES[b & 127]! | VALUES[c & 127]! |
      VALUES[d & 127]!;
    into[i] = bits >>> 16;
    into[i + 1] = bits >>> 8;
    into[i + 2] = bits;
  }
  return units < 128 && values < 64;
}
