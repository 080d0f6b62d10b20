/**
 * Every metric of an edge: its name, what it counts, and its labels. Names and
 * units follow the conventions of Prometheus: base units, `_total` for counters.
 *
 * A label has few values and never what a client sent: no code, key, account, order,
 * merchant or id. The values are from closed lists, except the addresses of the store's
 * nodes, which are from the configuration or from the cluster itself.
 *
 * @module
 */

import { Counter, Gauge, type Registry } from "prom-client";
import { Durations } from "./durations.ts";

/**
 * Seconds. A verification takes less than a millisecond if it waits for
 * nothing.
 */
const CALL_BUCKETS = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  ...[1, 2.5, 5, 10],
];
/** Seconds; a warm bucket is searched in microseconds. */
const SEARCH_BUCKETS = [
  ...[0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01],
  ...[0.025, 0.1, 0.5, 2.5],
];
const STORE_BUCKETS = [
  ...[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05],
  ...[0.1, 0.25, 1, 2.5],
];
/** Seconds; few of them, because there may be many nodes. */
const NODE_BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5];
/** Seconds; for the ledger and for merchants' servers, which are far away. */
const FAR_BUCKETS = [
  ...[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  ...[1, 2.5, 5, 10],
];

const histogram = (
  help: string,
  labels: readonly string[],
  buckets: readonly number[],
) => ({ type: "histogram", help, labels, buckets } as const);
const counter = (
  help: string,
  labels: readonly string[] = [],
) => ({ type: "counter", help, labels } as const);
/**
 * A gauge. `how` says how the values of several threads of one process become
 * one.
 */
const gauge = (
  help: string,
  how: "sum" | "max" = "sum",
  labels: readonly string[] = [],
) => ({ type: "gauge", help, labels, how } as const);

/** The metrics by their names. */
export const DEFINITIONS = {
  offcode_http_request_duration_seconds: histogram(
    "Time from a request to its answer, by the call",
    ["method", "route"],
    CALL_BUCKETS,
  ),
  offcode_http_answers_total: counter(
    "Answers by the code of their problem; ok: there was no problem",
    ["code"],
  ),
  offcode_search_duration_seconds: histogram(
    "Time to find the customer of a code, by what was found",
    ["result"],
    SEARCH_BUCKETS,
  ),
  offcode_store_request_duration_seconds: histogram(
    "Time of a request to the store",
    ["request", "result"],
    STORE_BUCKETS,
  ),
  offcode_store_node_request_duration_seconds: histogram(
    "Time of a command to a node of the store, by its address; fault: it did not answer",
    ["node", "result"],
    NODE_BUCKETS,
  ),
  offcode_store_faults_total: counter(
    "Requests that the store did not answer, by the kind of fault",
    ["fault"],
  ),
  offcode_ledger_request_duration_seconds: histogram(
    "Time of a request to the ledger, by its answer; unknown: no certain answer came",
    ["request", "result"],
    FAR_BUCKETS,
  ),
  offcode_callback_attempt_duration_seconds: histogram(
    "Time of an attempt to deliver a callback, by the class of the HTTP status or the fault",
    ["result"],
    FAR_BUCKETS,
  ),
  offcode_store_cells: gauge(
    "Cells that the records of the store are divided into",
    "max",
  ),
  offcode_store_cells_silent: gauge(
    "Cells that did not answer; what is read of all cells leaves them out",
    "max",
  ),
  offcode_callbacks_queued_total: counter("Callbacks that were queued"),
  offcode_events_total: counter(
    "Warnings and errors that the log names, and why",
    ["event", "reason"],
  ),
  offcode_metric_faults_total: counter(
    "Observations that failed and are missing from the other metrics",
  ),
  offcode_payments_under_way: gauge(
    "Payments that have not ended, of all edges; counted up to 1000",
    "max",
  ),
  offcode_payments_due: gauge(
    "Payments under way that a sweep should have continued by now",
    "max",
  ),
  offcode_payments_oldest_due_seconds: gauge(
    "Seconds for which the first payment has been due; 0: none is due",
    "max",
  ),
  offcode_callback_merchants_due: gauge(
    "Merchants whose callbacks should be delivered by now, of all edges; counted up to 1000",
    "max",
  ),
  offcode_callback_oldest_due_seconds: gauge(
    "Seconds for which the first merchant has been due; 0: none is due",
    "max",
  ),
  offcode_callback_deliveries: gauge("Merchants that are being delivered to"),
  offcode_callback_deliveries_waiting: gauge(
    "Merchants whose callbacks wait until another delivery has ended",
  ),
  offcode_callback_breakers_open: gauge(
    "Merchants whose endpoint's breaker this edge has seen open",
    "max",
  ),
  offcode_guess_rations: gauge("Rations of bad codes that this edge knows"),
  offcode_guess_rations_spent: gauge("Rations of bad codes that are used up"),
  offcode_buckets: gauge("Buckets in the memory of the core"),
  offcode_bucket_seeds: gauge("Seeds in the memory of the core"),
  offcode_bucket_largest_seeds: gauge("Seeds in the fullest bucket", "max"),
  offcode_bucket_memory_bytes: gauge("Memory that buckets take in the core"),
  offcode_bucket_memory_limit_bytes: gauge("Memory that they may take"),
  offcode_core_version: gauge(
    "Version of the core that serves; 0: the one that was built in",
    "max",
  ),
  offcode_core_release_unfit: gauge(
    "1: the active core release cannot serve here",
    "max",
  ),
  offcode_core_shadow: gauge("1: a core runs in shadow", "max"),
  offcode_core_shadow_searches: gauge(
    "Searches in which it was compared with the active core",
  ),
  offcode_clock_offset_seconds: gauge(
    "Clock of the edge minus that of the store",
    "max",
  ),
  offcode_store_node_clock_offset_seconds: gauge(
    "Clock of the edge minus that of a node of the store, by its address",
    "max",
    ["node"],
  ),
  offcode_clock_unsure: gauge(
    "1: the clocks may differ too much, and no code is accepted",
    "max",
  ),
  process_cpu_seconds_total: counter("Processor time of the process"),
  process_resident_memory_bytes: gauge("Resident memory", "max"),
  process_start_time_seconds: gauge(
    "When the process started, unix time",
    "max",
  ),
} as const;

type Definitions = typeof DEFINITIONS;
type Kinds = { histogram: Durations; counter: Counter; gauge: Gauge };

/** The metrics themselves, by their names. */
export type Instruments = {
  readonly [name in keyof Definitions]: Kinds[Definitions[name]["type"]];
};

/** The names of metrics of one type. */
export type NameOf<T extends keyof Kinds> = {
  [name in keyof Definitions]: Definitions[name]["type"] extends T ? name
    : never;
}[keyof Definitions];

/**
 * What the runtime counts for the whole process, so that every thread reads the
 * same value.
 */
const OF_THE_PROCESS: readonly string[] = ["process_cpu_seconds_total"];

/** Makes the metrics: counters and gauges in a registry, histograms beside it. */
export function makeInstruments(registry: Registry): Instruments {
  const made: Record<string, Durations | Counter | Gauge> = {};
  for (const [name, definition] of Object.entries(DEFINITIONS)) {
    const { help, labels } = definition;
    const base = { name, help, labelNames: [...labels], registers: [registry] };
    switch (definition.type) {
      case "histogram":
        made[name] = new Durations(name, help, definition.buckets);
        break;
      case "counter":
        made[name] = new Counter({
          ...base,
          aggregator: OF_THE_PROCESS.includes(name) ? "max" : "sum",
        });
        break;
      case "gauge":
        made[name] = new Gauge({ ...base, aggregator: definition.how });
    }
  }
  return made as unknown as Instruments;
}
