/**
 * What a run measures while it runs: how many requests of each kind got which
 * answer, and how long they took, over all and per slice of time.
 *
 * Latency is counted from the moment at which a request should have left. The
 * time from when it left is kept beside it; where the two part, requests
 * queued, and a generator that waits for answers would not have seen it.
 *
 * @module
 */

import { Latencies } from "./latencies.ts";
import { type Kind, KINDS } from "./options.ts";

/** Slices of a run's planned time at most. */
const MAX_SLICES = 20;

/** A request that ended. Times are milliseconds after the start. */
export interface Recorded {
  readonly kind: Kind;
  /** `201 succeeded`, `422 code-not-accepted`, `timeout`. */
  readonly answer: string;
  /** Whether the answer is one that this kind is sent for. */
  readonly asExpected: boolean;
  readonly dueMs: number;
  readonly sentMs: number;
  readonly endedMs: number;
}

/** Percentiles and the like of many latencies, ms. */
export interface LatencyFigures {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly mean: number;
}

/** A slice of the run's time. */
export interface Slice {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** Requests that should have left in it, per second. */
  readonly intendedPerSecond: number;
  /** Answers that came in it, per second. */
  readonly answeredPerSecond: number;
  /** Of those that should have left in it: answers not as expected, or none. */
  readonly unexpected: number;
  /** Of those that should have left in it, ms; 0 of none. */
  readonly p50: number;
  readonly p99: number;
}

/** How often a kind got an answer. */
export interface AnswerCount {
  readonly kind: Kind;
  readonly answer: string;
  readonly asExpected: boolean;
  readonly count: number;
}

interface SliceCounts {
  intended: number;
  answered: number;
  unexpected: number;
  readonly latencies: Latencies;
}

/** Takes requests in as they end. */
export class Recorder {
  readonly #sliceMs: number;
  readonly #slices: SliceCounts[] = [];
  readonly #counts = new Map<string, AnswerCount>();
  /** From when each should have left. */
  readonly intended = new Latencies();
  /** From when each did leave. */
  readonly service = new Latencies();
  #unexpected = 0;

  /** @param seconds For how long requests are sent. */
  constructor(readonly seconds: number) {
    const count = Math.min(MAX_SLICES, Math.max(1, Math.ceil(seconds)));
    this.#sliceMs = seconds * 1000 / count;
    this.#sliceAt(seconds * 1000 - 1);
  }

  /** Takes one in. */
  add(request: Recorded): void {
    const { kind, answer, asExpected, dueMs, sentMs, endedMs } = request;
    const ms = endedMs - dueMs;
    this.intended.add(ms);
    this.service.add(endedMs - sentMs);
    const slice = this.#sliceAt(dueMs);
    slice.intended++;
    slice.latencies.add(ms);
    if (!asExpected) {
      slice.unexpected++;
      this.#unexpected++;
    }
    // An overrun has slices of its own.
    this.#sliceAt(endedMs).answered++;
    const name = `${kind} ${answer}`;
    const count = (this.#counts.get(name)?.count ?? 0) + 1;
    this.#counts.set(name, { kind, answer, asExpected, count });
  }

  #sliceAt(ms: number): SliceCounts {
    const index = Math.max(0, Math.floor(ms / this.#sliceMs));
    while (this.#slices.length <= index) {
      this.#slices.push({
        intended: 0,
        answered: 0,
        unexpected: 0,
        latencies: new Latencies(2),
      });
    }
    return this.#slices[index]!;
  }

  /** How many ended. */
  get ended(): number {
    return this.intended.count;
  }

  /** How many did not end as expected. */
  get unexpected(): number {
    return this.#unexpected;
  }

  /** Kinds and answers, the most frequent of a kind first. */
  answers(): AnswerCount[] {
    return [...this.#counts.values()].toSorted((a, b) =>
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || b.count - a.count
    );
  }

  /**
   * The slices up to a moment.
   *
   * @param untilMs When the run was ended early, ms after its start.
   */
  slices(untilMs = Infinity): Slice[] {
    const seconds = this.#sliceMs / 1000;
    return this.#slices
      .filter((_, i) => i * this.#sliceMs < untilMs)
      .map(({ intended, answered, unexpected, latencies }, i) => ({
        fromSeconds: round(i * seconds),
        toSeconds: round((i + 1) * seconds),
        intendedPerSecond: round(intended / seconds),
        answeredPerSecond: round(answered / seconds),
        unexpected,
        p50: round(latencies.percentileMs(50)),
        p99: round(latencies.percentileMs(99)),
      }));
  }
}

/** The figures of a histogram. */
export function latencyFigures(latencies: Latencies): LatencyFigures {
  const at = (percent: number) => round(latencies.percentileMs(percent));
  return {
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: round(latencies.maxMs),
    mean: round(latencies.meanMs),
  };
}

const round = (value: number) => Math.round(value * 1000) / 1000;
