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

/** How often a kind got an answer. */
export interface AnswerCount
  extends Pick<Recorded, "kind" | "answer" | "asExpected"> {
  readonly count: number;
}

/** Takes requests in as they end. */
export class Recorder {
  readonly #sliceMs: number;
  readonly #slices: {
    intended: number;
    answered: number;
    unexpected: number;
    readonly latencies: Latencies;
  }[] = [];
  readonly #counts = new Map<string, AnswerCount>();
  /** From when each should have left. */
  readonly intended = new Latencies();
  /** From when each did leave. */
  readonly service = new Latencies();

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
    if (!asExpected) slice.unexpected++;
    // An overrun has slices of its own.
    this.#sliceAt(endedMs).answered++;
    const name = `${kind} ${answer}`;
    const count = (this.#counts.get(name)?.count ?? 0) + 1;
    this.#counts.set(name, { kind, answer, asExpected, count });
  }

  #sliceAt(ms: number) {
    const index = Math.max(0, Math.floor(ms / this.#sliceMs));
    while (this.#slices.length <= index) {
      const latencies = new Latencies(2);
      this.#slices.push({ intended: 0, answered: 0, unexpected: 0, latencies });
    }
    return this.#slices[index]!;
  }

  /** How many ended. */
  get ended(): number {
    return this.intended.count;
  }

  /** How many did not end as expected. */
  get unexpected(): number {
    return this.#slices.reduce((sum, it) => sum + it.unexpected, 0);
  }

  /** Kinds and answers, the most frequent of a kind first. */
  answers(): AnswerCount[] {
    return [...this.#counts.values()].toSorted((a, b) =>
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || b.count - a.count
    );
  }

  /**
   * The slices up to a moment. Due, unexpected and latencies are of the requests
   * that should have left in a slice, answered are those that ended in it.
   *
   * @param untilMs When the run was ended early, ms after its start.
   */
  slices(untilMs = Infinity) {
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

/** The figures of a histogram, ms. */
export function latencyFigures(latencies: Latencies) {
  const at = (percent: number) => round(latencies.percentileMs(percent));
  return {
    ...{ p50: at(50), p90: at(90), p99: at(99), p999: at(99.9) },
    max: round(latencies.maxMs),
    mean: round(latencies.meanMs),
  };
}

const round = (value: number) => Math.round(value * 1000) / 1000;
