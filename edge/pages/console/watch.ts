/// <reference lib="dom" />
/**
 * Reads the state of the edge every five seconds: its metrics, its alarms, and whether
 * it is ready. The results are kept as long as the page is open.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { systemClock } from "../../base/clock.ts";
import { type Answer, type Call, isDone } from "./api.ts";
import {
  type Metrics,
  parseMetrics,
  quantile,
  rate,
  type Sample,
  sumOf,
} from "./metrics.ts";

const EVERY_MS = 5_000;
/** Rates and quantiles are of the last minute. */
const SPAN_MS = 60_000;
/** The number of points in a chart: an hour. */
const MOST_POINTS = 720;

/** The state of an alarm as the API returns it. */
export interface Alarm {
  readonly name: string;
  readonly severity: string;
  readonly summary: string;
  readonly state: "quiet" | "pending" | "firing" | "unseen";
  readonly cases: readonly {
    readonly state: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly seconds: number;
  }[];
}

/** One moment of the charts. */
export interface ChartPoint {
  /** Unix seconds. */
  readonly at: number;
  readonly values: Readonly<Record<string, number | undefined>>;
}

/** The results of the latest look and of those before it. */
export interface Seen {
  /** The latest metrics. */
  readonly now: Sample | null;
  /** The metrics of about a minute ago, or of the first look if that was later. */
  readonly before: Sample | null;
  readonly points: readonly ChartPoint[];
  readonly alarms: readonly Alarm[];
  readonly watchedSeconds: number;
  readonly ready: Answer | null;
  /** The answer with which the latest look failed; `null` if it succeeded. */
  readonly fault: Answer | null;
}

const NOTHING_SEEN: Seen = {
  ...{ now: null, before: null, points: [], alarms: [] },
  ...{ watchedSeconds: 0, ready: null, fault: null },
};

const FAILING = ["store-unavailable", "ledger-unavailable", "clock-unsure"];
const ANSWERS = "offcode_http_answers_total";
const CALLS = "offcode_http_request_duration_seconds";
const SEARCHES = "offcode_search_duration_seconds_count";
/** The calls that a person at a till waits for. */
const TILL_CALLS = {
  method: "POST",
  route: (it: string) => it === "/v1/payments" || it === "/v1/verifications",
};

/** The values of the charts at one moment. */
function pointOf(before: Sample | null, now: Sample): ChartPoint {
  const { metrics } = now;
  const gauges = {
    due: sumOf(metrics, "offcode_payments_due"),
    underWay: sumOf(metrics, "offcode_payments_under_way"),
    callbacksDue: sumOf(metrics, "offcode_callback_merchants_due"),
  };
  if (before === null) return { at: now.atMs / 1_000, values: gauges };
  const answers = (code: (it: string) => boolean) =>
    rate(before, now, ANSWERS, { code });
  const searches = (result: string) =>
    60 * rate(before, now, SEARCHES, { result });
  const isKnown = (it: string) => it === "ok" || it === "payment-pending";
  return {
    at: now.atMs / 1_000,
    values: {
      ...gauges,
      ok: answers((it) => it === "ok"),
      pending: answers((it) => it === "payment-pending"),
      failing: answers((it) => FAILING.includes(it)),
      refused: answers((it) => !isKnown(it) && !FAILING.includes(it)),
      p50: quantile(0.5, before.metrics, metrics, CALLS, TILL_CALLS),
      p99: quantile(0.99, before.metrics, metrics, CALLS, TILL_CALLS),
      misses: searches("none"),
      collisions: searches("ambiguous"),
      replays: 60 * answers((it) => it === "code-replayed"),
    },
  };
}

/** Reads the state of the edge once, and adds the metrics to `samples`. */
async function look(
  call: Call,
  samples: Sample[],
  points: ChartPoint[],
): Promise<Seen | Answer> {
  const [metrics, alarms, ready] = await Promise.all([
    call("GET", "/v1/admin/metrics"),
    call("GET", "/v1/admin/alarms"),
    call("GET", "/readyz"),
  ]);
  for (const it of [metrics, alarms]) if (!isDone(it)) return it;
  const now: Sample = {
    atMs: systemClock.nowMs(),
    metrics: parseMetrics(metrics.body),
  };
  const last = samples.at(-1) ?? null;
  points.push(pointOf(last, now));
  points.splice(0, points.length - MOST_POINTS);
  const from = now.atMs - SPAN_MS;
  samples.push(now);
  samples.splice(0, samples.findIndex(({ atMs }) => atMs >= from));
  return {
    now,
    before: samples.length > 1 ? samples[0]! : null,
    points: [...points],
    alarms: alarms.body.alarms,
    watchedSeconds: alarms.body.watched_seconds,
    ready,
    fault: null,
  };
}

/**
 * Reads the state of the edge for as long as the page is visible. `again` reads it at
 * once.
 */
export function useSeen(call: Call): { seen: Seen; again: () => void } {
  const [seen, setSeen] = useState(NOTHING_SEEN);
  const again = useRef(() => {});
  useEffect(() => {
    const samples: Sample[] = [];
    const points: ChartPoint[] = [];
    let [isOver, isLooking] = [false, false];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const go = async () => {
      clearTimeout(timer);
      if (isLooking || isOver) return;
      isLooking = true;
      const found = await look(call, samples, points);
      isLooking = false;
      if (isOver) return;
      // What was seen before stays, so that it can be read beside the fault.
      setSeen((it) => "points" in found ? found : { ...it, fault: found });
      timer = setTimeout(go, EVERY_MS);
    };
    void go();
    again.current = () => void go();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [call]);
  return { seen, again: () => again.current() };
}

/** A gauge of the latest metrics. */
export function gauge(
  metrics: Metrics | undefined,
  name: string,
): number | undefined {
  return metrics === undefined ? undefined : sumOf(metrics, name);
}
