/**
 * The sweeper of seeds: takes the seeds out of the store that a renewal has
 * replaced, once they have ended. Their codes are refused before that; this is
 * so that nothing is left of them. Any number of processes may sweep at once.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import { commit } from "../store/commit.ts";
import { DUE_SEEDS_KEY } from "../store/keys.ts";
import type { Store, Write } from "../store/store.ts";
import { createEnrolmentReads } from "./enrolment.ts";
import { dueWhenEnded } from "./renewals.ts";
import { newBucketRevision, takeSeed } from "./writes.ts";

/** Destroys seeds that have ended. */
export interface SeedSweeper {
  /**
   * Looks at every credential whose old seed has ended; gives how many seeds
   * were destroyed.
   *
   * @throws {StoreUnavailableError} When the store cannot be asked.
   */
  sweep(): Promise<number>;
  /** A sweep in the background, if the last one began a while ago. */
  sweepSometimes(): void;
}

const PAGE = 100;
const PAUSE_MS = 60_000;

/** Makes a {@linkcode SeedSweeper}. */
export function createSeedSweeper(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  /** Told of every bucket whose entries were changed here. */
  onBucketChange: (profile: number, bucket: number) => void;
  /** Called for every sweep in the background that could not be finished. */
  onFault: (error: unknown) => void;
}): SeedSweeper {
  const { store, clock, random } = deps;
  const { readCredential } = createEnrolmentReads(deps);
  let lastMs = -Infinity;
  let isRunning = false;

  /** Whether the old seed of a credential was destroyed. */
  async function finish(credentialId: string): Promise<boolean> {
    const held = await readCredential(credentialId);
    const drop: Write = {
      kind: "unindex",
      index: DUE_SEEDS_KEY,
      member: credentialId,
    };
    if (held === null) {
      await store.txn({ checks: [], writes: [drop] });
      return false;
    }
    const { old, ...record } = held.value;
    const guards = [held.unchanged("credential")];
    if (old === undefined || old.expires * 1000 > clock.nowMs()) {
      // Revoked, or renewed again since the entry was written.
      const writes = [old ? dueWhenEnded(credentialId, old) : drop];
      await store.txn({ checks: guards, writes });
      return false;
    }
    const { committed } = await commit(store, {
      guards,
      writes: [
        held.set(record),
        takeSeed(old),
        // So that no core keeps it either.
        newBucketRevision(old, random),
        drop,
      ],
      // Another sweeper writes the same.
      mine: () => false,
    });
    if (committed) deps.onBucketChange(old.profile, old.bucket);
    return committed;
  }

  async function sweep(): Promise<number> {
    lastMs = clock.nowMs();
    let destroyed = 0;
    let after;
    for (;;) {
      const page = await store.range({
        index: DUE_SEEDS_KEY,
        min: 0,
        max: lastMs,
        limit: PAGE,
        ...(after !== undefined && { after }),
      });
      for (const { member } of page) {
        if (await finish(member)) destroyed++;
      }
      after = page.at(-1);
      if (page.length < PAGE) return destroyed;
    }
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
