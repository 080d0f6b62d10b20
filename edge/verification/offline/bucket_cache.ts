/**
 * Buckets in the core: read as one snapshot, unsealed, kept with the revision
 * they were read at.
 *
 * The cache decides nothing: a hit is checked against the bucket's revision in
 * the transaction that spends the code, and a miss counts only against a
 * bucket whose revision was confirmed less than five seconds ago. So a revoked
 * seed is dead at once though an edge still holds it, and a new seed is found
 * everywhere within five seconds.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { coreBudget } from "../../core/budget.ts";
import type { Core } from "../../core/core.ts";
import { bucketEntriesKey, bucketRevisionKey } from "../../store/keys.ts";
import type { Store } from "../../store/store.ts";
import type { Vault } from "../../vault/seal.ts";
import type { SealError } from "../../vault/seal.ts";
import { openEntries } from "./bucket_entries.ts";
import { type PackedOwners, packOwners } from "./owners.ts";

/** A bucket that the core holds. */
export interface LoadedBucket {
  readonly profile: number;
  readonly bucket: number;
  /** Revision of the snapshot; `null` where nobody was ever enrolled. */
  readonly revision: string | null;
  /** By the slot that the core answers with. */
  readonly owners: PackedOwners;
  readonly slots: number;
  /** When the revision was last seen in the store, unix ms. */
  confirmedAtMs: number;
}

/** A bucket has more seeds than the core may hold of one. */
export class BucketTooLargeError extends Error {
  override readonly name = "BucketTooLargeError";

  constructor() {
    super("A bucket has more seeds than the core's memory allows");
  }
}

/**
 * Loads buckets into the core and keeps them fresh.
 *
 * A search must follow {@linkcode BucketCache.held} without an `await` between
 * them: what the core holds may be exchanged whenever other work runs.
 */
export interface BucketCache {
  /** The bucket as the core holds it this moment, of any age. */
  held(profile: number, bucket: number): LoadedBucket | undefined;
  /**
   * Brings a bucket into the core as it is in the store, and calls `search`
   * there and then, before anything else can push the bucket out again.
   *
   * @throws {BucketTooLargeError} If it is larger than a thirty-second part of
   * the budget. Nothing is searched then: part of a bucket would answer that a
   * code is nobody's when it is somebody's.
   */
  load<T>(
    profile: number,
    bucket: number,
    search: (loaded: LoadedBucket) => T,
  ): Promise<T>;
  /** Whether its revision was confirmed less than five seconds ago. */
  isFresh(loaded: LoadedBucket): boolean;
  /** Loads the bucket again if its revision in the store is another. */
  refresh(profile: number, bucket: number): Promise<void>;
  /** Forgets when the revision was confirmed: the bucket was changed here. */
  expire(profile: number, bucket: number): void;
}

/** A load under way, and what is to be searched once it is done. */
interface Loading {
  readonly searches: ((loaded: LoadedBucket) => void)[];
  readonly done: Promise<void>;
}

const FRESH_MS = 5_000;
const PAGE = 10_000;

