/**
 * What an edge does with the credentials of a store, in a thread with an isolate
 * of its own, as an edge is that starts: loads them through its cache into a
 * core, and searches them there. Times are CPU time, as in every suite.
 *
 * @module
 */

import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { type Core, SEED_BYTES } from "../../../edge/core/core.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../../edge/store/store.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault, type Vault } from "../../../edge/vault/seal.ts";
import { createBucketCache } from "../../../edge/verification/offline/bucket_cache.ts";
import { committedCore } from "../../phone.ts";
import { median } from "../../table.ts";
import { serveWorker } from "../kit/processes.ts";
import { cpuMs, memoryUsed } from "../kit/rounds.ts";

/** Buckets of the default profile. */
export const BUCKETS = 10_000;
export const PROFILE = 1;
export const PREFIX = "90";

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

/** What so many credentials take. */
export type ScaleFigures = Readonly<Awaited<ReturnType<typeof measure>>>;

/** The id of a bucket in the core. */
export const bucketId = (bucket: number) =>
  ({ prefix: Number(PREFIX), profile: PROFILE, bucket }) as const;

/** The edge's cache over a core; a fault ends the bench. */
export function openCache(
  store: Store,
  vault: Vault,
  core: Core,
  // The most that can be configured: nothing is to be evicted.
  memoryBytes = 2_047 * 2 ** 20,
) {
  const fail = (what: string) => {
    throw new Error(what);
  };
  return createBucketCache({
    ...{ store, vault, clock: systemClock, prefix: PREFIX, memoryBytes },
    core: () => core,
    onSealFault: (reason) => fail(`A seed does not open: ${reason}`),
    onTooLarge: () => fail("A bucket is too large"),
  });
}

async function measure({ path, masterKeys, drawn }: ScaleJob) {
  const keyring = parseKeyring(masterKeys);
  const vault = createVault({ keyring, random: systemRandom });
  const store = openSqliteStore({ path, clock: systemClock });
  const buckets = [...new Set(drawn)];
  const core = committedCore();
  const before = await memoryUsed();
  const cache = openCache(store, vault, core);
  const startedMs = cpuMs();
  for (const bucket of buckets) await cache.load(PROFILE, bucket, () => {});
  const loadSeconds = (cpuMs() - startedMs) / 1000;
  const search = measureSearch(core, drawn);
  const coreBytes = core.memoryBytes;
  const scriptBytes = await memoryUsed() - before;
  // The bucket is used after the measurement, so that the cache was still
  // referenced during it.
  if (cache.held(PROFILE, buckets[0]!) === undefined) {
    throw new Error("A bucket was evicted");
  }
  await store.close();
  return {
    credentials: drawn.length,
    /** Buckets that hold any. */
    buckets: buckets.length,
    /** From the store's file to a core that can be searched, all of them. */
    loadSeconds,
    coreLoadSeconds: loadCoreAlone(drawn),
    ...search,
    /** Linear memory of the core. */
    coreBytes,
    /** What the edge's JavaScript holds beside it. */
    scriptBytes,
  };
}

/** One code of a customer drawn at random, without its tag rows and with them. */
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
        core.verify(bucketId(bucket), 0n, 11, firstStep, 3);
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
  // The same seeds are loaded into every bucket; what the core computes of them
  // differs by bucket.
  const most = Math.max(...counts);
  const seeds = systemRandom.bytes(SEED_BYTES * most);
  const credentials = Uint32Array.from({ length: most }, (_, i) => i);
  const core = committedCore();
  const startedMs = cpuMs();
  counts.forEach((count, bucket) => {
    if (count === 0) return;
    core.loadPacked(bucketId(bucket), {
      seeds: seeds.subarray(0, SEED_BYTES * count),
      credentials: credentials.subarray(0, count),
    });
  });
  return (cpuMs() - startedMs) / 1000;
}

if (import.meta.main) serveWorker(measure);
