/**
 * Latencies as a histogram of bounded size: every value is kept to three
 * significant digits, whatever their number (HdrHistogram). The load generator
 * and the bench read their percentiles from it, so that both mean the same by
 * them.
 *
 * @module
 */

import { build, type Histogram } from "hdr-histogram-js";

/** The longest latency that is told apart, ms; longer ones count as this. */
const LONGEST_MS = 600_000;

/** Latencies of one kind. */
export class Latencies {
  // In microseconds, because the histogram counts in integers.
  readonly #histogram: Histogram;

  /** @param digits Significant digits that are kept, 1 to 5. */
  constructor(digits: 1 | 2 | 3 | 4 | 5 = 3) {
    this.#histogram = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: LONGEST_MS * 1000,
      numberOfSignificantValueDigits: digits,
      // Without this option every histogram takes the memory of the longest
      // latency.
      autoResize: true,
    });
  }

  /** Adds a latency, milliseconds from 0 up. */
  add(ms: number): void {
    this.#histogram.recordValue(
      Math.round(Math.min(Math.max(ms, 0), LONGEST_MS) * 1000),
    );
  }

  /** The number of latencies that were added. */
  get count(): number {
    return this.#histogram.totalCount;
  }

  /** The longest, ms; 0 of none. */
  get maxMs(): number {
    return this.#histogram.maxValue / 1000;
  }

  /** Their mean, ms; 0 of none. */
  get meanMs(): number {
    return this.count === 0 ? 0 : this.#histogram.mean / 1000;
  }

  /** The latency that `percent` of them do not exceed, ms; 0 of none. */
  percentileMs(percent: number): number {
    return this.#histogram.getValueAtPercentile(percent) / 1000;
  }
}
