/**
 * Keeps buckets in the core: each is read from the store as one snapshot, unsealed,
 * and kept together with its revision.
 *
 * A wrong answer of the cache does no harm. The transaction that spends a code checks
 * that the bucket's revision is unchanged, and a miss counts only if the revision was
 * confirmed less than five seconds ago. A revoked seed is therefore refused at once,
 * even if an edge still holds it, and a new seed is found everywhere within five
 * seconds.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { Core } from "../../core/core.ts";
import { bucketEntriesKey, bucketRevisionKey } from "../../store/keys.ts";
import { type Store, StoreUnavailableError } from "../../store/store.ts";
import type { Vault } from "../../vault/seal.ts";
import type { SealError } from "../../vault/seal.ts";
import { openEntries } from "./bucket_entries.ts";
import {
  type BucketFigures,
  HeldBuckets,
  type LoadedBucket,
  type TableCore,
} from "./held_buckets.ts";
import { packOwners } from "./owners.ts";

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
 * Between {@linkcode BucketCache.held} and the search there must be no `await`: other
 * work that runs meanwhile may replace the bucket in the core.
 */
export interface BucketCache<C extends TableCore = Core> {
  /** The bucket that the core holds at this moment, however old. */
  held(profile: number, bucket: number): LoadedBucket<C> | undefined;
  /**
   * Loads a bucket from the store into the core and calls `search` at once, before
   * any other work can remove the bucket again.
   *
   * @throws {BucketTooLargeError} If the bucket is larger than a thirty-second part of
   * the budget. It is not searched in part, because a customer's code could then be
   * answered as nobody's.
   */
  load<T>(
    profile: number,
    bucket: number,
    search: (loaded: LoadedBucket<C>) => T,
  ): Promise<T>;
  /** Whether the bucket's revision was confirmed less than five seconds ago. */
  isFresh(loaded: LoadedBucket<C>): boolean;
  /** Loads the bucket again if its revision in the store is a different one. */
  refresh(profile: number, bucket: number): Promise<void>;
  /** Wipes a bucket that this process has changed: it may hold a destroyed seed. */
  expire(profile: number, bucket: number): void;
  /**
   * Loads the buckets of the old core into the new one after the core was
   * exchanged, one after another, with a pause after each. A bucket is searched
   * in the old core until it has moved, so no search waits. When all have
   * moved, or `isOver` says so, the old core is wiped; a bucket that did not
   * move is loaded when it is searched next.
   */
  move(isOver: () => boolean, pause: () => Promise<void>): Promise<void>;
  /** How full the memory of the cores is. */
  figures(): BucketFigures;
}

/** A load under way, and the searches that run when it is done. */
interface Loading<C extends TableCore> {
  readonly searches: ((loaded: LoadedBucket<C>) => void)[];
  readonly done: Promise<void>;
}

const FRESH_MS = 5_000;
const PAGE = 10_000;

/** What a bucket cache needs. */
export interface BucketCacheDeps<C extends TableCore> {
  readonly store: Store;
  /** The core that buckets are loaded into at present. */
  readonly core: () => C;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly prefix: string;
  /**
   * The bound of a core's memory. The least recently used buckets are removed to
   * stay below it.
   */
  readonly memoryBytes: number;
  /** Called with a bucket that is too large. */
  readonly onTooLarge: (profile: number, bucket: number, seeds: number) => void;
  /** Called with an entry that does not open; it is left out of the search. */
  readonly onSealFault: (
    fault: SealError["reason"],
    credentialId: string,
  ) => void;
}

/** Makes a {@linkcode BucketCache}. */
export function createBucketCache<C extends TableCore = Core>(
  deps: BucketCacheDeps<C>,
): BucketCache<C> {
  return new StoredBuckets(deps);
}

const nameOf = (profile: number, bucket: number) => `${profile}:${bucket}`;

class StoredBuckets<C extends TableCore> implements BucketCache<C> {
  readonly #deps: BucketCacheDeps<C>;
  readonly #buckets: HeldBuckets<C>;
  readonly #loading = new Map<string, Loading<C>>();
  /**
   * How often this process has changed each bucket. A load that began before a
   * change does not confirm the bucket's revision.
   */
  readonly #changes = new Map<string, number>();

  constructor(deps: BucketCacheDeps<C>) {
    this.#deps = deps;
    const { core, prefix, memoryBytes } = deps;
    this.#buckets = new HeldBuckets(core, Number(prefix), memoryBytes);
  }

