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
  entriesOf,
  type IndexPlace,
  placesIn,
  type WorkCells,
} from "../store/indexes.ts";
import { readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { IndexEntry, Store } from "../store/store.ts";
import { type CredentialRecord, parseEntry } from "./record.ts";
import {
  type Bucket,
  bucketEntries,
  bucketNamed,
  bucketRevisions,
  credentialKind,
  destroySeed,
  dueBuckets,
  seedsOf,
} from "./writes.ts";

/** Destroys expired seeds. */
export interface SeedSweeper {
  /**
   * Destroys the expired seeds of all buckets. Returns how many there were. While the clock
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

/** Buckets that are handled at the same time, and entries of one that are read together. */
const PAGE = 16;
const PAUSE_MS = 60_000;

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

/**
 * A credential without the seed that has this entry. It is unchanged if it has no such
 * seed.
 */
function without(
  { old, ...record }: CredentialRecord,
  entry: string,
): CredentialRecord {
  return {
    ...record,
    ...(record.entry === entry && { entry: null }),
    ...(old !== undefined && old.entry !== entry && { old }),
  };
}

/**
 * Destroys an expired seed. Returns whether this call has destroyed it. The two seeds of a
 * credential can be destroyed at the same time: both change its record, so one of them has to
 * try again.
 */
async function destroy(
  deps: SeedSweeperDeps,
  bucket: Bucket,
  { member: entry, score: expires }: IndexEntry,
): Promise<boolean> {
  const { store, clock } = deps;
  const { c, g: generation } = parseEntry(entry);
  let isRepeated = false;
  return await retry(async () => {
    const [held] = await readRecords(store, [credentialKind(clock)(c)]);
    const isNamed = held.value !== null &&
      seedsOf(held.value).some((it) => it.entry === entry);
    // Another process has destroyed it.
    if (isRepeated && !isNamed) return false;
    isRepeated = true;
    const { committed } = await commit(store, {
      guards: [held.unchanged("credential")],
      writes: [
        ...(held.value === null ? [] : [held.set(without(held.value, entry))]),
        ...destroySeed({ ...bucket, generation, expires, entry }, deps),
      ],
      // Another sweeper would write the same, so a repeated transaction does not have to
      // recognize its own write.
      mine: () => false,
    });
    if (!committed) return LOST;
    deps.onBucketChange(bucket.profile, bucket.bucket);
    return true;
  }, {
    // The bucket stays due, so the next sweep tries again.
    otherwise: () => false,
  });
}

/** Destroys the expired seeds of a bucket. Returns how many there were. */
async function finish(
  deps: SeedSweeperDeps,
  name: string,
): Promise<number> {
  const { store, clock } = deps;
  const bucket = bucketNamed(name);
  const entries = bucketEntries(bucket.profile, bucket.bucket);
  const max = Math.floor(clock.nowMs() / 1000);
  let destroyed = 0;
  for await (const page of entriesOf(store, entries.name, PAGE, { max })) {
    for (const entry of page) {
      if (await destroy(deps, bucket, entry)) destroyed++;
    }
  }
  const revision = bucketRevisions(bucket.profile, bucket.bucket);
  const { values, ranges } = await store.read({
    keys: [revision.ref],
    ranges: [entries.page(1)],
  });
  const [first] = ranges[0]!;
  // If the bucket changes meanwhile, it stays due, and the next sweep looks again.
  await commit(store, {
    guards: [revision.held(values[0]!).unchanged("bucket")],
    writes: [
      first === undefined
        ? dueBuckets.remove(name)
        : dueBuckets.put(name, first.score * 1000),
    ],
    mine: () => false,
  });
  return destroyed;
}

/** Makes a {@linkcode SeedSweeper}. */
export function createSeedSweeper(deps: SeedSweeperDeps): SeedSweeper {
  const { store, clock } = deps;
  let lastMs = -Infinity;
  let isRunning = false;

  async function finishAll(
    due: AsyncIterable<readonly IndexEntry[]>,
  ): Promise<number> {
    let destroyed = 0;
    for await (const page of due) {
      const counts = await Promise.all(
        page.map(({ member }) => finish(deps, member)),
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
    const ends = await Promise.allSettled(due.map(finishAll));
    return ends.reduce((sum, end) => {
      if (end.status === "rejected") throw end.reason;
      return sum + end.value;
    }, 0);
  }

  return {
    sweep: () => sweep([dueBuckets]),
    sweepSometimes() {
      // The difference is taken without its sign, so that a clock that was set back does not
      // delay the next sweep.
      if (isRunning || Math.abs(clock.nowMs() - lastMs) < PAUSE_MS) return;
      isRunning = true;
      sweep(placesIn(dueBuckets, deps.workCells?.() ?? null))
        .catch(deps.onFault).finally(() => isRunning = false);
    },
  };
}
