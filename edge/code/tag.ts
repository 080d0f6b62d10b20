/**
 * Computes the tag, the last digits of a code, from a MAC: the first eight bytes as an unsigned
 * big-endian integer, modulo a power of ten.
 *
 * RFC 4226 §5.3 truncates the MAC to 31 bits, which are too few for eleven evenly distributed
 * digits; 64 bits are enough. The WASM core computes the same on its hot path.
 *
 * @module
 */

/**
 * The tag of a MAC: `u64_be(mac[0..8]) mod 10^tagDigits`.
 *
 * @throws {RangeError} If the MAC has fewer than 8 bytes, or `tagDigits` is
 * not an integer from 1 to 18.
 *
 * @example
 * ```ts
 * import { tagFromMac } from "./tag.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const mac = new Uint8Array(32).fill(0xff);
 * assertEquals(tagFromMac(mac, 11), 73709551615n); // 2^64 − 1 mod 10^11
 * ```
 */
export function tagFromMac(mac: Uint8Array, tagDigits: number): bigint {
  if (mac.length < 8) throw new RangeError("The MAC has fewer than 8 bytes");
  if (!Number.isInteger(tagDigits) || tagDigits < 1 || tagDigits > 18) {
    throw new RangeError("The tag digits must be an integer from 1 to 18");
  }
  const head = new DataView(mac.buffer, mac.byteOffset, 8).getBigUint64(0);
  return head % 10n ** BigInt(tagDigits);
}
