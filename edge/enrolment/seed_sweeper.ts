/**
 * The sweeper of seeds destroys seeds that have expired: those of expired credentials
 * and those that a renewal has replaced, in their bucket and in the credential's
 * record. Their codes are refused already before that; the sweeper makes sure that no
 * copy of the seeds is left. Any number of processes may sweep at the same time.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import { commit } from "../store/commit.ts";
import {
  entriesIn,
  IndexPlace,
  placesIn,
  type WorkCells,
} from "../store/indexes.ts";
import { DUE_SEEDS_KEY } from "../store/keys.ts";
import type { IndexEntry, Store } from "../store/store.ts";
import { createEnrolmentReads } from "./enrolment.ts";
import { bucketsOf, destroySeed, dueWhenEnded, seedsOf } from "./writes.ts";

/** Destroys expired seeds. */
export interface SeedSweeper {
  /**
   * Destroys the expired seeds of all credentials. Returns how many there were. While the clock
   * is in doubt, none is destroyed.
   *
   * @throws {StoreUnavailableError} If the store does not answer.
   */
  sweep(): Promise<number>;
  /**
   * Begins a sweep in the background of the cells in which this process does due work, unless one
   * began a short time ago.
   */
  sweepSometimes(): void;
}

/** Credentials that are handled at the same time. */
const PAGE = 16;
const PAUSE_MS = 60_000;

const dueSeeds = new IndexPlace(DUE_SEEDS_KEY);

/** What a sweeper of seeds needs. */
export interface SeedSweeperDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Checked first, because a destroyed seed cannot be brought back. */
  readonly clockGuard: { check(): Promise<{ readonly sure: boolean }> };
  /** The cells that it sweeps in the background; by default all cells. */
  readonly workCells?: WorkCells | undefined;
  /** Called with every bucket whose entries this process has changed. */
  readonly onBucketChange: (profile: number, bucket: number) => void;
  /** Called for every sweep in the background that could not be finished. */
  readonly onFault: (error: unknown) => void;
}

/** Makes a {@linkcode SeedSweeper}. */
export function createSeedSweeper(deps: SeedSweeperDeps): SeedSweeper {
  const { store, clock } = deps;
  const { readCredential, credentials } = createEnrolmentReads(deps);
  let lastMs = -Infinity;
  let isRunning = false;

  /** Destroys the expired seeds of a credential. Returns how many there were. */
  async function finish(credentialId: string): Promise<number> {
    const held = await readCredential(credentialId);
    if (held === null) {
      await commit(store, {
        guards: [credentials(credentialId).absent("credential")],
        writes: [dueSeeds.remove(credentialId)],
        mine: () => false,
      });
      return 0;
    }
    const { old, ...record } = held.value;
    const hasEnded = (expires: number) => expires * 1000 <= clock.nowMs();
    const ended = seedsOf(held.value).filter((it) => hasEnded(it.expires));
    const left = {
      ...record,
      ...(hasEnded(record.expires) && { entry: null }),
      ...(old !== undefined && !hasEnded(old.expires) && { old }),
    };
    const { committed } = await commit(store, {
      guards: [held.unchanged("credential")],
      writes: [
        held.set(left),
        ...ended.flatMap((seed) => destroySeed(seed, deps)),
        dueWhenEnded(left),
      ],
      // Another sweeper would write the same, so a repeated transaction does not have to
      // recognize its own write.
      mine: () => false,
    });
    if (!committed) return 0;
    for (const { profile, bucket } of bucketsOf(held)) {
      deps.onBucketChange(profile, bucket);
    }
    return ended.length;
  }

  async function destroy(
    due: AsyncIterable<readonly IndexEntry[]>,
  ): Promise<number> {
    let destroyed = 0;
    for await (const page of due) {
      const counts = await Promise.all(
        page.map(({ member }) => finish(member)),
      );
      destroyed += counts.reduce((sum, it) => sum + it, 0);
    }
    return destroyed;
  }

  async function sweep(places: readonly IndexPlace[]): Promise<number> {
    lastMs = clock.nowMs();
    if (!(await deps.clockGuard.check()).sure) return 0;
    // A cell that does not answer must not delay the others.
    const due = entriesIn(store, places, PAGE, () => ({ max: lastMs }));
    const ends = await Promise.allSettled(due.map(destroy));
    return ends.reduce((sum, end) => {
      if (end.status === "rejected") throw end.reason;
      return sum + end.value;
    }, 0);
  }

  return {
    sweep: () => sweep([dueSeeds]),
    sweepSometimes() {
      // The difference is taken without its sign, so that a clock that was set back does not
      // delay the next sweep.
      if (isRunning || Math.abs(clock.nowMs() - lastMs) < PAUSE_MS) return;
      isRunning = true;
      sweep(placesIn(dueSeeds, deps.workCells?.() ?? null))
        .catch(deps.onFault).finally(() => isRunning = false);
    },
  };
}
