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

import type { Clock } from "../clock.ts";
import type { Core } from "../core/core.ts";
import { type BucketEntry, sealContext } from "../enrolment/record.ts";
import { bucketEntriesKey, bucketRevisionKey } from "../store/keys.ts";
import type { Store } from "../store/store.ts";
import type { Vault } from "../vault/seal.ts";
import { SealError } from "../vault/seal.ts";

/** Whose seed a slot of the core holds. */
export interface SlotOwner {
  readonly credentialId: string;
  readonly accountId: string;
  /** Unix second at which the credential ends. */
  readonly expires: number;
}

/** A bucket that the core holds. */
export interface LoadedBucket {
  readonly profile: number;
  readonly bucket: number;
  /** Revision of the snapshot; `null` where nobody was ever enrolled. */
  readonly revision: string | null;
  /** By the credential number that the core answers with. */
  readonly owners: readonly SlotOwner[];
  /** Slots, for the memory budget. */
  readonly slots: number;
  /** When the revision was last seen in the store, unix ms. */
  confirmedAtMs: number;
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
  /** Brings a bucket into the core as it is in the store. */
  load(profile: number, bucket: number): Promise<void>;
  /** Whether its revision was confirmed less than five seconds ago. */
  isFresh(loaded: LoadedBucket): boolean;
  /** Loads the bucket again if its revision in the store is another. */
  refresh(profile: number, bucket: number): Promise<void>;
  /** Forgets when the revision was confirmed: the bucket was changed here. */
  expire(profile: number, bucket: number): void;
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
  /** Least recently used buckets leave the core above so many seeds. */
  maxSlots: number;
  /** Told when an entry does not open; it is left out of the search. */
  onSealFault: (fault: SealError["reason"], credentialId: string) => void;
}): BucketCache {
  const { store, core, vault, clock, prefix } = deps;
  const loadedBuckets = new Map<string, LoadedBucket>();
  const loading = new Map<string, Promise<void>>();
  /** How often a bucket was changed here: what was read before is no longer so. */
  const changes = new Map<string, number>();
  let totalSlots = 0;

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
    totalSlots -= old.slots;
    core.wipeBucket(idOf(old.profile, old.bucket));
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
  ): Promise<void> {
    const change = changes.get(id);
    const startedMs = clock.nowMs();
    const { revision, members } = await readEntries(profile, bucket);
    const numbers = new Map<string, number>();
    const owners: SlotOwner[] = [];
    const slots: { seed: Uint8Array; credential: number }[] = [];
    try {
      for (const member of members) {
        const entry = JSON.parse(member) as BucketEntry;
        let seed: Uint8Array;
        try {
          seed = vault.openSeed(
            entry.s,
            sealContext(prefix, profile, bucket, entry),
          );
        } catch (error) {
          if (!(error instanceof SealError)) throw error;
          deps.onSealFault(error.reason, entry.c);
          continue;
        }
        let credential = numbers.get(entry.c);
        if (credential === undefined) {
          credential = owners.length;
          numbers.set(entry.c, credential);
          owners.push({
            credentialId: entry.c,
            accountId: entry.a,
            expires: entry.x,
          });
        }
        slots.push({ seed, credential });
      }
      // The core exchanges the bucket whole, or keeps the one it has.
      core.loadBucket(idOf(profile, bucket), slots);
    } finally {
      for (const { seed } of slots) seed.fill(0);
    }
    totalSlots -= loadedBuckets.get(id)?.slots ?? 0;
    loadedBuckets.delete(id);
    const loaded: LoadedBucket = {
      profile,
      bucket,
      revision,
      owners,
      slots: slots.length,
      confirmedAtMs: change === changes.get(id) ? startedMs : -Infinity,
    };
    loadedBuckets.set(id, loaded);
    totalSlots += slots.length;
    for (const oldest of loadedBuckets.keys()) {
      if (totalSlots <= deps.maxSlots || oldest === id) break;
      forget(oldest);
    }
  }

  /** One load of a bucket at a time; callers that come meanwhile share it. */
  function loadOnce(profile: number, bucket: number): Promise<void> {
    const id = nameOf(profile, bucket);
    let running = loading.get(id);
    if (running === undefined) {
      running = load(profile, bucket, id).finally(() => loading.delete(id));
      loading.set(id, running);
    }
    return running;
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
    load: loadOnce,
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
        await loadOnce(profile, bucket);
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
