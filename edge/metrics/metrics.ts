/**
 * The metrics of an edge: one registry, what is counted into it, and its text for
 * Prometheus. A metric that fails never changes an answer: the fault is counted and
 * nothing else happens.
 *
 * Where a process has several threads, each has a registry of its own. The thread
 * that is asked adds up those of all of them, so that it does not matter which one
 * is asked: a counter that jumped between threads would go backwards, which
 * Prometheus takes for a restart.
 *
 * @module
 */

import { AggregatorRegistry, Registry } from "prom-client";
import type { Log } from "../base/log.ts";
import { isRefusal, type Refusal, refused } from "../base/outcome.ts";
import type { Sender } from "../callback/sender.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Store } from "../store/store.ts";
import type { Search } from "../verification/search.ts";
import { allEventLabels, countedLog, STORE_FAULTS } from "./events.ts";
import { Durations, type Observe } from "./durations.ts";
import { DEFINITIONS, makeInstruments, type NameOf } from "./instruments.ts";
import {
  LEDGER_REQUESTS,
  type LegEnd,
  measuredLedger,
  measuredSearch,
  measuredSender,
  measuredStore,
} from "./legs.ts";
import {
  type GaugeValues,
  type ProcessFigures,
  readParts,
  readQueues,
  type WatchedParts,
} from "./state.ts";

/** The metrics of one thread, as they are handed to another one. */
export type MetricsSnapshot = (
  | Awaited<ReturnType<Registry["getMetricsAsJSON"]>>[number]
  | ReturnType<Durations["snapshot"]>
)[];

/** What metrics need. */
export interface MetricsDeps {
  /** Milliseconds that only ever grow. */
  readonly monotonicMs: () => number;
  /** The codes of problems, a closed list. */
  readonly codes: readonly string[];
  readonly process?: () => ProcessFigures;
  /**
   * The metrics of the other threads of the process. Rejects if one of them does
   * not answer.
   */
  readonly others?: () => Promise<readonly MetricsSnapshot[]>;
}

/** A call as far as it is counted. */
export interface CountedCall {
  readonly method: string;
  /** The pattern of the path. */
  readonly path: string;
}

/** The use case of a collector of metrics. */
export interface MetricsText {
  /** Every metric in the text format of Prometheus. */
  text(): Promise<string | Refusal>;
}

const OK = "ok";
const OTHER = "other";
/** For this time the comparison with the clock of a node is shown. */
const COMPARED_MS = 60_000;
const GAUGES = Object.entries(DEFINITIONS)
  .filter(([, { type, labels }]) => type === "gauge" && labels.length === 0)
  .map(([name]) => name as NameOf<"gauge">);

/** The metrics of an edge. */
export class EdgeMetrics implements MetricsText {
  readonly #registry = new Registry();
  readonly #deps: MetricsDeps;
  readonly #instruments = makeInstruments(this.#registry);
  /** The answers by their codes, since the metrics were last read. */
  readonly #answers = new Map<string, number>();
  /** The functions that take the durations of each call. */
  readonly #calls = new Map<CountedCall | string, Observe>();
  /**
   * The functions that take the durations of a node: one for answered commands, one for
   * the others.
   */
  readonly #nodes = new Map<string, readonly [Observe, Observe]>();
  /** The clock of the edge minus that of each node, as it was last compared. */
  readonly #clocks = new Map<string, { offsetMs: number; atMs: number }>();
  #parts: WatchedParts | null = null;

  constructor(deps: MetricsDeps) {
    this.#deps = deps;
    for (const code of [OK, ...deps.codes, OTHER]) this.#answers.set(code, 0);
    this.#beginAtZero();
  }

