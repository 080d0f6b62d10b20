/**
 * What a run measures while it runs: how many requests of each kind got which
 * answer, and how long they took.
 *
 * Latency is counted from the moment at which a request should have left. The
 * time from when it left is kept as well. If the two differ, requests had to wait for a
 * connection, which a generator that waits for answers would not have measured.
 *
 * @module
 */

import { Latencies } from "./latencies.ts";
import { type Kind, KINDS } from "./options.ts";

/** How often a kind got an answer. */
export interface AnswerCount {
  readonly kind: Kind;
  /** `201 succeeded`, `422 code-not-accepted`, `timeout`. */
  readonly answer: string;
  /** Whether the answer is one that this kind is sent for. */
  readonly asExpected: boolean;
  readonly count: number;
}

/** A request that ended; times are on one clock, ms. */
export interface Recorded extends Omit<AnswerCount, "count"> {
  readonly dueMs: number;
  readonly sentMs: number;
  readonly endedMs: number;
}

export class Recorder {
  readonly #counts = new Map<string, AnswerCount>();
  /** Latencies from the time at which each request should have left. */
  readonly intended = new Latencies();
  /** Latencies from the time at which each request left. */
  readonly service = new Latencies();
  /** How many did not end as expected. */
  unexpected = 0;

  add(request: Recorded): void {
    const { dueMs, sentMs, endedMs, ...rest } = request;
    this.intended.add(endedMs - dueMs);
    this.service.add(endedMs - sentMs);
    if (!rest.asExpected) this.unexpected++;
    const name = `${rest.kind} ${rest.answer}`;
    const count = (this.#counts.get(name)?.count ?? 0) + 1;
    this.#counts.set(name, { ...rest, count });
  }

  get ended(): number {
    return this.intended.count;
  }

  /** Kinds and answers, the most frequent of a kind first. */
  answers(): AnswerCount[] {
    return [...this.#counts.values()].toSorted((a, b) =>
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || b.count - a.count
    );
  }
}
