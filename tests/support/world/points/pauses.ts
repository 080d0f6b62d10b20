/**
 * Pauses in a time that does not pass by itself: whoever has the least left to
 * wait goes on, once nobody else has anything to do.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Pause } from "../../../../edge/base/clock.ts";
import type { Reach } from "./fail_points.ts";

/** Turns of the event loop without work, after which all are taken to wait. */
const IDLE_TURNS = 3;

/** Everybody who pauses, and the time that they pause in. */
export class Pauses {
  /** How long each pause was to be, in the order in which they began. */
  readonly asked: number[] = [];
  #nowMs = 0;
  #working = 0;
  #waiting: { readonly atMs: number; readonly resume: () => void }[] = [];

  readonly pause: Pause = (ms) => {
    this.asked.push(ms);
    return new Promise((resume) =>
      this.#waiting.push({ atMs: this.#nowMs + ms, resume })
    );
  };

  /** For a store with points: what is under way there is waited for. */
  readonly reach: Reach = (point) => {
    this.#working += point.startsWith("before") ? 1 : -1;
    return Promise.resolve();
  };

  /** Lets time pass until `work` has ended. */
  async until<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = work.finally(() => ended = true);
    end.catch(() => {});
    for (let idle = 0; !ended; idle++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#working > 0 || this.#waiting.length === 0) idle = 0;
      if (idle < IDLE_TURNS) continue;
      idle = 0;
      this.#nowMs = Math.min(...this.#waiting.map(({ atMs }) => atMs));
      // At the same time, if it is the same: then they meet again.
      const due = this.#waiting.filter(({ atMs }) => atMs === this.#nowMs);
      this.#waiting = this.#waiting.filter(({ atMs }) => atMs > this.#nowMs);
      for (const { resume } of due) resume();
    }
    return await end;
  }
}
