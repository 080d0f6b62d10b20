/**
 * A seeded schedule: tasks run until they reach a point, and the schedule
 * chooses who goes on. One seed is one interleaving, the same each time.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type {
  DebitAnswer,
  Ledger,
  RefundAnswer,
  ReverseAnswer,
} from "../../../../edge/ledger/ledger.ts";
import type { Reach } from "../points/fail_points.ts";

/** Numbers from a seed (Mulberry32), each 0 <= n < 1. */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A turn of the event loop, after everything that is ready. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Chooses who goes on. */
export class Schedule {
  /** What went on, in order: the interleaving. */
  readonly trace: string[] = [];
  readonly #next: () => number;
  #parked: { readonly name: string; readonly resume: () => void }[] = [];
  #running = 0;
  #working = 0;
  /** Called when nobody works any more. */
  #onQuiet = () => {};

  constructor(seed: number) {
    this.#next = numbersFrom(seed);
  }

  /** A whole number, 0 <= n < `below`. */
  pick(below: number): number {
    return Math.floor(this.#next() * below);
  }

  /** Waits at a point until chosen. */
  point(name: string): Promise<void> {
    return new Promise((resume) => this.#parked.push({ name, resume }));
  }

  /**
   * The points of an edge's store, by the name of who comes there. It waits
   * before what changes something; reading alone changes nothing for others.
   */
  reachOf(name: string): Reach {
    return async (point) => {
      if (point.startsWith("after")) return this.#worked();
      if (point.startsWith("before txn")) await this.point(`${name}: ${point}`);
      // Until it is done the schedule waits for the store.
      this.#working++;
    };
  }

  /** Does something that the schedule waits for before anybody goes on. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#working++;
    try {
      return await work();
    } finally {
      this.#worked();
    }
  }

  #worked(): void {
    if (--this.#working === 0) this.#onQuiet();
  }

  /**
   * A turn of the event loop in which nobody works. What works is waited for
   * without turning: the store needs the processor as well.
   */
  async #quietTurn(): Promise<void> {
    await turn();
    while (this.#working > 0) {
      await new Promise<void>((resolve) => this.#onQuiet = resolve);
      await turn();
    }
  }

  /** Begins a task; its first step is chosen, too. */
  async task<T>(name: string, body: () => Promise<T>): Promise<T> {
    this.#running++;
    try {
      await this.point(`${name}: begin`);
      return await body();
    } finally {
      this.#running--;
    }
  }

  /** Lets tasks go on one at a time, until all have ended. */
  async run(): Promise<void> {
    for (;;) {
      await this.#quietTurn();
      if (this.#running === 0) return;
      if (this.#parked.length === 0) {
        // Somebody waits for what the event loop brings.
        continue;
      }
      const [chosen] = this.#parked.splice(this.pick(this.#parked.length), 1);
      this.trace.push(chosen!.name);
      chosen!.resume();
    }
  }
}

/**
 * A ledger whose calls take as long as the schedule likes: each arrives, and is
 * answered, some time after it was sent, or its caller gives up before that and
 * knows nothing. What was sent arrives all the same.
 */
export function lateLedger(
  ledger: Ledger,
  current: () => Schedule | null,
): Ledger {
  function late<T extends DebitAnswer | ReverseAnswer | RefundAnswer>(
    name: string,
    call: () => Promise<T>,
  ): Promise<T | { kind: "unknown" }> {
    const schedule = current();
    if (schedule === null) return call();
    const heard = Promise.withResolvers<T | { kind: "unknown" }>();
    void schedule.task(`${name} arrives`, async () => {
      const answer = await call();
      await schedule.point(`${name} is answered`);
      heard.resolve(answer);
    });
    void schedule.point(`${name} times out`).then(() =>
      heard.resolve({ kind: "unknown" })
    );
    return heard.promise;
  }
  return {
    debit: (debit, options) =>
      late<DebitAnswer>("debit", () => ledger.debit(debit, options)),
    reverse: (paymentId) =>
      late<ReverseAnswer>("reverse", () => ledger.reverse(paymentId)),
    query: (paymentId) =>
      late<DebitAnswer>("query", () => ledger.query(paymentId)),
    refund: (refund) =>
      late<RefundAnswer>("refund", () => ledger.refund(refund)),
    queryRefund: (...ids) =>
      late<RefundAnswer>("query refund", () => ledger.queryRefund(...ids)),
  };
}
