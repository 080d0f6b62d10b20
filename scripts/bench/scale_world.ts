/**
 * Credentials by the million: sealed into a SQLite file, spread over buckets at
 * random as enrolment does it, loaded through the edge's own cache into a core,
 * and searched there.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { systemClock, systemRandom } from "../../edge/clock.ts";
import { type Core, openCore, SEED_BYTES } from "../../edge/core/core.ts";
import { openSqliteStore } from "../../edge/store/sqlite.ts";
import type { Store } from "../../edge/store/store.ts";
import { parseKeyring } from "../../edge/vault/keyring.ts";
import { createVault, type Vault } from "../../edge/vault/seal.ts";
import {
  type BucketCache,
  createBucketCache,
} from "../../edge/verification/bucket_cache.ts";
import { cpuMs } from "./rounds.ts";
import { type Sealing, writeSeeds } from "./sealed_buckets.ts";
import { median } from "./suite.ts";
import { memoryUsed } from "./used.ts";

/** Buckets of the default profile. */
export const BUCKETS = 10_000;
export const PROFILE = 1;
export const PREFIX = "90";

/** The committed core. */
export const CORE = new WebAssembly.Module(
  await Deno.readFile(new URL("../../wasm/release/core.wasm", import.meta.url)),
);
/** The most that can be configured: nothing is to be evicted here. */
const CORE_MEMORY_BYTES = 2_047 * 2 ** 20;
const BATCH = 10_000;
/** Codes searched a round, and rounds of which the median is taken. */
const CODES = 4_000;
const ROUNDS = 7;

/** What so many credentials take; times are CPU time, as in every suite. */
export interface ScaleFigures {
  readonly credentials: number;
  /** Buckets that hold any. */
  readonly buckets: number;
  /** From the store's file to a core that can be searched, all of them. */
  readonly loadSeconds: number;
  /** The core's part alone, from seeds in memory. */
  readonly coreLoadSeconds: number;
  /** One code of a customer drawn at random, no tag row there yet. */
  readonly coldMicroseconds: number;
  /** The same with the tag rows of its three steps. */
  readonly warmMicroseconds: number;
  /** Linear memory of the core. */
  readonly coreBytes: number;
  /** What the edge's JavaScript holds beside it. */
  readonly scriptBytes: number;
}

/** A store that is filled further and further. */
export interface ScaleWorld extends AsyncDisposable {
  readonly store: Store;
  readonly vault: Vault;
  readonly sealing: Sealing;
  /** Adds credentials to one bucket. */
  fillBucket(bucket: number, count: number): Promise<void>;
  /** Adds credentials until there are `count`. */
  fill(count: number): Promise<void>;
  measure(): Promise<ScaleFigures>;
}

/** Opens an empty store. */
export async function openScaleWorld(): Promise<ScaleWorld> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  const store = openSqliteStore({
    path: `${folder}/offcode.db`,
    clock: systemClock,
  });
  const vault = createVault({
    keyring: parseKeyring(`bench:${encodeBase64(systemRandom.bytes(32))}`),
    random: systemRandom,
  });
  const sealing: Sealing = {
    vault,
    random: systemRandom,
    prefix: PREFIX,
    profile: PROFILE,
    expires: Math.floor(systemClock.nowMs() / 1000) + 30 * 86_400,
  };
  /** By the credential's number, the bucket that was drawn. */
  const drawn: number[] = [];
  return {
    store,
    vault,
    sealing,
    async fillBucket(bucket, count) {
      const batch = Array<number>(count).fill(bucket);
      await writeSeeds(store, sealing, batch, drawn.length);
      drawn.push(...batch);
    },
    async fill(count) {
      const added = Array.from(
        { length: count - drawn.length },
        () => Math.floor(Math.random() * BUCKETS),
      ).sort((a, b) => a - b); // in the order of the file: ten times as fast
      for (let i = 0; i < added.length; i += BATCH) {
        const batch = added.slice(i, i + BATCH);
        await writeSeeds(store, sealing, batch, drawn.length);
        drawn.push(...batch);
      }
    },
    measure: () => measure(store, vault, drawn),
    async [Symbol.asyncDispose]() {
      await store.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The edge's cache over a core, as large as cores get. */
export function openCache(store: Store, vault: Vault, core: Core): BucketCache {
  return createBucketCache({
    store,
    core,
    vault,
    clock: systemClock,
    prefix: PREFIX,
    memoryBytes: CORE_MEMORY_BYTES,
    onSealFault: (reason) => {
      throw new Error(`A seed does not open: ${reason}`);
    },
    onTooLarge: () => {
      throw new Error("A bucket is too large");
    },
  });
}

async function measure(
  store: Store,
  vault: Vault,
  drawn: readonly number[],
): Promise<ScaleFigures> {
  const buckets = [...new Set(drawn)];
  const core = openCore(CORE);
  const before = await memoryUsed();
  const cache = openCache(store, vault, core);
  const loadSeconds = await loadAll(cache, buckets);
  const search = measureSearch(core, drawn);
  const coreBytes = core.memoryBytes;
  const scriptBytes = await memoryUsed() - before;
  // Still referenced here, and so was counted.
  if (cache.held(PROFILE, buckets[0]!) === undefined) {
    throw new Error("A bucket was evicted");
  }
  return {
    credentials: drawn.length,
    buckets: buckets.length,
    loadSeconds,
    coreLoadSeconds: loadCoreAlone(drawn),
    ...search,
    coreBytes,
    scriptBytes,
  };
}

/** Seconds to load the buckets one after the other. */
async function loadAll(
  cache: BucketCache,
  buckets: readonly number[],
): Promise<number> {
  const startedMs = cpuMs();
  for (const bucket of buckets) await cache.load(PROFILE, bucket, () => {});
  return (cpuMs() - startedMs) / 1000;
}

function measureSearch(core: Core, drawn: readonly number[]) {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const codes = Array.from(
      { length: CODES },
      () => drawn[Math.floor(Math.random() * drawn.length)]!,
    );
    const firstStep = 57_000_000 + 3 * round;
    const pass = (codes: readonly number[]) => {
      const startedMs = cpuMs();
      for (const bucket of codes) {
        core.verify(
          { prefix: Number(PREFIX), profile: PROFILE, bucket },
          0n,
          11,
          firstStep,
          3,
        );
      }
      return (cpuMs() - startedMs) * 1000 / codes.length;
    };
    cold.push(pass([...new Set(codes)]));
    warm.push(pass(codes));
  }
  return { coldMicroseconds: median(cold), warmMicroseconds: median(warm) };
}

/** Seconds that the core takes for the same buckets, from seeds in memory. */
function loadCoreAlone(drawn: readonly number[]): number {
  const counts = new Uint32Array(BUCKETS);
  for (const bucket of drawn) counts[bucket]!++;
  // The same seeds over and over: what is computed of them is not the same.
  const most = Math.max(...counts);
  const seeds = systemRandom.bytes(SEED_BYTES * most);
  const credentials = Uint32Array.from({ length: most }, (_, i) => i);
  const core = openCore(CORE);
  const startedMs = cpuMs();
  counts.forEach((count, bucket) => {
    if (count === 0) return;
    core.loadPacked({ prefix: Number(PREFIX), profile: PROFILE, bucket }, {
      seeds: seeds.subarray(0, SEED_BYTES * count),
      credentials: credentials.subarray(0, count),
    });
  });
  return (cpuMs() - startedMs) / 1000;
}
