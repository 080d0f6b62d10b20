/**
 * Whether two classes of inputs take different time, in the manner of dudect
 * (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?", 2017):
 * Welch's t of the two sets of durations, as they are and with the slow ones cut
 * off at many places, because interrupts stretch the upper tail and hide a small
 * difference in it. Above 4.5 a difference is taken for real.
 *
 * @module
 */

/** The t above which two classes are told apart. */
export const TOLD_APART = 4.5;

/** Places where durations are cut off; more of them where most durations are. */
const CROPS = 100;

/**
 * Welch's t of two sets of numbers: the difference of their means in standard
 * errors; 0 where one set has fewer than two, or where nothing varies.
 */
export function welchT(x: Iterable<number>, y: Iterable<number>): number {
  const a = moments(x);
  const b = moments(y);
  const error = Math.sqrt(a.variance / a.count + b.variance / b.count);
  return a.count < 2 || b.count < 2 || error === 0
    ? 0
    : (a.mean - b.mean) / error;
}

/** Welford's algorithm: one pass, no cancellation. */
function moments(values: Iterable<number>) {
  let count = 0, mean = 0, squares = 0;
  for (const value of values) {
    const from = value - mean;
    mean += from / ++count;
    squares += from * (value - mean);
  }
  return { count, mean, variance: squares / (count - 1) };
}

/**
 * The t of two sets of durations that is farthest from 0, over all the
 * durations and those below each of a hundred percentiles of both sets together.
 */
export function largestT(x: Float64Array, y: Float64Array): number {
  const all = Float64Array.of(...x, ...y).sort();
  let largest = welchT(x, y);
  for (let i = 1; i <= CROPS; i++) {
    const percentile = 1 - 0.5 ** (10 * i / CROPS);
    const limit = all[Math.floor(percentile * (all.length - 1))]!;
    const below = (value: number) => value <= limit;
    const t = welchT(x.filter(below), y.filter(below));
    if (Math.abs(t) > Math.abs(largest)) largest = t;
  }
  return largest;
}
