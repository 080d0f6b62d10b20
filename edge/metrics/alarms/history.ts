/**
 * What an edge remembers of its own metrics: the values of the last hour, and
 * older ones up to a day at intervals of five minutes. The history is in memory
 * and ends with the process, as the counters do.
 *
 * @module
 */

/** The labels of a series. */
export type Labels = Readonly<Record<string, string>>;

/** The values of one metric with one set of labels. */
export interface Series {
  readonly labels: Labels;
  /** The index of its values in a sample. */
  readonly place: number;
}

/** One value of a metric, as it is given to the history. */
export interface Observed {
  readonly metric: string;
  readonly labels: Labels;
  readonly value: number;
}

/**
 * The values of all series at one moment; `undefined` for a series that did not
 * exist yet.
 */
interface Sample {
  readonly atMs: number;
  readonly values: readonly (number | undefined)[];
}

/** The shortest time between two samples of the last hour. */
const CLOSE_MS = 15_000;
const CLOSE_FOR_MS = 3_600_000 + 60_000;
/** The shortest time between two older samples. */
const WIDE_MS = 300_000;
const KEPT_MS = 86_400_000 + 2 * WIDE_MS;
/**
 * The greatest age at which a value still counts as the value of a moment, as in
 * Prometheus.
 */
const LOOK_BACK_MS = 300_000;

/** The history of metrics. Times are milliseconds of one clock that never goes back. */
export class History {
  readonly #series = new Map<string, Map<string, Series>>();
  #places = 0;
  /** Oldest first. */
  #samples: Sample[] = [];

  /** Adds the values of a moment. */
  add(atMs: number, observed: readonly Observed[]): void {
    const values: (number | undefined)[] = [];
    for (const { metric, labels, value } of observed) {
      values[this.#placeOf(metric, labels)] = value;
    }
    const [last, beforeLast] = [this.#samples.at(-1), this.#samples.at(-2)];
    // If the last two samples are close together, the newest one replaces the last.
    const isClose = last !== undefined && beforeLast !== undefined &&
      last.atMs - beforeLast.atMs < CLOSE_MS;
    if (isClose) this.#samples.pop();
    this.#samples.push({ atMs, values });
    this.#thin(atMs);
  }

  /** The series of a metric. */
  series(metric: string): readonly Series[] {
    return [...this.#series.get(metric)?.values() ?? []];
  }

  /**
   * The value of a series at a moment: the latest one until then, unless it is more
   * than `lookBackMs` old.
   */
  at(
    { place }: Series,
    atMs: number,
    lookBackMs = LOOK_BACK_MS,
  ): number | undefined {
    const sample = this.#samples.findLast((it) => it.atMs <= atMs);
    return sample === undefined || sample.atMs < atMs - lookBackMs
      ? undefined
      : sample.values[place];
  }

  /** The moments after `fromMs`, up to `toMs`, of which there are values. */
  timesIn(fromMs: number, toMs: number): readonly number[] {
    return this.#samples.map(({ atMs }) => atMs)
      .filter((it) => it > fromMs && it <= toMs);
  }

  #placeOf(metric: string, labels: Labels): number {
    const key = JSON.stringify(Object.entries(labels).sort());
    let ofMetric = this.#series.get(metric);
    if (ofMetric === undefined) {
      this.#series.set(metric, ofMetric = new Map());
    }
    let series = ofMetric.get(key);
    if (series === undefined) {
      ofMetric.set(key, series = { labels, place: this.#places++ });
    }
    return series.place;
  }

  #thin(nowMs: number): void {
    let lastMs = -Infinity;
    this.#samples = this.#samples.filter(({ atMs }) => {
      if (atMs < nowMs - KEPT_MS) return false;
      if (atMs < nowMs - CLOSE_FOR_MS && atMs - lastMs < WIDE_MS) return false;
      lastMs = atMs;
      return true;
    });
  }
}
