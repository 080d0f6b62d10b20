/**
 * How old a request may be before it must begin nothing any more: a till that
 * waited for longer has given up, asked what became of the order, and taken
 * cash. Measured from the first byte by a timer that the clock cannot move, so
 * that time lost anywhere, also before the payment was looked at, counts.
 *
 * @module
 */

/** Oldest request that may still begin something, in milliseconds. */
export const REQUEST_TTL_MS = 5_000;

/** Tells whether a request has become too old to begin anything. */
export type IsTooOld = () => boolean;

/** Counts the age of a request from `startedMs`, by default from now. */
export function startAge(
  monotonicMs: () => number,
  startedMs = monotonicMs(),
): IsTooOld {
  return () => {
    const ageMs = monotonicMs() - startedMs;
    return !(ageMs >= 0 && ageMs < REQUEST_TTL_MS);
  };
}