  held(profile: number, bucket: number): LoadedBucket<C> | undefined {
    return this.#buckets.use(nameOf(profile, bucket));
  }

  load<T>(
    profile: number,
    bucket: number,
    search: (loaded: LoadedBucket<C>) => T,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const { searches, done } = this.#loadOnce(profile, bucket);
      searches.push((loaded) => {
        try {
          resolve(search(loaded));
        } catch (error) {
          reject(error);
        }
      });
      done.catch(reject);
    });
  }

  isFresh(loaded: LoadedBucket<C>): boolean {
    const ageMs = this.#deps.clock.nowMs() - loaded.confirmedAtMs;
    return Math.abs(ageMs) < FRESH_MS;
  }

  async refresh(profile: number, bucket: number): Promise<void> {
    const { store, clock } = this.#deps;
    const nowMs = clock.nowMs();
    const [revision] =
      (await store.read({ keys: [bucketRevisionKey(profile, bucket)] })).values;
    // A bucket that this process has changed meanwhile is not held any more.
    const current = this.#buckets.get(nameOf(profile, bucket));
    if (current !== undefined && (revision ?? null) === current.revision) {
      current.confirmedAtMs = nowMs;
    } else {
      await this.#loadOnce(profile, bucket).done;
    }
  }

  figures(): BucketFigures {
    return this.#buckets.figures();
  }

  expire(profile: number, bucket: number): void {
    const id = nameOf(profile, bucket);
    this.#changes.set(id, (this.#changes.get(id) ?? 0) + 1);
    this.#buckets.forget(id);
  }

  async move(isOver: () => boolean, pause: () => Promise<void>): Promise<void> {
    try {
      for (const { profile, bucket, core } of this.#buckets.left()) {
        if (isOver()) break;
        // If the bucket was loaded or removed meanwhile, it needs no move.
        const current = this.#buckets.get(nameOf(profile, bucket));
        if (current?.core !== core) continue;
        await this.#loadOnce(profile, bucket).done.catch(onlyNotLoaded);
        await pause();
      }
    } finally {
      this.#buckets.leave();
    }
  }

  /** Starts the load of a bucket, or joins the one that is under way. */
  #loadOnce(profile: number, bucket: number): Loading<C> {
    const id = nameOf(profile, bucket);
    const running = this.#loading.get(id);
    if (running !== undefined) return running;
    const searches: Loading<C>["searches"] = [];
    const done = this.#load(profile, bucket, (loaded) => {
      // The searches run at once: during an `await` another load could remove the
      // bucket.
      this.#loading.delete(id);
      for (const search of searches) search(loaded);
      // This process has changed the bucket while it was read.
      if (loaded.confirmedAtMs === -Infinity) this.#buckets.forget(id);
    }).finally(() => {
      if (this.#loading.get(id) === started) this.#loading.delete(id);
    });
    const started = { searches, done };
    this.#loading.set(id, started);
    return started;
  }

  async #load(
    profile: number,
    bucket: number,
    then: (loaded: LoadedBucket<C>) => void,
  ): Promise<void> {
    const { store, clock, vault, prefix, onTooLarge, onSealFault } = this.#deps;
    const id = nameOf(profile, bucket);
    const change = this.#changes.get(id);
    const startedMs = clock.nowMs();
    const { revision, members } = await readEntries(
      { store, clock },
      profile,
      bucket,
    );
    if (!this.#buckets.mayHold(members.length)) {
      onTooLarge(profile, bucket, members.length);
      throw new BucketTooLargeError();
    }
    const { owners, packed } = openEntries(
      { vault, onSealFault },
      { issuer: prefix, profile, bucket },
      members,
    );
    let loaded: LoadedBucket<C>;
    try {
      loaded = this.#buckets.put(id, {
        profile,
        bucket,
        revision,
        owners: packOwners(owners),
        confirmedAtMs: change === this.#changes.get(id) ? startedMs : -Infinity,
      }, packed);
    } finally {
      packed.seeds.fill(0);
    }
    then(loaded);
  }
}

/** Reads the entries of a bucket as one snapshot with its revision. */
async function readEntries(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
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
    // A bucket of more than one page needs more reads. They are a snapshot only if
    // the revision is the same after the last read.
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

/**
 * Ignores that a bucket cannot be loaded now; it is loaded when it is searched
 * next.
 */
function onlyNotLoaded(error: unknown): void {
  const isExpected = error instanceof StoreUnavailableError ||
    error instanceof BucketTooLargeError;
  if (!isExpected) throw error;
}
