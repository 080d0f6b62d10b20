/**
 * Latencies as a histogram of bounded size: every value is kept to three
 * significant digits, whatever their number (HdrHistogram). The load generator
 * and the bench read their percentiles from it, so that both mean the same by
 * them.
 *
 * @module
 */

import { build } from "hdr-histogram-js";

/** The longest latency, ms. A longer one counts as this. */
const LONGEST_MS = 600_000;

export class Latencies {
  // In microseconds, because the histogram counts in integers.
  readonly #histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_MS * 1000,
    numberOfSignificantValueDigits: 3,
    // Without this option every histogram takes the memory of the longest
    // latency.
    autoResize: true,
  });

  /** @param values Latencies in milliseconds. */
  constructor(values: Iterable<number> = []) {
    for (const ms of values) this.add(ms);
  }

  /** Adds a latency, milliseconds from 0 up. */
  add(ms: number): void {
    const bounded = Math.min(Math.max(ms, 0), LONGEST_MS);
    this.#histogram.recordValue(Math.round(bounded * 1000));
  }

  /** The number of latencies that were added. */
  get count(): number {
    return this.#histogram.totalCount;
  }

  /** The latency that `percent` of them do not exceed, ms; 0 of none. */
  percentileMs(percent: number): number {
    return this.#histogram.getValueAtPercentile(percent) / 1000;
  }
}
