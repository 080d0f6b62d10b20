/**
 * Repeats a change that may lose a race: an attempt reads, decides and commits. If another
 * change came first, the next attempt starts from the beginning. Nothing else is repeated:
 * after a fault of the store the caller decides.
 *
 * @module
 */

import type { BackOff } from "../base/backoff.ts";
import { StoreUnavailableError } from "./store.ts";

/** The result of an attempt that has lost its race. */
export const LOST: unique symbol = Symbol("lost");

/**
 * The number of tries, the pauses between them, and the result if every try has lost.
 */
export interface RetryOptions<T = never> {
  /**
   * Pauses before another try. Without it there are no pauses, which is right if each lost race
   * also returned the value that the next try needs.
   */
  readonly backOff?: BackOff;
  /**
   * The most tries; 12 by default, which take about two seconds with the usual
   * pauses.
   */
  readonly tries?: number;
  /** Returns the result if every try has lost. Without it that is an error. */
  readonly otherwise?: () => T | Promise<T>;
}

/**
 * Calls `attempt` until it does not lose, and returns its result.
 *
 * @throws {StoreUnavailableError} `refused`, if it loses every time, and there is no `otherwise`:
 * other callers keep changing the same records.
 */
export async function retry<T>(
  attempt: () => Promise<T | typeof LOST>,
  { backOff, tries = 12, otherwise }: RetryOptions<T>,
): Promise<T> {
  for (let lost = 0; lost < tries; lost++) {
    if (lost > 0) await backOff?.(lost);
    const result = await attempt();
    if (result !== LOST) return result as T;
  }
  if (otherwise !== undefined) return await otherwise();
  throw new StoreUnavailableError("refused");
}
