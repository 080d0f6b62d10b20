/**
 * What an edge does with the credentials of a store, in a process of its own,
 * as an edge is that starts: loads them through its cache into a core, and
 * searches them there. Reads one {@linkcode ScaleJob} from standard input and
 * prints {@linkcode ScaleFigures}, both as JSON.
 *
 * @module
 */

import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { type Core, openCore, SEED_BYTES } from "../../../edge/core/core.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../../edge/store/store.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault, type Vault } from "../../../edge/vault/seal.ts";
import {
  type BucketCache,
  createBucketCache,
} from "../../../edge/verification/offline/bucket_cache.ts";
import { runApart } from "../kit/processes.ts";
import { cpuMs, memoryUsed } from "../kit/rounds.ts";
import { median } from "../../table.ts";

/** Buckets of the default profile. */
export const BUCKETS = 10_000;
export const PROFILE = 1;
export const PREFIX = "90";

/** The committed core. */
export const CORE = new WebAssembly.Module(
  await Deno.readFile(
    new URL("../../../wasm/release/core.wasm", import.meta.url),
  ),
);
/** The most that can be configured: nothing is to be evicted here. */
const CORE_MEMORY_BYTES = 2_047 * 2 ** 20;
/** Codes searched a round, and rounds of which the median is taken. */
const CODES = 4_000;
const ROUNDS = 7;

/** What is to be measured. */
export interface ScaleJob {
  /** The store's file. */
  readonly path: string;
  readonly masterKeys: string;
  /** By the credential's number, the bucket that was drawn. */
  readonly drawn: readonly number[];
}

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

/** Measures in another process. */
export async function measureApart(job: ScaleJob): Promise<ScaleFigures> {
  const found = await runApart("scripts/bench/scale/measure.ts", job);
  return found as ScaleFigures;
}

async function measure(
  { path, masterKeys, drawn }: ScaleJob,
): Promise<ScaleFigures> {
  const vault = createVault({
    keyring: parseKeyring(masterKeys),
    random: systemRandom,
  });
  const store = openSqliteStore({ path, clock: systemClock });
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
  await store.close();
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

if (import.meta.main) {
  const job = await new Response(Deno.stdin.readable).json() as ScaleJob;
  console.log(JSON.stringify(await measure(job)));
}
