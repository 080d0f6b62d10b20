/**
 * The state of each alarm as this edge sees it: the rules of `alerts.yml`, judged over
 * the history that the edge keeps of its own metrics. It is for an operator who looks
 * at a page; what wakes people up is Prometheus, which sees all edges and remembers
 * longer.
 *
 * @module
 */

import { isRefusal, type Refusal } from "../../base/outcome.ts";
import { DEFINITIONS } from "../instruments.ts";
import { History, type Labels, type Observed } from "./history.ts";
import type { AlarmRule } from "./rules.ts";

/** One thing that an alarm is about, such as one of several reasons. */
export interface AlarmCase {
  /** `pending`: not for as long yet as the rule wants. */
  readonly state: "pending" | "firing";
  /** The labels by which the rule tells cases apart; without those of an edge. */
  readonly labels: Labels;
  /** For how long it has been so. */
  readonly seconds: number;
}

/** The state of an alarm. */
export interface AlarmState {
  readonly name: string;
  readonly severity: string;
  readonly summary: string;
  /** `unseen`: an edge cannot judge this by its own metrics. */
  readonly state: "quiet" | "pending" | "firing" | "unseen";
  readonly cases: readonly AlarmCase[];
}

/** The states of all alarms. */
export interface AlarmStates {
  readonly alarms: readonly AlarmState[];
  /** For how long this edge has watched; no rule looks back further than that. */
  readonly watchedSeconds: number;
}

/** The values of a metric at a moment. */
export interface MetricValues {
  readonly name: string;
  readonly values: readonly {
    readonly labels: Readonly<Record<string, string | number | undefined>>;
    readonly value: number;
    /** Of a histogram: the name of this series, such as that of its count. */
    readonly metricName?: string;
  }[];
}

/** What alarms need. */
export interface AlarmDeps {
  readonly rules: readonly AlarmRule[];
  readonly metrics: {
    values(): Promise<readonly MetricValues[] | Refusal>;
  };
  /** Milliseconds that only ever grow. */
  readonly monotonicMs: () => number;
}

const HISTOGRAM = /_(bucket|sum|count)$/;

/** The alarms of an edge. */
export class Alarms {
  readonly #deps: AlarmDeps;
  readonly #wanted: ReadonlySet<string>;
  readonly #history = new History();
  readonly #startMs: number;
  /** Since when each case has been so, ms, by its rule and its labels. */
  #sinceMs = new Map<string, number>();

  constructor(deps: AlarmDeps) {
    this.#deps = deps;
    // What counters show at the first look has risen since now.
    this.#startMs = deps.monotonicMs();
    this.#wanted = new Set(deps.rules.flatMap(({ metrics }) => [...metrics]));
  }

  /** Looks at the metrics now, and answers what follows. */
  async look(): Promise<AlarmStates | Refusal> {
    const { rules, metrics, monotonicMs } = this.#deps;
    const values = await metrics.values();
    if (isRefusal(values)) return values;
    const nowMs = monotonicMs();
    this.#history.add(nowMs, this.#observe(values));
    const sinceMs = new Map<string, number>();
    const alarms = rules.map((rule) => this.#judge(rule, nowMs, sinceMs));
    this.#sinceMs = sinceMs;
    return {
      alarms,
      watchedSeconds: Math.floor((nowMs - this.#startMs) / 1_000),
    };
  }

  /** The values that the rules look at. */
  #observe(metrics: readonly MetricValues[]): readonly Observed[] {
    return metrics.flatMap(({ name, values }) =>
      values.flatMap(({ metricName: metric = name, labels, value }) =>
        this.#wanted.has(metric)
          ? [{ metric, labels: labels as Labels, value }]
          : []
      )
    );
  }

  #judge(
    { name, severity, summary, forMs, metrics, expression }: AlarmRule,
    nowMs: number,
    sinceMs: Map<string, number>,
  ): AlarmState {
    const about = { name, severity, summary };
    const isSeen = [...metrics].every((it) =>
      it in DEFINITIONS || it.replace(HISTOGRAM, "") in DEFINITIONS
    );
    if (!isSeen) return { ...about, state: "unseen", cases: [] };
    const cases = expression(this.#history, nowMs).map(
      ({ labels }): AlarmCase => {
        const key = JSON.stringify([name, Object.entries(labels).sort()]);
        const beganMs = this.#sinceMs.get(key) ?? nowMs;
        sinceMs.set(key, beganMs);
        return {
          state: nowMs - beganMs >= forMs ? "firing" : "pending",
          labels,
          seconds: Math.floor((nowMs - beganMs) / 1_000),
        };
      },
    );
    const state = cases.length === 0
      ? "quiet"
      : cases.some((it) => it.state === "firing")
      ? "firing"
      : "pending";
    return { ...about, state, cases };
  }
}
