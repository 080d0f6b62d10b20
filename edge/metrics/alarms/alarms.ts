/**
 * The state of each alarm as this edge sees it: the rules of `alerts.yml`, judged over
 * the history that the edge keeps of its own metrics. An operator sees this state in
 * the console. Prometheus is what alerts people, because it sees all edges and keeps a
 * longer history.
 *
 * @module
 */

import { isRefusal, type Refusal } from "../../base/outcome.ts";
import { DEFINITIONS } from "../instruments.ts";
import { History, type Labels, type Observed } from "./history.ts";
import type { AlarmRule } from "./rules.ts";

/**
 * One case of an alarm. A rule that groups by a label, such as the reason, has one case
 * for each value of the label.
 */
export interface AlarmCase {
  /** `pending` until the condition has held for as long as the rule wants. */
  readonly state: "pending" | "firing";
  /**
   * The labels by which the rule distinguishes cases, without the labels of an edge.
   */
  readonly labels: Labels;
  /** For how many seconds the condition has held. */
  readonly seconds: number;
}

/** The state of an alarm. */
export interface AlarmState {
  readonly name: string;
  readonly severity: string;
  readonly summary: string;
  /** `unseen`: the metrics of one edge do not suffice to judge this rule. */
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
  /** When the condition of each case began to hold, ms, by its rule and its labels. */
  #sinceMs = new Map<string, number>();

  constructor(deps: AlarmDeps) {
    this.#deps = deps;
    // Counters are compared with this moment, so what they show at the first look
    // counts as an increase.
    this.#startMs = deps.monotonicMs();
    this.#wanted = new Set(deps.rules.flatMap(({ metrics }) => [...metrics]));
  }

  /** Reads the metrics now, and returns the state of all alarms. */
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
