/**
 * Decides whether this edge may trust its clock. Time decides which codes are
 * accepted, so in doubt the edge accepts none.
 *
 * The edge's clock is compared with the store's, which every edge shares. The answer's
 * travel time bounds the error, so the difference is known to lie in an interval; the
 * guard is sure only while all of that interval is in bounds and the comparison is
 * recent. The age of the comparison is measured by a monotonic timer, because the clock
 * that is being checked cannot be used for that.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/store.ts";

/** What a comparison of the two clocks found. */
export interface ClockState {
  readonly sure: boolean;
  /** Edge's clock minus the store's, in ms, if it was measured. */
  readonly offsetMs?: number;
}

/** Compares the edge's clock with the store's. */
export interface ClockGuard {
  /**
   * The state by a comparison that is less than 30 s old; if there is none, the
   * clocks are compared again.
   *
   * @throws {StoreUnavailableError} If the store does not answer.
   */
  check(): Promise<ClockState>;
  /** Compares the clocks now. */
  measure(): Promise<ClockState>;
  /** What the last comparison found; `null` before the first one. */
  last(): ClockState | null;
}

/** Above this difference no code is judged: a fifteenth of a time step. */
const CLOCK_BOUND_MS = 2_000;
/** After this time a comparison is made again in the background. */
const REFRESH_MS = 10_000;
/** After this time a comparison is no longer used. */
const STALE_MS = 30_000;
/** Before 2020 or after 2100 a clock is broken, whatever the store says. */
const EARLIEST_MS = 1_577_836_800_000;
const LATEST_MS = 4_102_444_800_000;

/** Makes a {@linkcode ClockGuard}. */
export function createClockGuard(deps: {
  store: Store;
  clock: Clock;
  /** Milliseconds that only ever grow, such as `performance.now()`. */
  monotonicMs: () => number;
}): ClockGuard {
  const { store, clock, monotonicMs } = deps;
  let last: { state: ClockState; atMs: number; wallMs: number } | null = null;
  let running: Promise<ClockState> | null = null;

  async function compare(): Promise<ClockState> {
    const startedMs = monotonicMs();
    const storeMs = await store.timeMs();
    const nowMs = clock.nowMs();
    const travelMs = monotonicMs() - startedMs;
    const offsetMs = Math.round(nowMs - travelMs / 2 - storeMs);
    const sure = nowMs >= EARLIEST_MS && nowMs <= LATEST_MS &&
      Math.abs(offsetMs) + travelMs / 2 <= CLOCK_BOUND_MS;
    const state = { sure, offsetMs };
    last = { state, atMs: monotonicMs(), wallMs: nowMs };
    return state;
  }

  function measure(): Promise<ClockState> {
    running ??= compare().finally(() => running = null);
    return running;
  }

  return {
    measure,
    last: () => last?.state ?? null,
    async check() {
      if (last === null) return await measure();
      const ageMs = monotonicMs() - last.atMs;
      // If the wall clock jumped since the comparison, it is made again.
      const jumpMs = Math.abs(clock.nowMs() - last.wallMs - ageMs);
      // Both comparisons are false for NaN, so NaN is never recent.
      const recent = ageMs <= STALE_MS && jumpMs <= CLOCK_BOUND_MS;
      if (!recent || !last.state.sure) {
        const isShared = running !== null;
        const state = await measure();
        // A comparison that was already under way may have begun before the clock jumped.
        return state.sure || !isShared ? state : await measure();
      }
      if (ageMs > REFRESH_MS) {
        // The refresh runs in the background. Its failure is ignored, because a
        // request fails by itself if the store is down.
        measure().catch(() => {});
      }
      return last.state;
    },
  };
}
