/**
 * Repeats a change that may lose a race: read, decide, commit, and from the start
 * again if another change came first. Nothing else is repeated: after a fault of
 * the store the caller decides.
 *
 * @module
 */

import type { BackOff } from "../base/backoff.ts";
import { StoreUnavailableError } from "./store.ts";

/** What an attempt gives that has lost its race. */
export const LOST: unique symbol = Symbol("lost");

/** How often it is tried, and how long the pauses are. */
export interface RetryOptions {
  /**
   * Not given: no pauses, since each loss told what the next try is to rest on.
   */
  readonly backOff?: BackOff;
  /** 12 if not given: with the usual pauses about two seconds. */
  readonly tries?: number;
}

/**
 * Gives what `attempt` gives, as soon as it has not lost.
 *
 * @throws {StoreUnavailableError} `refused`, if it loses every time: others
 * keep changing the same records.
 */
export async function retry<T>(
  attempt: () => Promise<T | typeof LOST>,
  { backOff, tries = 12 }: RetryOptions,
): Promise<T> {
  for (let lost = 0; lost < tries; lost++) {
    if (lost > 0) await backOff?.(lost);
    const result = await attempt();
    if (result !== LOST) return result as T;
  }
  throw new StoreUnavailableError("refused");
}
