/**
 * Time steps: the counter that changes a code with time (RFC 6238 §4.2, T0 = 0). A step is the
 * number of whole `timeStepSeconds` since 1970-01-01T00:00:00Z, without leap seconds, like Unix
 * time.
 *
 * The window is symmetric and exact: with `windowSteps` 1 the accepted steps
 * are now−1, now and now+1, and no others. A step that does not fit the
 * message's unsigned 32-bit word is an error and never wraps.
 *
 * @module
 */

import type { Profile } from "./profile.ts";

/** The last step that fits its 32-bit word of the MAC message. */
export const MAX_TIME_STEP = 0xffff_ffff;

/** Consecutive time steps: `first`, `first + 1`, … `count` of them. */
export interface StepRange {
  /** The lowest step. */
  readonly first: number;
  /** How many steps, at least 1. */
  readonly count: number;
}

/**
 * The time step at a moment: `floor(unixMs / 1000 / timeStepSeconds)`.
 *
 * @throws {RangeError} If `unixMs` is not an integer of 0 or more, or its step exceeds
 * 2^32 − 1.
 *
 * @example
 * ```ts
 * import { timeStepAt } from "./time_step.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(timeStepAt(59_999, 30), 1);
 * assertEquals(timeStepAt(60_000, 30), 2);
 * ```
 */
export function timeStepAt(unixMs: number, timeStepSeconds: number): number {
  if (!Number.isSafeInteger(unixMs) || unixMs < 0) {
    throw new RangeError(
      "The time must be a non-negative integer of milliseconds",
    );
  }
  // One division of two integers below 2^53: the quotient never rounds up to
  // the next integer, so the floor is exact.
  const step = Math.floor(unixMs / (1000 * timeStepSeconds));
  assertTimeStep(step);
  return step;
}

/**
 * The steps whose codes are accepted at a moment: the current one and
 * `windowSteps` on either side, cut off below step 0 and above 2^32 − 1.
 *
 * @throws {RangeError} As {@linkcode timeStepAt}.
 *
 * @example
 * ```ts
 * import { PROFILE_1 } from "./profile.ts";
 * import { acceptedSteps } from "./time_step.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(acceptedSteps(3_000_000, PROFILE_1), { first: 99, count: 3 });
 * assertEquals(acceptedSteps(0, PROFILE_1), { first: 0, count: 2 });
 * ```
 */
export function acceptedSteps(unixMs: number, profile: Profile): StepRange {
  const now = timeStepAt(unixMs, profile.timeStepSeconds);
  const first = Math.max(0, now - profile.windowSteps);
  const last = Math.min(MAX_TIME_STEP, now + profile.windowSteps);
  return { first, count: last - first + 1 };
}

/**
 * The Unix second at which a step ends and the next one begins. One-time use compares these
 * seconds and not steps, so that profiles with different step sizes can share one mark.
 *
 * @throws {RangeError} If `step` is not an integer from 0 to 2^32 − 1.
 *
 * @example
 * ```ts
 * import { PROFILE_1 } from "./profile.ts";
 * import { timeStepEndSeconds } from "./time_step.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(timeStepEndSeconds(1, PROFILE_1), 60);
 * ```
 */
export function timeStepEndSeconds(step: number, profile: Profile): number {
  assertTimeStep(step);
  return (step + 1) * profile.timeStepSeconds;
}

/**
 * Whether codes of a step are accepted at a moment. This is checked again directly before a
 * code is spent.
 *
 * @throws {RangeError} As {@linkcode timeStepAt}, also for `step`.
 *
 * @example
 * ```ts
 * import { PROFILE_1 } from "./profile.ts";
 * import { stepStillAccepted } from "./time_step.ts";
 * import { assert } from "@std/assert";
 *
 * assert(stepStillAccepted(99, 3_029_999, PROFILE_1));
 * assert(!stepStillAccepted(99, 3_030_000, PROFILE_1));
 * ```
 */
export function stepStillAccepted(
  step: number,
  unixMs: number,
  profile: Profile,
): boolean {
  return Math.abs(driftSteps(step, unixMs, profile)) <= profile.windowSteps;
}

/**
 * The difference between a code's step and the current one; positive if the phone's clock is
 * ahead.
 *
 * @throws {RangeError} As {@linkcode timeStepAt}, also for `step`.
 *
 * @example
 * ```ts
 * import { PROFILE_1 } from "./profile.ts";
 * import { driftSteps } from "./time_step.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(driftSteps(99, 3_000_000, PROFILE_1), -1);
 * ```
 */
export function driftSteps(
  step: number,
  unixMs: number,
  profile: Profile,
): number {
  assertTimeStep(step);
  return step - timeStepAt(unixMs, profile.timeStepSeconds);
}

/**
 * Refuses a step that does not fit its word.
 *
 * @throws {RangeError} If `step` is not an integer from 0 to 2^32 − 1.
 */
export function assertTimeStep(step: number): void {
  if (!Number.isInteger(step) || step < 0 || step > MAX_TIME_STEP) {
    throw new RangeError("The time step does not fit 32 bits");
  }
}
