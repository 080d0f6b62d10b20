/**
 * The sweeper of seeds: destroys the seeds that have ended, those of expired
 * credentials and those that a renewal has replaced, in their bucket and in the
 * credential's record. Their codes are refused before that; this is so that
 * nothing is left of them. Any number of processes may sweep at once.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import { commit } from "../store/commit.ts";
import { entriesOf } from "../store/indexes.ts";
import { DUE_SEEDS_KEY } from "../store/keys.ts";
import type { Store } from "../store/store.ts";
import { createEnrolmentReads } from "./enrolment.ts";
import {
  bucketsOf,
  dueWhenEnded,
  newBucketRevision,
  seedsOf,
  takeSeed,
} from "./writes.ts";

/** Destroys seeds that have ended. */
export interface SeedSweeper {
  /**
   * Looks at every credential with a seed that has ended; gives how many seeds
   * were destroyed. While the clock is in doubt that is none.
   *
   * @throws {StoreUnavailableError} When the store cannot be asked.
   */
  sweep(): Promise<number>;
  /** A sweep in the background, if the last one began a while ago. */
  sweepSometimes(): void;
}

/** Credentials that are looked at together. */
const PAGE = 16;
const PAUSE_MS = 60_000;

/** Makes a {@linkcode SeedSweeper}. */
export function createSeedSweeper(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  /** A seed cannot be brought back, so no clock in doubt decides about one. */
  clockGuard: { check(): Promise<{ readonly sure: boolean }> };
  /** Told of every bucket whose entries were changed here. */
  onBucketChange: (profile: number, bucket: number) => void;
  /** Called for every sweep in the background that could not be finished. */
  onFault: (error: unknown) => void;
}): SeedSweeper {
  const { store, clock, random } = deps;
  const { readCredential } = createEnrolmentReads(deps);
  let lastMs = -Infinity;
  let isRunning = false;

  /** Destroys the seeds of a credential that have ended; how many. */
  async function finish(credentialId: string): Promise<number> {
    const held = await readCredential(credentialId);
    if (held === null) {
      const index = DUE_SEEDS_KEY;
      const drop = { kind: "unindex", index, member: credentialId } as const;
      await commit(store, { guards: [], writes: [drop] });
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
        ...ended.flatMap((seed) => [
          takeSeed(seed),
          // So that no core keeps it either.
          newBucketRevision(seed, random),
        ]),
        dueWhenEnded(left),
      ],
      // Another sweeper writes the same.
      mine: () => false,
    });
    if (!committed) return 0;
    for (const { profile, bucket } of bucketsOf(held)) {
      deps.onBucketChange(profile, bucket);
    }
    return ended.length;
  }

  async function sweep(): Promise<number> {
    lastMs = clock.nowMs();
    if (!(await deps.clockGuard.check()).sure) return 0;
    let destroyed = 0;
    const due = entriesOf(store, DUE_SEEDS_KEY, PAGE, lastMs);
    for await (const page of due) {
      const counts = await Promise.all(
        page.map(({ member }) => finish(member)),
      );
      destroyed += counts.reduce((sum, it) => sum + it, 0);
    }
    return destroyed;
  }

  return {
    sweep,
    sweepSometimes() {
      // A clock that was set back must not put the next sweep off.
      if (isRunning || Math.abs(clock.nowMs() - lastMs) < PAUSE_MS) return;
      isRunning = true;
      sweep().catch(deps.onFault).finally(() => isRunning = false);
    },
  };
}
