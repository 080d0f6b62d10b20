/**
 * The digits of an online code: `prefix(2) 0 random(15)`, 18 digits. The
 * server draws them; nothing is computed from a seed or the time.
 *
 * @module
 */

import { assertPrefix, isCodeShaped } from "./format.ts";

/** The digit in the place of a profile that marks online codes. */
const ONLINE_DIGIT = 0;

/** Random digits of an online code. */
export const ONLINE_RANDOM_DIGITS = 15;

/**
 * Whether a text has the form of an online code of this wallet.
 *
 * @throws {RangeError} If `prefix` is not two ASCII digits.
 *
 * @example
 * ```ts
 * import { isOnlineCode } from "./online.ts";
 * import { assert } from "@std/assert";
 *
 * assert(isOnlineCode("900123456789012345", "90"));
 * assert(!isOnlineCode("901123456789012345", "90"));
 * ```
 */
export function isOnlineCode(text: string, prefix: string): boolean {
  const head = onlineHead(prefix);
  return isCodeShaped(text) && text.startsWith(head) &&
    text.length === head.length + ONLINE_RANDOM_DIGITS;
}

/**
 * Writes an online code.
 *
 * @throws {RangeError} If `random` does not fit 15 digits.
 *
 * @example
 * ```ts
 * import { formatOnlineCode } from "./online.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatOnlineCode("90", 7n), "900000000000000007");
 * ```
 */
export function formatOnlineCode(prefix: string, random: bigint): string {
  if (random < 0n || random >= 10n ** BigInt(ONLINE_RANDOM_DIGITS)) {
    throw new RangeError("The number does not fit an online code");
  }
  return onlineHead(prefix) + `${random}`.padStart(ONLINE_RANDOM_DIGITS, "0");
}

function onlineHead(prefix: string): string {
  assertPrefix(prefix);
  return `${prefix}${ONLINE_DIGIT}`;
}
