/**
 * Trims the events of all merchants once a day: those whose records are no longer kept
 * are removed. One process does it for all.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { commit } from "../store/commit.ts";
import { entriesOf } from "../store/indexes.ts";
import {
  EVENTS_TRIMMED_KEY,
  latestFirst,
  MERCHANTS_KEY,
} from "../store/keys.ts";
import { plainText, recordKind } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import { events } from "./events.ts";

/** Trims events. */
export interface EventSweeper {
  /**
   * Removes the old events of all merchants; returns how many there were.
   *
   * @throws {StoreUnavailableError} If the store does not answer.
   */
  sweep(): Promise<number>;
  /** A sweep in the background, if none was made for most of a day. */
  sweepSometimes(): void;
}

const HOUR_MS = 3_600_000;
/**
 * Events are removed this long after they have expired, so that a bill that is
 * being sent can still be read to its end.
 */
const GRACE_MS = 24 * HOUR_MS;
const EVERY_MS = 20 * HOUR_MS;
/** How often a process looks whether a sweep is due. */
const LOOK_MS = HOUR_MS;
/** Events that are removed at a time, and merchants that are read at a time. */
const BATCH = 500;
const MERCHANTS = 100;

const trimmed = recordKind({
  key: () => EVENTS_TRIMMED_KEY,
  form: plainText,
  ttlMs: EVERY_MS,
});

/** Makes an {@linkcode EventSweeper}. */
export function createEventSweeper(deps: {
  readonly store: Store;
  readonly clock: Clock;
  /** Checked first, because removed events cannot be brought back. */
  readonly clockGuard: { check(): Promise<{ readonly sure: boolean }> };
  readonly recordMs: number;
  /** Called for every sweep in the background that could not be finished. */
  readonly onFault: (error: unknown) => void;
}): EventSweeper {
  const { store, clock } = deps;
  let lastMs = -Infinity;
  let isRunning = false;

  async function trim(merchantId: string, min: number): Promise<number> {
    const place = events(merchantId);
    let removed = 0;
    for (;;) {
      const page = await store.range(place.page(BATCH, { min }));
      if (page.length === 0) return removed;
      await commit(store, {
        guards: [],
        writes: page.map(({ member }) => place.remove(member)),
      });
      removed += page.length;
      if (page.length < BATCH) return removed;
    }
  }

  async function sweep(): Promise<number> {
    if (!(await deps.clockGuard.check()).sure) return 0;
    const keptMs = clock.nowMs() - deps.recordMs - GRACE_MS;
    const min = latestFirst(Math.max(0, keptMs));
    let removed = 0;
    for await (const page of entriesOf(store, MERCHANTS_KEY, MERCHANTS)) {
      for (const { member } of page) removed += await trim(member, min);
    }
    return removed;
  }

  async function sweepIfDue(): Promise<void> {
    const mark = trimmed();
    const { committed } = await commit(store, {
      guards: [mark.absent("trimmed")],
      writes: [mark.set(`${clock.nowMs()}`)],
    });
    if (committed) await sweep();
  }

  return {
    sweep,
    sweepSometimes() {
      // The difference is taken without its sign, so that a clock that was set back does
      // not delay the next look.
      if (isRunning || Math.abs(clock.nowMs() - lastMs) < LOOK_MS) return;
      lastMs = clock.nowMs();
      isRunning = true;
      sweepIfDue().catch(deps.onFault).finally(() => isRunning = false);
    },
  };
}
