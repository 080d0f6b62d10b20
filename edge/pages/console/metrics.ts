/**
 * The metrics of an edge as the console reads them: from the text format of
 * Prometheus to sums, increases and quantiles. Pure.
 *
 * @module
 */

/** A value with the labels of its series. */
export interface Point {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All values at one moment, by the names of their metrics. */
export type Metrics = ReadonlyMap<string, readonly Point[]>;

/** The metrics as they were at a moment. */
export interface Sample {
  /** Unix ms. */
  readonly atMs: number;
  readonly metrics: Metrics;
}

/** Selects the series that have these labels. */
export type Where = Readonly<
  Record<string, string | ((value: string) => boolean)>
>;

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format of Prometheus. Lines that are no samples are skipped. */
export function parseMetrics(text: string): Metrics {
  const metrics = new Map<string, Point[]>();
  for (const line of text.split("\n")) {
    const [, name, inner = "", number] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    const labels = Object.fromEntries(
      [...inner.matchAll(LABEL)].map(([, name, value]) => [
        name!,
        value!.replaceAll(/\\(.)/g, (_, it) => it === "n" ? "\n" : it),
      ]),
    );
    const points = metrics.get(name) ?? [];
    points.push({ labels, value: Number(number) });
    metrics.set(name, points);
  }
  return metrics;
}

function matches({ labels }: Point, where: Where): boolean {
  return Object.entries(where).every(([name, wanted]) => {
    const value = labels[name] ?? "";
    return typeof wanted === "string" ? value === wanted : wanted(value);
  });
}

/** The sum of the selected series; `undefined` if the metric does not exist. */
export function sumOf(
  metrics: Metrics,
  name: string,
  where: Where = {},
): number | undefined {
  return metrics.get(name)?.filter((it) => matches(it, where))
    .reduce((sum, { value }) => sum + value, 0);
}

/**
 * The increase of counters between two moments. A counter that has begun again at 0 is
 * allowed for.
 */
export function increase(
  before: Metrics,
  now: Metrics,
  name: string,
  where: Where = {},
): number {
  const [from, to] = [before, now].map((it) => sumOf(it, name, where) ?? 0);
  return to! < from! ? to! : to! - from!;
}

/** The increase of counters per second between two moments. */
export function rate(
  before: Sample,
  now: Sample,
  name: string,
  where: Where = {},
): number {
  const seconds = (now.atMs - before.atMs) / 1_000;
  return seconds <= 0
    ? 0
    : increase(before.metrics, now.metrics, name, where) / seconds;
}

/**
 * The quantile `q` of a histogram between two moments, in its unit, by linear
 * interpolation within a bucket as Prometheus does it. Above the last bound it is that
 * bound; `undefined` where nothing was observed.
 */
export function quantile(
  q: number,
  before: Metrics | null,
  now: Metrics,
  name: string,
  where: Where = {},
): number | undefined {
  const bounds = new Set(
    now.get(`${name}_bucket`)?.filter((it) => matches(it, where))
      .map(({ labels }) => labels.le!),
  );
  const buckets = [...bounds].map((le) => {
    const ofBound = { ...where, le };
    const count = before === null
      ? sumOf(now, `${name}_bucket`, ofBound)!
      : increase(before, now, `${name}_bucket`, ofBound);
    return { le: le === "+Inf" ? Infinity : Number(le), count };
  }).sort((a, b) => a.le - b.le);
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return undefined;
  const rank = q * total;
  const i = buckets.findIndex(({ count }) => count >= rank);
  const { le, count } = buckets[i]!;
  const below = buckets[i - 1] ?? { le: 0, count: 0 };
  if (le === Infinity) return below.le;
  const part = count === below.count
    ? 1
    : (rank - below.count) / (count - below.count);
  return below.le + (le - below.le) * part;
}

/** The values of a label that a metric has, in order. */
export function valuesOf(
  metrics: Metrics,
  name: string,
  label: string,
): string[] {
  const values = metrics.get(name)?.map(({ labels }) => labels[label] ?? "");
  return [...new Set(values)].sort();
}
