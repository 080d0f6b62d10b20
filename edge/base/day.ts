/**
 * Days of a time zone. A day begins at the first moment that has its date. That is
 * midnight, unless the clocks are set forward at midnight. A day has 23 or 25 hours if
 * the clocks are changed on it, and a few days in history do not exist in some zones.
 *
 * @module
 */

/** A span of time. */
export interface TimeSpan {
  /** Unix ms, inclusive. */
  readonly fromMs: number;
  /** Unix ms, exclusive. */
  readonly toMs: number;
}

const HOUR_MS = 3_600_000;
/** No zone differs from UTC by more than this. */
const MOST_OFFSET_MS = 16 * HOUR_MS;

const formatters = new Map<string, Intl.DateTimeFormat>();
let last = { minute: NaN, timeZone: "", day: "" };

/**
 * The calendar day of a moment in a zone, `YYYY-MM-DD`. The latest answer is
 * reused within its minute, because formatting a date takes longer than
 * everything else that limits need. Since 1972 days begin with a whole minute
 * in every zone, so the answer holds for all of that minute.
 *
 * @param timeZone IANA name of the zone.
 */
export function dayOf(unixMs: number, timeZone: string): string {
  const minute = Math.floor(unixMs / 60_000);
  if (minute !== last.minute || timeZone !== last.timeZone) {
    last = { minute, timeZone, day: formatDay(unixMs, timeZone) };
  }
  return last.day;
}

function formatDay(unixMs: number, timeZone: string): string {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    // The locale of Sweden writes dates in the form of ISO 8601.
    formatter = new Intl.DateTimeFormat("sv-SE", {
      timeZone,
      dateStyle: "short",
    });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(unixMs);
}

/**
 * When a day begins and ends; `null` if there is no such day in the zone.
 *
 * @param day `YYYY-MM-DD`.
 */
export function spanOfDay(day: string, timeZone: string): TimeSpan | null {
  const utcMs = Date.parse(`${day}T00:00:00Z`);
  if (!(utcMs >= 0) || new Date(utcMs).toISOString().slice(0, 10) !== day) {
    return null;
  }
  const fromMs = firstMoment(utcMs, (date) => date >= day, timeZone);
  const toMs = firstMoment(
    utcMs + 24 * HOUR_MS,
    (date) => date > day,
    timeZone,
  );
  return toMs > fromMs ? { fromMs, toMs } : null;
}

/**
 * The first moment near `utcMs` whose date satisfies `passes`. If a date satisfies it,
 * all later dates must satisfy it, too.
 */
function firstMoment(
  utcMs: number,
  passes: (date: string) => boolean,
  timeZone: string,
): number {
  let low = utcMs - MOST_OFFSET_MS;
  let high = utcMs + MOST_OFFSET_MS;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (passes(formatDay(middle, timeZone))) high = middle;
    else low = middle + 1;
  }
  return low;
}
