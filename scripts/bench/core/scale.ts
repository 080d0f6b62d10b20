/**
 * Time and memory from a thousand to a million credentials in the 10 000
 * buckets of the default profile: sealed into a SQLite file, spread over buckets
 * at random as enrolment does it, loaded by an edge's cache into a core, and
 * searched there.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import v8 from "node:v8";
import vm from "node:vm";
import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../../edge/store/store.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault, type Vault } from "../../../edge/vault/seal.ts";
import { createBucketCache } from "../../../edge/verification/offline/bucket_cache.ts";
import { committedCore } from "../../phone.ts";
import { type Suite, tableOf } from "../../table.ts";
import { cpuMs } from "../kit/rounds.ts";
import { writeSeeds } from "../kit/sealed_buckets.ts";
import { useFolder } from "../kit/store.ts";

const SIZES = [1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6];

/** Buckets of the default profile. */
const BUCKETS = 10_000;
const PROFILE = 1;
const PREFIX = "90";
/** Credentials that are written together. */
const BATCH = 10_000;

export type ScaleFigures = Readonly<Awaited<ReturnType<typeof measure>>>;

/** Measures a store that grows from each size to the next. */
export async function measureScale(
  sizes: readonly number[],
): Promise<ScaleFigures[]> {
  await using stack = new AsyncDisposableStack();
  const path = `${await useFolder(stack)}/offcode.db`;
  const store = openSqliteStore({ path, clock: systemClock });
  stack.defer(() => store.close());
  const masterKey = `bench:${encodeBase64(systemRandom.bytes(32))}`;
  const keyring = parseKeyring(masterKey);
  const vault = createVault({ keyring, random: systemRandom });
  const expires = Math.floor(systemClock.nowMs() / 1000) + 30 * 86_400;
  const sealing = {
    ...{ vault, random: systemRandom, prefix: PREFIX, profile: PROFILE },
    expires,
  };
  /** By the credential's number, the bucket that was drawn. */
  const drawn: number[] = [];
  const all: ScaleFigures[] = [];
  for (const size of sizes) {
    const added = Array.from(
      { length: size - drawn.length },
      () => Math.floor(Math.random() * BUCKETS),
    ).sort((a, b) => a - b); // in the order of the file: ten times as fast
    for (let i = 0; i < added.length; i += BATCH) {
      const some = added.slice(i, i + BATCH);
      await writeSeeds(store, sealing, some, drawn.length);
      drawn.push(...some);
    }
    all.push(await measure(store, vault, drawn));
  }
  return all;
}

async function measure(
  store: Store,
  vault: Vault,
  drawn: readonly number[],
) {
  const buckets = [...new Set(drawn)];
  const core = committedCore();
  const before = await memoryUsed();
  const fail = (what: string) => {
    throw new Error(what);
  };
  const cache = createBucketCache({
    ...{ store, vault, clock: systemClock, prefix: PREFIX },
    core: () => core,
    // The most that can be configured: nothing is to be evicted.
    memoryBytes: 2_047 * 2 ** 20,
    onSealFault: (reason) => fail(`A seed does not open: ${reason}`),
    onTooLarge: () => fail("A bucket is too large"),
  });
  const startedMs = cpuMs();
  for (const bucket of buckets) await cache.load(PROFILE, bucket, () => {});
  const loadSeconds = (cpuMs() - startedMs) / 1000;
  const search = () => {
    const startedMs = cpuMs();
    for (const bucket of buckets) {
      const id = { prefix: Number(PREFIX), profile: PROFILE, bucket };
      core.verify(id, 0n, 11, 57_000_000, 3);
    }
    return (cpuMs() - startedMs) * 1000 / buckets.length;
  };
  const [coldMicroseconds, warmMicroseconds] = [search(), search()];
  const coreBytes = core.memoryBytes;
  const scriptBytes = await memoryUsed() - before;
  // The bucket is used after the measurement, so that the cache was still
  // referenced during it.
  if (cache.held(PROFILE, buckets[0]!) === undefined) fail("It was evicted");
  return {
    credentials: drawn.length,
    /** Buckets that hold any. */
    buckets: buckets.length,
    /** From the store's file to a core that can be searched, all of them. */
    loadSeconds,
    /** One search of three steps, without the bucket's tag rows and with them. */
    ...{ coldMicroseconds, warmMicroseconds },
    /** Linear memory of the core, tag rows included. */
    coreBytes,
    /** What the edge's JavaScript holds beside it. */
    scriptBytes,
  };
}

/**
 * Bytes that JavaScript still references, in the heap and in buffers outside of
 * it. Several collections are made, because some objects are freed only by a
 * later one.
 */
async function memoryUsed(): Promise<number> {
  v8.setFlagsFromString("--expose-gc");
  const gc = vm.runInNewContext("gc");
  for (let i = 0; i < 4; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

export const scaleSuite: Suite = async () => {
  const rows = (await measureScale(SIZES)).map((it) => ({
    "credentials": `${it.credentials}`,
    "search, cold µs": it.coldMicroseconds,
    "warm µs": it.warmMicroseconds,
    "load s": it.loadSeconds,
    "load ms a bucket": it.loadSeconds * 1000 / it.buckets,
    "core MB": it.coreBytes / 1e6,
    "JavaScript MB": it.scriptBytes / 1e6,
    "core B each": it.coreBytes / it.credentials,
    "JS B each": it.scriptBytes / it.credentials,
  }));
  return [
    tableOf(`Credentials in ${BUCKETS} buckets`, rows, [
      "Times are CPU time; a search is one of three steps; loading is from sealed entries in SQLite.",
    ]),
  ];
};
