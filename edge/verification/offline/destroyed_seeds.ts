/**
 * Wipes the seeds that any edge has destroyed from the cores of this edge. Codes of a
 * destroyed seed are refused at once, even if a core still holds the seed. Without this
 * file the seed would stay in the memory of a core until its bucket is searched again.
 *
 * Each edge reads an index of buckets every few seconds. A bucket that is wiped without
 * need is only loaded again. It is therefore enough to remember the time of the last
 * look.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { bucketNamed } from "../../enrolment/writes.ts";
import {
  cellsOf,
  entriesIn,
  IndexPlace,
  placesIn,
} from "../../store/indexes.ts";
import { DESTROYED_SEEDS_KEY } from "../../store/keys.ts";
import type { Store } from "../../store/store.ts";

/** Follows the seeds that any edge destroys. */
export interface DestroyedSeeds {
  /**
   * Wipes the buckets out of which a seed was destroyed since the last look. If the store does
   * not answer, the next look catches up.
   */
  look(): Promise<void>;
}

/**
 * A look also covers this time before the last look, because the clocks of two edges
 * differ, and a transaction is written some time after its time was read.
 */
const OVERLAP_MS = 10_000;
const PAGE = 1_000;
const DESTROYED_SEEDS = new IndexPlace(DESTROYED_SEEDS_KEY);

/** Makes a {@linkcode DestroyedSeeds}. It must be made before the cores hold a bucket. */
export function followDestroyedSeeds(deps: {
  readonly store: Store;
  readonly clock: Clock;
  /** Wipes a bucket from every core of this edge. */
  readonly wipe: (profile: number, bucket: number) => void;
  /** Called for every look that could not be finished. */
  readonly onFault: (error: unknown) => void;
}): DestroyedSeeds {
  const { store, clock, wipe, onFault } = deps;
  const places = placesIn(DESTROYED_SEEDS, cellsOf(store));
  const beganMs = clock.nowMs();
  const sinceMs = new Map(places.map((it) => [it, beganMs]));
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    const nowMs = clock.nowMs();
    // A clock that was set back must not skip what was destroyed meanwhile.
    const found = entriesIn(store, places, PAGE, (place) => ({
      min: Math.max(0, Math.min(sinceMs.get(place)!, nowMs) - OVERLAP_MS),
    }));
    // A cell that does not answer must not hold up the others.
    const ends = await Promise.allSettled(
      places.map(async (place, i) => {
        for await (const page of found[i]!) {
          for (const { member } of page) {
            const { profile, bucket } = bucketNamed(member);
            wipe(profile, bucket);
          }
        }
        sinceMs.set(place, nowMs);
      }),
    );
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  return {
    look: () => looking ??= look().catch(onFault).finally(() => looking = null),
  };
}
