/**
 * Numbers with their units, as an operator reads them. Pure.
 *
 * @module
 */

/** Shown in place of a number that is not known. */
export const NOTHING = "–";

/** A whole number, such as a count. */
export function countText(value: number | undefined, tag: string): string {
  return value === undefined
    ? NOTHING
    : new Intl.NumberFormat(tag, { maximumFractionDigits: 1 }).format(value);
}

/** A number with three significant digits, such as a rate. */
export function roughText(value: number | undefined, tag: string): string {
  return value === undefined
    ? NOTHING
    : new Intl.NumberFormat(tag, { maximumSignificantDigits: 3 }).format(value);
}

/** A probability as people read small ones: `1 : 333,000,000`; 0 stays 0. */
export function oddsText(probability: number, tag: string): string {
  return probability === 0 ? "0" : `1 : ${roughText(1 / probability, tag)}`;
}

const TIMES:
  readonly (readonly [least: number, factor: number, unit: string])[] = [
    [2 * 86_400, 1 / 86_400, "d"],
    [7_200, 1 / 3_600, "h"],
    [120, 1 / 60, "min"],
    [1, 1, "s"],
    [1e-3, 1e3, "ms"],
    [0, 1e6, "µs"],
  ];

/** A duration in the unit that suits it: d, h, min, s, ms or µs. */
export function durationText(
  seconds: number | undefined,
  tag: string,
): string {
  if (seconds === undefined) return NOTHING;
  if (seconds === 0) return "0 s";
  const size = Math.abs(seconds);
  const [, factor, unit] = TIMES.find(([least]) => size >= least)!;
  return `${roughText(seconds * factor, tag)} ${unit}`;
}

const SIZES = ["B", "KiB", "MiB", "GiB"];

/** A size of memory: B, KiB, MiB or GiB. */
export function bytesText(bytes: number | undefined, tag: string): string {
  if (bytes === undefined) return NOTHING;
  let [size, i] = [bytes, 0];
  while (size >= 1_024 && i < SIZES.length - 1) {
    [size, i] = [size / 1_024, i + 1];
  }
  return `${roughText(size, tag)} ${SIZES[i]}`;
}

// The Swedish form of a date is that of ISO 8601, in which day and month cannot be
// confused.
const MOMENT = new Intl.DateTimeFormat("sv-SE", {
  ...{ year: "numeric", month: "2-digit", day: "2-digit" },
  ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
  fractionalSecondDigits: 3,
});

/** A moment, to the millisecond, in the time zone of the page. */
export const timeText = (rfc3339: string): string =>
  MOMENT.format(new Date(rfc3339)).replace(",", ".");

/** The time zone of the page. */
export const zoneText = (): string => MOMENT.resolvedOptions().timeZone;
