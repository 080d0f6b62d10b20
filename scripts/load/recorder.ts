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
  readonly #slices;
  readonly #counts = new Map<string, AnswerCount>();
  /** From when each should have left. */
  readonly intended = new Latencies();
  /** From when each did leave. */
  readonly service = new Latencies();
  /** How many did not end as expected. */
  unexpected = 0;

  /** @param seconds For how long requests are sent. */
  constructor(readonly seconds: number) {
    const length = Math.min(MAX_SLICES, Math.max(1, Math.ceil(seconds)));
    this.#slices = Array.from({ length }, () => ({
      latencies: new Latencies(),
      unexpected: 0,
    }));
  }

  /** Takes one in. */
  add(request: Recorded): void {
    const { kind, answer, asExpected, dueMs, sentMs, endedMs } = request;
    this.intended.add(endedMs - dueMs);
    this.service.add(endedMs - sentMs);
    const { length } = this.#slices;
    const part = Math.floor(dueMs * length / (this.seconds * 1000));
    const slice = this.#slices[Math.min(Math.max(part, 0), length - 1)]!;
    slice.latencies.add(endedMs - dueMs);
    if (!asExpected) {
      this.unexpected++;
      slice.unexpected++;
    }
    const name = `${kind} ${answer}`;
    const count = (this.#counts.get(name)?.count ?? 0) + 1;
    this.#counts.set(name, { kind, answer, asExpected, count });
  }

  /** How many ended. */
  get ended(): number {
    return this.intended.count;
  }

  /** Kinds and answers, the most frequent of a kind first. */
  answers(): AnswerCount[] {
    return [...this.#counts.values()].toSorted((a, b) =>
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || b.count - a.count
    );
  }

  /** Slices of the planned time, each with the requests that were due in it. */
  slices() {
    const seconds = this.seconds / this.#slices.length;
    return this.#slices.map(({ latencies, unexpected }, i) => ({
      fromSeconds: i * seconds,
      toSeconds: (i + 1) * seconds,
      duePerSecond: latencies.count / seconds,
      ...{ unexpected, p50: latencies.percentileMs(50) },
      p99: latencies.percentileMs(99),
    }));
  }
}

/** The figures of a histogram, ms. */
export function latencyFigures(latencies: Latencies) {
  const at = (percent: number) => latencies.percentileMs(percent);
  return {
    ...{ p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100) },
  };
}
