/**
 * The digits of a payment code, taken apart and put together:
 * `prefix(2) profile(1) bucket(b) tag(t)`, 16 to 24 digits in all.
 *
 * A code has exactly one spelling: the ASCII digits 0 to 9 and nothing around them. Spaces,
 * signs and digits of other scripts are refused here, before a number or a store key is made
 * from the text, so that one code can never count as two. The text of a code never appears in
 * an error.
 *
 * @module
 */

import {
  codeDigits,
  MAX_CODE_DIGITS,
  MIN_CODE_DIGITS,
  PREFIX_DIGITS,
  type Profile,
  type Profiles,
} from "./profile.ts";

/** An offline payment code, taken apart. */
export interface PaymentCode {
  /** Two ASCII digits that route the scan to this wallet, such as "90". */
  readonly prefix: string;
  /** The profile that the third digit names. */
  readonly profile: Profile;
  /** The group of seeds to search, 0 to 10^bucketDigits − 1. */
  readonly bucket: number;
  /** What the customer's seed produced, 0 to 10^tagDigits − 1. */
  readonly tag: bigint;
}

/** The result of {@linkcode parseCode}. */
export type ParsedCode =
  | { readonly kind: "code"; readonly code: PaymentCode }
  | { readonly kind: "malformed" };

const MALFORMED: ParsedCode = Object.freeze({ kind: "malformed" });

/**
 * Whether a text could be a payment code of any issuer and profile: 16 to 24
 * ASCII digits and nothing else.
 *
 * @example
 * ```ts
 * import { isCodeShaped } from "./format.ts";
 * import { assert } from "@std/assert";
 *
 * assert(isCodeShaped("901004201234567890"));
 * assert(!isCodeShaped("9010042 01234567890"));
 * ```
 */
export function isCodeShaped(text: string): boolean {
  // The length is checked first, so that a very long text is refused without reading it. A
  // value that is not a string, from a caller without type checks, is refused as well.
  return typeof text === "string" && text.length >= MIN_CODE_DIGITS &&
    text.length <= MAX_CODE_DIGITS && isDigits(text);
}

/**
 * Takes a code apart. A text is `malformed` if it is not 16 to 24 ASCII digits, has another
 * prefix or a profile that is not in `profiles`, or does not have the length of its profile.
 *
 * @throws {RangeError} If `prefix` is not two ASCII digits.
 *
 * @example
 * ```ts
 * import { parseCode } from "./format.ts";
 * import { DEFAULT_PROFILES, PROFILE_1 } from "./profile.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseCode("901004201234567890", "90", DEFAULT_PROFILES), {
 *   kind: "code",
 *   code: { prefix: "90", profile: PROFILE_1, bucket: 42, tag: 1234567890n },
 * });
 * assertEquals(parseCode("+01004201234567890", "90", DEFAULT_PROFILES), {
 *   kind: "malformed",
 * });
 * ```
 */
export function parseCode(
  text: string,
  prefix: string,
  profiles: Profiles,
): ParsedCode {
  assertPrefix(prefix);
  if (!isCodeShaped(text) || !text.startsWith(prefix)) return MALFORMED;
  const profile = profiles.get(text.charCodeAt(PREFIX_DIGITS) - 48);
  if (profile === undefined || text.length !== codeDigits(profile)) {
    return MALFORMED;
  }
  const bucketAt = PREFIX_DIGITS + 1;
  const tagAt = bucketAt + profile.bucketDigits;
  return {
    kind: "code",
    code: {
      prefix,
      profile,
      bucket: Number(text.slice(bucketAt, tagAt)),
      tag: BigInt(text.slice(tagAt)),
    },
  };
}

/**
 * Writes a code as its digits, padded with zeros; the inverse of {@linkcode parseCode}.
 *
 * @throws {RangeError} If the prefix, the bucket or the tag does not fit its
 * digits.
 *
 * @example
 * ```ts
 * import { formatCode } from "./format.ts";
 * import { PROFILE_1 } from "./profile.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   formatCode({ prefix: "90", profile: PROFILE_1, bucket: 42, tag: 7n }),
 *   "901004200000000007",
 * );
 * ```
 */
export function formatCode(code: PaymentCode): string {
  const { prefix, profile, bucket, tag } = code;
  assertPrefix(prefix);
  assertBucket(bucket, profile);
  if (tag < 0n || tag >= 10n ** BigInt(profile.tagDigits)) {
    throw new RangeError("The tag does not fit the profile's tag digits");
  }
  return prefix + profile.digit +
    String(bucket).padStart(profile.bucketDigits, "0") +
    String(tag).padStart(profile.tagDigits, "0");
}

/**
 * Refuses a prefix that is not two ASCII digits.
 *
 * @throws {RangeError} If it is anything else.
 */
export function assertPrefix(prefix: string): void {
  if (prefix.length !== PREFIX_DIGITS || !isDigits(prefix)) {
    throw new RangeError("The prefix must be two ASCII digits");
  }
}

/**
 * Refuses a bucket number that its digits cannot show.
 *
 * @throws {RangeError} If it is not an integer from 0 to 10^bucketDigits − 1.
 */
export function assertBucket(bucket: number, profile: Profile): void {
  if (
    !Number.isInteger(bucket) || bucket < 0 ||
    bucket >= 10 ** profile.bucketDigits
  ) {
    throw new RangeError("The bucket does not fit the profile's bucket digits");
  }
}

// The code units are compared one by one. `\d` with a flag, `Number()` and `$` at the end of
// a pattern each accept other spellings as well.
function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 48 || unit > 57) return false;
  }
  return true;
}
