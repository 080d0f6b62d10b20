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
import { entriesOf, IndexPlace } from "../store/indexes.ts";
import { DUE_SEEDS_KEY } from "../store/keys.ts";
import type { Store } from "../store/store.ts";
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
  /** Begins a sweep in the background, unless one began a short time ago. */
  sweepSometimes(): void;
}

/** Credentials that are handled at the same time. */
const PAGE = 16;
const PAUSE_MS = 60_000;

const dueSeeds = new IndexPlace(DUE_SEEDS_KEY);

/** Makes a {@linkcode SeedSweeper}. */
export function createSeedSweeper(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  /** Checked first, because a destroyed seed cannot be brought back. */
  clockGuard: { check(): Promise<{ readonly sure: boolean }> };
  /** Called with every bucket whose entries this process has changed. */
  onBucketChange: (profile: number, bucket: number) => void;
  /** Called for every sweep in the background that could not be finished. */
  onFault: (error: unknown) => void;
}): SeedSweeper {
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

  async function sweep(): Promise<number> {
    lastMs = clock.nowMs();
    if (!(await deps.clockGuard.check()).sure) return 0;
    let destroyed = 0;
    const due = entriesOf(store, DUE_SEEDS_KEY, PAGE, { max: lastMs });
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
      // The difference is taken without its sign, so that a clock that was set back does not
      // delay the next sweep.
      if (isRunning || Math.abs(clock.nowMs() - lastMs) < PAUSE_MS) return;
      isRunning = true;
      sweep().catch(deps.onFault).finally(() => isRunning = false);
    },
  };
}
