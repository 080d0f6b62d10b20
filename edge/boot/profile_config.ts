/**
 * Which profiles are served. Their digits are a setting; their sizes come from the built-in
 * core, or, for a profile that it lacks, from the active core release.
 *
 * @module
 */

import { type Profile, type Profiles, profilesOf } from "../code/profile.ts";
import type { ProfileCounts } from "../health/profiles.ts";

/** Reads the two digits that codes begin with. */
export function readPrefix(text: string, faults: string[]): string {
  if (!/^[0-9]{2}$/.test(text)) {
    faults.push("OFFCODE_PREFIX must be two digits");
  }
  return text;
}

/** Reads the digits of the served profiles; the first is that of new seeds. */
export function readProfiles(
  list: string,
  faults: string[],
): readonly [number, ...number[]] {
  const digits = list.split(",").map((text) => text.trim());
  const [first, ...others] = digits.map(Number);
  if (
    !digits.every((digit) => /^[1-9]$/.test(digit)) ||
    new Set(digits).size !== digits.length
  ) {
    faults.push(
      "OFFCODE_PROFILES must be digits from 1 to 9, separated by commas, none " +
        "of them twice; the first is that of new seeds",
    );
  }
  return [first!, ...others];
}

/** The profiles that the cores at hand implement. */
export interface KnownProfiles {
  readonly builtIn: Profiles;
  /** Of the active core release; `null` if none is active that this edge trusts. */
  readonly released: Profiles | null;
}

/** Whether the built-in core implements all of these profiles. */
export const hasAll = (
  builtIn: Profiles,
  digits: readonly number[],
): boolean => digits.every((digit) => builtIn.has(digit));

/**
 * The fewest buckets of a cell, so that a bucket reveals little about the customers in
 * it.
 */
const LEAST_BUCKETS = 8;

/**
 * The profiles of these digits; a text if neither core implements one of them, or if it has too
 * few buckets for so many cells.
 */
export function pickProfiles(
  digits: readonly [number, ...number[]],
  { builtIn, released }: KnownProfiles,
  cells = 1,
): { profiles: Profiles; enrolmentProfile: Profile } | string {
  const known = new Map([...released ?? [], ...builtIn]);
  const picked = digits.map((digit) => known.get(digit));
  const lacking = digits.filter((digit) => !known.has(digit));
  if (lacking.length > 0) {
    const core = released === null
      ? "the built-in core implements"
      : "the built-in core and the active core release implement";
    return `OFFCODE_PROFILES: ${core} ${[...known.keys()].sort().join(", ")}` +
      ` and not ${lacking.join(", ")}`;
  }
  const small = picked.filter((it) =>
    10 ** it!.bucketDigits < LEAST_BUCKETS * cells
  );
  if (cells > 1 && small.length > 0) {
    return `OFFCODE_CELLS: profile ${small[0]!.digit} has ` +
      `${10 ** small[0]!.bucketDigits} buckets, and each cell needs ` +
      `${LEAST_BUCKETS}`;
  }
  return {
    profiles: profilesOf(picked as Profile[]),
    enrolmentProfile: picked[0]!,
  };
}

/**
 * Why an edge must not start with the served profiles: there are live
 * credentials of others. `null` if there are none.
 */
export async function profilesMissed(
  counts: ProfileCounts,
): Promise<string | null> {
  const missed = (await counts.count())
    .filter(({ state }) => state === "missing")
    .map(({ digit, credentials }) => `${digit} (${credentials})`);
  return missed.length === 0
    ? null
    : "OFFCODE_PROFILES lacks profiles that have live credentials: " +
      `${
        missed.join(", ")
      }. Codes of these customers would be refused; take a ` +
      "profile out once its credentials are renewed or have expired";
}
