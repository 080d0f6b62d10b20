/**
 * Decides when a message is tried again: thirteen tries over three days. Each
 * pause is up to a fifth shorter or longer by chance, so that messages which
 * failed together are not all tried again at one moment. Pure.
 *
 * @module
 */

import type { Random } from "../../base/clock.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The pause before each try, the first one included. */
export const PAUSES_MS: readonly number[] = [
  0,
  5 * SECOND_MS,
  15 * SECOND_MS,
  30 * SECOND_MS,
  3 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** The longest pause that a merchant's server can ask for. */
export const LONGEST_RETRY_AFTER_MS = 24 * HOUR_MS;

const JITTER = 0.2;

/**
 * The pause before the next try, after `tries` (1 or more) have failed; `null` if
 * that was the last try. It is never shorter than `retryAfterMs`.
 */
export function pauseMs(
  tries: number,
  random: Random,
  retryAfterMs = 0,
): number | null {
  const pause = PAUSES_MS[tries];
  if (pause === undefined) return null;
  const drawn = new DataView(random.bytes(4).buffer).getUint32(0) / 2 ** 32;
  const jittered = Math.round(pause * (1 + JITTER * (2 * drawn - 1)));
  return Math.max(jittered, retryAfterMs);
}

/**
 * The pause that a `Retry-After` header asks for (RFC 9110 §10.2.3), at most a
 * day; `null` if the header is neither seconds nor a date, or names the past.
 */
export function retryAfterMs(
  header: string | undefined,
  nowMs: number,
): number | null {
  if (header === undefined) return null;
  const ms = /^[0-9]+$/.test(header)
    ? Number(header) * SECOND_MS
    : HTTP_DATE.test(header)
    ? Date.parse(header) - nowMs
    : NaN;
  return ms > 0 ? Math.min(ms, LONGEST_RETRY_AFTER_MS) : null;
}

/**
 * The date form that servers must send (RFC 9110 §5.6.7): `Sun, 06 Nov 1994
 * 08:49:37 GMT`.
 */
const HTTP_DATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