/** Makes a {@linkcode BucketCache}. */
export function createBucketCache(deps: {
  store: Store;
  core: Core;
  vault: Vault;
  clock: Clock;
  prefix: string;
  /** Least recently used buckets leave the core so that its memory stays below. */
  memoryBytes: number;
  /** Told when a bucket does not fit. */
  onTooLarge: (profile: number, bucket: number, seeds: number) => void;
  /** Told when an entry does not open; it is left out of the search. */
  onSealFault: (fault: SealError["reason"], credentialId: string) => void;
}): BucketCache {
  const { store, core, vault, clock, prefix } = deps;
  const budget = coreBudget(core.sizes, deps.memoryBytes);
  /** The least recently used one first. */
  const loadedBuckets = new Map<string, LoadedBucket>();
  const loading = new Map<string, Loading>();
  /** How often a bucket was changed here: what was read before is no longer so. */
  const changes = new Map<string, number>();
  let loadedBytes = 0;

  const nameOf = (profile: number, bucket: number) => `${profile}:${bucket}`;
  const idOf = (profile: number, bucket: number) => ({
    prefix: Number(prefix),
    profile,
    bucket,
  });

  function forget(id: string): void {
    const old = loadedBuckets.get(id);
    if (old === undefined) return;
    loadedBuckets.delete(id);
    loadedBytes -= core.bucketBytes(old.slots);
    core.wipeBucket(idOf(old.profile, old.bucket));
  }

  /** Wipes the least recently used buckets until there is room for `id`. */
  function makeRoom(bytes: number, id: string): void {
    const fits = () =>
      loadedBytes + bytes <= budget.loadedBytes &&
      loadedBuckets.size < budget.buckets;
    for (const oldest of loadedBuckets.keys()) {
      if (fits()) return;
      if (oldest !== id) forget(oldest);
    }
    // Both versions at a time may be too much.
    if (!fits()) forget(id);
  }

  async function readEntries(
    profile: number,
    bucket: number,
  ): Promise<{ revision: string | null; members: string[] }> {
    const index = bucketEntriesKey(profile, bucket);
    const range = {
      index,
      min: Math.floor(clock.nowMs() / 1000) + 1,
      max: Number.MAX_SAFE_INTEGER,
      limit: PAGE,
    };
    const keys = [bucketRevisionKey(profile, bucket)];
    for (;;) {
      const snapshot = await store.read({ keys, ranges: [range] });
      const revision = snapshot.values[0] ?? null;
      let page = snapshot.ranges[0] ?? [];
      const members = page.map((entry) => entry.member);
      // Only a bucket above one page needs more reads; its revision must then
      // be the same after the last one.
      let after = page.at(-1);
      while (page.length === PAGE && after !== undefined) {
        page = await store.range({ ...range, after });
        members.push(...page.map((entry) => entry.member));
        after = page.at(-1);
      }
      if (members.length < PAGE) return { revision, members };
      const [again] = (await store.read({ keys })).values;
      if ((again ?? null) === revision) return { revision, members };
    }
  }

  async function load(
    profile: number,
    bucket: number,
    id: string,
    then: (loaded: LoadedBucket) => void,
  ): Promise<void> {
    const change = changes.get(id);
    const startedMs = clock.nowMs();
    const { revision, members } = await readEntries(profile, bucket);
    if (core.bucketBytes(members.length) > budget.bucketBytes) {
      deps.onTooLarge(profile, bucket, members.length);
      throw new BucketTooLargeError();
    }
    const { owners, slots } = openEntries(
      { vault, onSealFault: deps.onSealFault },
      { issuer: prefix, profile, bucket },
      members,
    );
    const count = slots.credentials.length;
    try {
      makeRoom(core.bucketBytes(count), id);
      // The core exchanges the bucket whole, or keeps the one it has.
      core.loadPacked(idOf(profile, bucket), slots);
    } finally {
      slots.seeds.fill(0);
    }
    const old = loadedBuckets.get(id);
    if (old !== undefined) loadedBytes -= core.bucketBytes(old.slots);
    loadedBuckets.delete(id);
    const loaded: LoadedBucket = {
      profile,
      bucket,
      revision,
      owners: packOwners(owners),
      slots: count,
      confirmedAtMs: change === changes.get(id) ? startedMs : -Infinity,
    };
    loadedBuckets.set(id, loaded);
    loadedBytes += core.bucketBytes(count);
    then(loaded);
  }

  /** One load of a bucket at a time; callers that come meanwhile share it. */
  function loadOnce(profile: number, bucket: number): Loading {
    const id = nameOf(profile, bucket);
    const running = loading.get(id);
    if (running !== undefined) return running;
    const searches: Loading["searches"] = [];
    const done = load(profile, bucket, id, (loaded) => {
      // Nothing may come between: another load could push the bucket out.
      loading.delete(id);
      for (const search of searches) search(loaded);
    }).finally(() => {
      if (loading.get(id) === started) loading.delete(id);
    });
    const started = { searches, done };
    loading.set(id, started);
    return started;
  }

  return {
    held(profile, bucket) {
      const id = nameOf(profile, bucket);
      const loaded = loadedBuckets.get(id);
      if (loaded === undefined) return undefined;
      loadedBuckets.delete(id);
      loadedBuckets.set(id, loaded);
      return loaded;
    },
    load: (profile, bucket, search) =>
      new Promise((resolve, reject) => {
        const { searches, done } = loadOnce(profile, bucket);
        searches.push((loaded) => {
          try {
            resolve(search(loaded));
          } catch (error) {
            reject(error);
          }
        });
        done.catch(reject);
      }),
    isFresh: (loaded) =>
      Math.abs(clock.nowMs() - loaded.confirmedAtMs) < FRESH_MS,
    async refresh(profile, bucket) {
      const id = nameOf(profile, bucket);
      const change = changes.get(id);
      const nowMs = clock.nowMs();
      const [revision] =
        (await store.read({ keys: [bucketRevisionKey(profile, bucket)] }))
          .values;
      const current = loadedBuckets.get(id);
      if (current !== undefined && (revision ?? null) === current.revision) {
        if (change === changes.get(id)) current.confirmedAtMs = nowMs;
      } else {
        await loadOnce(profile, bucket).done;
      }
    },
    expire(profile, bucket) {
      const id = nameOf(profile, bucket);
      changes.set(id, (changes.get(id) ?? 0) + 1);
      const current = loadedBuckets.get(id);
      if (current !== undefined) current.confirmedAtMs = -Infinity;
    },
  };
}
