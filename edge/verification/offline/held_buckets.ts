/**
 * The buckets that cores hold, the least recently used one first, and how much
 * memory they take. Usually there is one core. While an edge changes to another
 * core, buckets that were not loaded again yet are still searched in the old
 * one.
 *
 * @module
 */

import { type CoreBudget, coreBudget } from "../../core/budget.ts";
import type { Core, PackedSeeds } from "../../core/core.ts";
import type { PackedOwners } from "./owners.ts";

/** The part of a core into which buckets are loaded. */
export type TableCore = Pick<
  Core,
  "sizes" | "bucketBytes" | "loadPacked" | "wipeBucket" | "wipeAll"
>;

/** A bucket that a core holds. */
export interface LoadedBucket<C extends TableCore = Core> {
  readonly profile: number;
  readonly bucket: number;
  /** The core that holds it. */
  readonly core: C;
  /**
   * The revision of the snapshot; `null` if nobody was ever enrolled in the
   * bucket.
   */
  readonly revision: string | null;
  /** The owners, by the seed place that the core answers with. */
  readonly owners: PackedOwners;
  readonly seeds: number;
  /** When the revision was last seen in the store, unix ms. */
  confirmedAtMs: number;
}

/** How full the memory of the cores is. */
export interface BucketFigures {
  readonly buckets: number;
  readonly seeds: number;
  /** How many seeds the fullest bucket has. */
  readonly largest: number;
  readonly memoryBytes: number;
  /** The most that buckets of the current core may take. */
  readonly limitBytes: number;
}

/** A core, and how much it holds. */
interface Table<C extends TableCore> {
  readonly core: C;
  readonly budget: CoreBudget;
  loadedBytes: number;
  buckets: number;
}

/**
 * Buckets in cores. No method waits, so no other work runs between two steps of
 * one.
 */
export class HeldBuckets<C extends TableCore> {
  readonly #current: () => C;
  readonly #prefix: number;
  readonly #memoryBytes: number;
  readonly #buckets = new Map<string, LoadedBucket<C>>();
  readonly #tables = new Map<C, Table<C>>();

  /**
   * `current` gives the core into which buckets are loaded. If it gives another
   * one, that core must be new.
   */
  constructor(current: () => C, prefix: number, memoryBytes: number) {
    this.#current = current;
    this.#prefix = prefix;
    this.#memoryBytes = memoryBytes;
  }

  get(name: string): LoadedBucket<C> | undefined {
    return this.#buckets.get(name);
  }

  /** The same bucket, which becomes the most recently used one. */
  use(name: string): LoadedBucket<C> | undefined {
    const loaded = this.#buckets.get(name);
    if (loaded === undefined) return undefined;
    this.#buckets.delete(name);
    this.#buckets.set(name, loaded);
    return loaded;
  }

  /** How full the cores are; looks at every bucket. */
  figures(): BucketFigures {
    let seeds = 0;
    let largest = 0;
    for (const loaded of this.#buckets.values()) {
      seeds += loaded.seeds;
      largest = Math.max(largest, loaded.seeds);
    }
    const limitBytes = this.#table().budget.loadedBytes;
    let memoryBytes = 0;
    for (const table of this.#tables.values()) memoryBytes += table.loadedBytes;
    const buckets = this.#buckets.size;
    return { buckets, seeds, largest, memoryBytes, limitBytes };
  }

  /** Whether a bucket may have this number of seeds. */
  mayHold(seeds: number): boolean {
    const { core, budget } = this.#table();
    return core.bucketBytes(seeds) <= budget.bucketBytes;
  }

  /**
   * Loads a bucket into the current core. It replaces what was held of the
   * bucket, and the least recently used buckets make room.
   */
  put(
    name: string,
    bucket: Omit<LoadedBucket<C>, "core" | "seeds">,
    seeds: PackedSeeds,
  ): LoadedBucket<C> {
    const table = this.#table();
    const { core } = table;
    const count = seeds.credentials.length;
    this.#makeRoom(table, core.bucketBytes(count), name);
    // The core exchanges the bucket whole, or keeps the one it has.
    core.loadPacked(this.#idOf(bucket), seeds);
    const old = this.#buckets.get(name);
    if (old !== undefined) {
      this.#uncount(name, old);
      if (old.core !== core) old.core.wipeBucket(this.#idOf(old));
    }
    const loaded = { ...bucket, core, seeds: count };
    this.#buckets.set(name, loaded);
    table.loadedBytes += core.bucketBytes(count);
    table.buckets++;
    return loaded;
  }

  /** Wipes a bucket in the core that holds it, if one does. */
  forget(name: string): void {
    const loaded = this.#buckets.get(name);
    if (loaded === undefined) return;
    this.#uncount(name, loaded);
    loaded.core.wipeBucket(this.#idOf(loaded));
  }

  /** The buckets that another core than the current one holds, the most recently used one first. */
  left(): LoadedBucket<C>[] {
    const current = this.#current();
    return [...this.#buckets.values()].filter(({ core }) => core !== current)
      .reverse();
  }

  /** Wipes all cores but the current one, and forgets their buckets. */
  leave(): void {
    const current = this.#current();
    for (const [name, { core }] of this.#buckets) {
      if (core !== current) this.#buckets.delete(name);
    }
    for (const core of this.#tables.keys()) {
      if (core === current) continue;
      core.wipeAll();
      this.#tables.delete(core);
    }
  }

  #table(): Table<C> {
    const core = this.#current();
    let table = this.#tables.get(core);
    if (table === undefined) {
      const budget = coreBudget(core.sizes, this.#memoryBytes);
      table = { core, budget, loadedBytes: 0, buckets: 0 };
      this.#tables.set(core, table);
    }
    return table;
  }

  /** Wipes the least recently used buckets of a core until there is room for `name`. */
  #makeRoom(table: Table<C>, bytes: number, name: string): void {
    const fits = () =>
      table.loadedBytes + bytes <= table.budget.loadedBytes &&
      table.buckets < table.budget.buckets;
    for (const [oldest, loaded] of this.#buckets) {
      if (fits()) return;
      if (oldest !== name && loaded.core === table.core) {
        this.forget(oldest);
      }
    }
    // There may be no room for both versions of the bucket at the same time.
    const own = this.#buckets.get(name);
    if (!fits() && own?.core === table.core) this.forget(name);
  }

  #uncount(name: string, { core, seeds }: LoadedBucket<C>): void {
    this.#buckets.delete(name);
    const table = this.#tables.get(core)!;
    table.loadedBytes -= core.bucketBytes(seeds);
    table.buckets--;
  }

  #idOf({ profile, bucket }: { profile: number; bucket: number }) {
    return { prefix: this.#prefix, profile, bucket };
  }
}
