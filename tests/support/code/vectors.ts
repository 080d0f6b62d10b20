/**
 * The test vectors of `tests/vectors/payment_codes.json`, typed.
 *
 * @module
 */

import vectors from "../../vectors/payment_codes.json" with { type: "json" };
import {
  type Profile,
  PROFILE_1,
  PROFILE_2,
} from "../../../edge/code/profile.ts";

/** One code with everything that led to it. */
export interface CodeVector {
  readonly name: string;
  readonly seed: string;
  readonly prefix: string;
  readonly profile: number;
  readonly bucket: number;
  readonly bucket_digits: number;
  readonly tag_digits: number;
  readonly time_step_seconds: number;
  readonly time_step: number;
  readonly unix_seconds: number;
  readonly message: string;
  readonly mac: string;
  readonly tag: string;
  readonly code: string;
}

/** Codes of every kind and edge. */
export const codeVectors: readonly CodeVector[] = vectors.codes;

/** The first eight bytes of a MAC and the tag in them. */
export const tagVectors: readonly {
  readonly mac_head: string;
  readonly tag_digits: number;
  readonly tag: string;
}[] = vectors.tags;

/** Moments and what profile 1 accepts at them. */
export const timeVectors: readonly {
  readonly unix_ms: number;
  readonly time_step: number;
  readonly first_accepted: number;
  readonly accepted: number;
}[] = vectors.times;

/** The profile that a vector's sizes describe. */
export function vectorProfile(vector: CodeVector): Profile {
  return {
    ...(vector.profile === 2 ? PROFILE_2 : PROFILE_1),
    digit: vector.profile,
    bucketDigits: vector.bucket_digits,
    tagDigits: vector.tag_digits,
    timeStepSeconds: vector.time_step_seconds,
  };
}
