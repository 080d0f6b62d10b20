/**
 * Profiles: the complete set of algorithms and sizes behind one digit of a payment code. A
 * profile never changes once codes of it exist. A change needs a new digit, and the old and
 * the new profile are served side by side.
 *
 * Digit 0 is not a profile of offline codes: it marks online codes, which are
 * random numbers that the server issued. The registry is in `wasm/SPEC.md` §3.
 *
 * @module
 */

/** Digits of the routing prefix at the head of every code. */
export const PREFIX_DIGITS = 2;

/** The fewest digits of a payment code of any profile. */
export const MIN_CODE_DIGITS = 16;

/** The most digits of a payment code of any profile. */
export const MAX_CODE_DIGITS = 24;

/** The message authentication codes of all profiles. */
export const MACS = ["HMAC-SHA-256", "HMAC-SM3"] as const;

/** The name of a message authentication code. */
export type Mac = (typeof MACS)[number];

/** One digit's algorithms and sizes; see {@linkcode assertProfile} for bounds. */
export interface Profile {
  /** The digit that names the profile in a code, 1 to 9. */
  readonly digit: number;
  /** The message authentication code that makes tags. */
  readonly mac: Mac;
  /** Decimal digits of the bucket number, 1 to 9. */
  readonly bucketDigits: number;
  /** Decimal digits of the tag, 8 to 18: 10^18 is the last power below 2^63. */
  readonly tagDigits: number;
  /** Length of a time step in seconds, 1 to 600. */
  readonly timeStepSeconds: number;
  /**
   * Steps accepted on either side of the current one, 0 to 3: a search spans at
   * most 7.
   */
  readonly windowSteps: number;
}

/** The profiles that an edge serves or a wallet knows, by their digit. */
export type Profiles = ReadonlyMap<number, Profile>;

/** Profile 1: HMAC-SHA-256, 10 000 buckets, 11-digit tags, 30-second steps. */
export const PROFILE_1: Profile = Object.freeze({
  digit: 1,
  mac: "HMAC-SHA-256",
  bucketDigits: 4,
  tagDigits: 11,
  timeStepSeconds: 30,
  windowSteps: 1,
});

/** Profile 2: HMAC-SM3 (GB/T 32905) with the sizes of profile 1. */
export const PROFILE_2: Profile = Object.freeze({
  ...PROFILE_1,
  digit: 2,
  mac: "HMAC-SM3",
});

/** The profiles that are served by default: profile 1 alone. */
export const DEFAULT_PROFILES: Profiles = profilesOf([PROFILE_1]);

/**
 * How many digits the codes of a profile have.
 *
 * @example
 * ```ts
 * import { codeDigits, PROFILE_1 } from "./profile.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(codeDigits(PROFILE_1), 18);
 * ```
 */
export function codeDigits(profile: Profile): number {
  return PREFIX_DIGITS + 1 + profile.bucketDigits + profile.tagDigits;
}

/**
 * Refuses a profile whose sizes no code could have, before a code is made or read with it.
 *
 * @throws {RangeError} If a size is out of its bounds, or the code would not
 * have 16 to 24 digits.
 * @throws {TypeError} If the MAC is not implemented.
 *
 * @example
 * ```ts
 * import { assertProfile, PROFILE_1 } from "./profile.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertProfile(PROFILE_1);
 * assertThrows(() => assertProfile({ ...PROFILE_1, tagDigits: 19 }), RangeError);
 * ```
 */
export function assertProfile(profile: Profile): void {
  if (!MACS.includes(profile.mac)) {
    throw new TypeError("The profile's MAC is not implemented");
  }
  assertWithin("digit", profile.digit, 1, 9);
  assertWithin("bucketDigits", profile.bucketDigits, 1, 9);
  assertWithin("tagDigits", profile.tagDigits, 8, 18);
  assertWithin("timeStepSeconds", profile.timeStepSeconds, 1, 600);
  assertWithin("windowSteps", profile.windowSteps, 0, 3);
  assertWithin(
    "code length",
    codeDigits(profile),
    MIN_CODE_DIGITS,
    MAX_CODE_DIGITS,
  );
}

/**
 * Builds the table of profiles from a list, and checks every profile.
 *
 * @throws {RangeError} If a profile is impossible or a digit is taken twice.
 * @throws {TypeError} If a profile's MAC is not implemented.
 *
 * @example
 * ```ts
 * import { PROFILE_1, profilesOf } from "./profile.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const small = { ...PROFILE_1, digit: 7, bucketDigits: 2, tagDigits: 12 };
 * assertEquals([...profilesOf([PROFILE_1, small]).keys()], [1, 7]);
 * ```
 */
export function profilesOf(list: readonly Profile[]): Profiles {
  const profiles = new Map<number, Profile>();
  for (const profile of list) {
    assertProfile(profile);
    if (profiles.has(profile.digit)) {
      throw new RangeError(`Profile ${profile.digit} is given twice`);
    }
    profiles.set(profile.digit, profile);
  }
  return profiles;
}

function assertWithin(name: string, value: number, min: number, max: number) {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(
      `The profile's ${name} must be an integer from ${min} to ${max}`,
    );
  }
}
