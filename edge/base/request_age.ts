/**
 * How old a request may become before it must not start a payment any more. A till
 * that has waited for longer has given up, and may have taken cash. The age is
 * counted from the request's first byte by a monotonic timer, so time that was
 * lost before the payment code was searched counts too.
 *
 * @module
 */

/** From this age on, in milliseconds, a request must not start a payment. */
const REQUEST_TTL_MS = 5_000;

/** Returns whether a request has become too old to start a payment. */
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