  /**
   * Counts an answer. `call` is the call that was answered, or the method of a
   * request for which there is no call; `code` is that of the problem.
   */
  answered(
    call: CountedCall | string,
    code: string | undefined,
    durationMs: number,
  ): void {
    this.#quietly(() => {
      const known = this.#answers.has(code ?? OK) ? code ?? OK : OTHER;
      this.#answers.set(known, this.#answers.get(known)! + 1);
      let observe = this.#calls.get(call);
      if (observe === undefined) {
        const labels = typeof call === "string"
          ? { method: call, route: OTHER }
          : { method: call.method.toUpperCase(), route: call.path };
        observe = this.#instruments.offcode_http_request_duration_seconds
          .add(labels);
        this.#calls.set(call, observe);
      }
      observe(durationMs / 1000);
    });
  }

  /** A log that counts warnings and errors before it writes them. */
  countedLog(log: Log): Log {
    const { offcode_events_total: events } = this.#instruments;
    return countedLog(
      log,
      (labels) => this.#quietly(() => events.inc({ ...labels })),
    );
  }

  /** Ports that measure what goes through them. */
  measuredPorts<
    T extends {
      readonly store: Store;
      readonly ledger: Ledger;
      readonly sender: Sender;
    },
  >(ports: T): T {
    const faults = this.#instruments.offcode_store_faults_total;
    return {
      ...ports,
      store: measuredStore(ports.store, {
        ...this.#leg("offcode_store_request_duration_seconds"),
        onFault: (fault) => faults.inc({ fault }),
      }),
      ledger: measuredLedger(
        ports.ledger,
        this.#leg("offcode_ledger_request_duration_seconds"),
      ),
      sender: measuredSender(
        ports.sender,
        this.#leg("offcode_callback_attempt_duration_seconds"),
      ),
    };
  }

  /** Takes what is seen of the nodes of the store. */
  readonly nodes = {
    ended: (node: string, isAnswered: boolean, ms: number): void =>
      this.#quietly(() => {
        let observe = this.#nodes.get(node);
        if (observe === undefined) {
          // Both begin with 0, because Prometheus sees no increase where a series first appears.
          const histogram =
            this.#instruments.offcode_store_node_request_duration_seconds;
          observe = [
            histogram.add({ node, result: OK }),
            histogram.add({ node, result: "fault" }),
          ];
          this.#nodes.set(node, observe);
        }
        observe[isAnswered ? 0 : 1](ms / 1000);
      }),
    compared: (node: string, offsetMs: number): void => {
      const atMs = this.#deps.monotonicMs();
      this.#clocks.set(node, { offsetMs, atMs });
    },
  };

  measuredSearch(search: Search): Search {
    return measuredSearch(search, this.#leg("offcode_search_duration_seconds"));
  }

  /** Counts a callback that was queued. */
  callbackQueued(): void {
    this.#quietly(() => this.#instruments.offcode_callbacks_queued_total.inc());
  }

  /**
   * Names the parts whose state is read each time that the metrics are read.
   */
  watch(parts: WatchedParts): void {
    this.#parts = parts;
  }

  async text(): Promise<string | Refusal> {
    const all = await this.#ofAllThreads();
    return isRefusal(all) ? all : await all.metrics();
  }

  /** The same numbers as values. */
  async values(): Promise<MetricsSnapshot | Refusal> {
    const all = await this.#ofAllThreads();
    return isRefusal(all) ? all : await all.getMetricsAsJSON();
  }

  async #ofAllThreads(): Promise<Registry | Refusal> {
    const { others } = this.#deps;
    const own = await this.snapshot();
    let all = [own];
    try {
      if (others !== undefined) all = [own, ...await others()];
    } catch {
      // If a thread were left out, the sums would go backwards.
      return refused("store-unavailable", {
        detail: "A thread of the server did not hand over its metrics.",
      });
    }
    return AggregatorRegistry.aggregate(all);
  }

  /** The metrics of this thread. */
  async snapshot(): Promise<MetricsSnapshot> {
    const values = { ...this.#readOwn(), ...await this.#readQueues() };
    for (const name of GAUGES) {
      const value = values[name];
      // A gauge whose value is not known is left out; an old one would be wrong.
      if (value === undefined) this.#instruments[name].remove();
      else this.#instruments[name].set(value);
    }
    this.#setClocks();
    for (const [code, count] of this.#answers) {
      this.#instruments.offcode_http_answers_total.inc({ code }, count);
      this.#answers.set(code, 0);
    }
    const histograms = Object.values(this.#instruments)
      .filter((it) => it instanceof Durations);
    return [
      ...await this.#registry.getMetricsAsJSON(),
      ...histograms.map((it) => it.snapshot()),
    ];
  }

  /** Sets the offset of each node that was compared lately. */
  #setClocks(): void {
    const gauge = this.#instruments.offcode_store_node_clock_offset_seconds;
    gauge.reset();
    for (const [node, { offsetMs, atMs }] of this.#clocks) {
      const isOld = this.#deps.monotonicMs() - atMs > COMPARED_MS;
      if (isOld) this.#clocks.delete(node);
      else gauge.set({ node }, offsetMs / 1000);
    }
  }

  #readOwn(): GaugeValues {
    const values: GaugeValues = {};
    this.#quietly(() => {
      const process = this.#deps.process?.();
      if (process === undefined) return;
      values.process_resident_memory_bytes = process.residentBytes;
      values.process_start_time_seconds = process.startedMs / 1000;
      const cpu = this.#instruments.process_cpu_seconds_total;
      cpu.reset();
      cpu.inc(process.cpuSeconds);
    });
    this.#quietly(() => {
      if (this.#parts !== null) Object.assign(values, readParts(this.#parts));
    });
    return values;
  }

  async #readQueues(): Promise<GaugeValues> {
    try {
      return this.#parts === null ? {} : await readQueues(this.#parts);
    } catch {
      this.#countFault();
      return {};
    }
  }

  /**
   * Begins the series that alarms look at with 0, because Prometheus sees no
   * increase where a series first appears with the value 1.
   */
  #beginAtZero(): void {
    const instruments = this.#instruments;
    for (const { event, reason } of allEventLabels()) {
      instruments.offcode_events_total.inc({ event, reason }, 0);
    }
    for (const fault of STORE_FAULTS) {
      instruments.offcode_store_faults_total.inc({ fault }, 0);
    }
    for (const request of LEDGER_REQUESTS) {
      const labels = { request, result: "unknown" };
      instruments.offcode_ledger_request_duration_seconds.add(labels);
    }
  }

  #leg(name: NameOf<"histogram">) {
    const histogram = this.#instruments[name];
    const isOneRequest = !DEFINITIONS[name].labels.includes("request" as never);
    const ends = new Map<string, Map<string, Observe>>();
    const onEnd: LegEnd = (request, result, ms) => {
      let results = ends.get(request);
      if (results === undefined) ends.set(request, results = new Map());
      let observe = results.get(result);
      if (observe === undefined) {
        observe = histogram.add(
          isOneRequest ? { result } : { request, result },
        );
        results.set(result, observe);
      }
      observe(ms / 1000);
    };
    const { monotonicMs } = this.#deps;
    return { monotonicMs, onEnd, onBug: () => this.#countFault() };
  }

  /** Counts something; a fault of a metric must not reach the caller. */
  #quietly(count: () => void): void {
    try {
      count();
    } catch {
      this.#countFault();
    }
  }

  #countFault(): void {
    this.#instruments.offcode_metric_faults_total.inc();
  }
}
