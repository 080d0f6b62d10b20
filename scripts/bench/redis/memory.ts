/**
 * Memory of credentials in Redis and in an edge, and what a call takes of
 * Redis. Credentials are enrolled through the use case, and Redis itself
 * counts.
 *
 * @module
 */

import { systemRandom } from "../../../edge/base/clock.ts";
import { DEFAULT_SETTINGS } from "../../../edge/boot/settings.ts";
import type { Store } from "../../../edge/store/store.ts";
import { newDeviceKey, publicPart } from "../../device.ts";
import { committedCore } from "../../phone.ts";
import { inParallel } from "../../parallel.ts";
import type { Suite, Table } from "../../table.ts";
import { openWallet, SEEDS_PER_BUCKET } from "../kit/ground.ts";
import { CLIENTS } from "../kit/race.ts";
import { memoryUsed } from "../kit/rounds.ts";
import { openBenchStore, openProbe } from "../kit/store.ts";
import { bucketId, BUCKETS, openCache, PROFILE } from "../scale/measure.ts";
import { type EdgeCallFigures, measureCalls } from "./calls.ts";

const COUNT = 100_000;
const CALLS = 5_000;

/**
 * Linear memory that `count` seeds in buckets of `each` take of a new core,
 * with the rows of three steps, per seed.
 */
export function coreBytes(count: number, each: number): number {
  const core = committedCore();
  for (let bucket = 0; bucket < count / each; bucket++) {
    const seeds = Array.from({ length: each }, (_, credential) => ({
      seed: systemRandom.bytes(32),
      credential,
    }));
    core.loadBucket(bucketId(bucket), seeds);
    core.verify(bucketId(bucket), 0n, 11, 1, 3);
  }
  return core.memoryBytes / count;
}

/** Enrols `count` credentials and loads them all into a core; bytes of each. */
export async function measureCredentials(count: number) {
  await using opened = await openBenchStore("tcp", "everysec");
  using probe = await openProbe(opened.redis!);
  const { store } = opened;
  const wallet = await openWallet({ store });
  const { memoryBytes: emptyBytes } = await probe.counts();
  const deviceKey = publicPart(await newDeviceKey());
  await inParallel(count, async (n) => {
    const made = await wallet.useCases.enrolments.enrol({
      by: undefined,
      accountId: `account-${n}`,
      deviceId: `device-${n}`,
      deviceKey,
    });
    if (!("seedJwe" in made)) throw new Error("An enrolment was refused");
  });
  const { memoryBytes } = await probe.counts();
  const kinds = await probe.bytesByKind();
  const { buckets, heapBytes } = await loadAll(store, wallet);
  return {
    ...{ count, buckets },
    /** Growth of Redis' `used_memory`, allocator and key tables included. */
    redisBytes: (memoryBytes - emptyBytes) / count,
    /** `MEMORY USAGE` by kind of key. */
    byKind: new Map(
      [...kinds].filter(([kind]) => kind !== "apikey")
        .map(([kind, bytes]) => [kind, bytes / count]),
    ),
    /**
     * Linear memory of the core, tag rows included; asked for only now, so that
     * the core is there as long as is measured.
     */
    coreBytes: wallet.core.memoryBytes / count,
    /** What the edge's JavaScript keeps beside it. */
    heapBytes: heapBytes / count,
  };
}

async function loadAll(
  store: Store,
  { core, vault }: Awaited<ReturnType<typeof openWallet>>,
) {
  let cache: ReturnType<typeof openCache> | null = openCache(
    ...[store, vault, core, DEFAULT_SETTINGS.coreMemoryBytes] as const,
  );
  let buckets = 0;
  await inParallel(BUCKETS, async (bucket) => {
    const seeds = await cache!.load(PROFILE, bucket, ({ seeds }) => seeds);
    if (seeds === 0) return;
    buckets++;
    // The rows of all accepted steps.
    core.verify(bucketId(bucket), 0n, 11, 1, 3);
  });
  const loaded = await memoryUsed();
  // The cache is dropped between two measurements, so that their difference is
  // its own memory. A comparison with the memory before the enrolments would
  // contain what those have left.
  cache = null;
  return { buckets, heapBytes: loaded - await memoryUsed() };
}

/** Bytes, commands and microseconds. */
export const memorySuite: Suite = async () => [
  credentialTable(
    await measureCredentials(COUNT),
    coreBytes(COUNT, SEEDS_PER_BUCKET),
  ),
  callTable(await measureCalls(CALLS, 1), 1),
  callTable(await measureCalls(CALLS, CLIENTS), CLIENTS),
];

function credentialTable(
  figures: Awaited<ReturnType<typeof measureCredentials>>,
  coreFullBytes: number,
): Table {
  const { count, buckets, byKind } = figures;
  return {
    title: `Bytes per credential, ${count} credentials in ${buckets} buckets`,
    columns: ["where", "bytes"],
    rows: [
      ["Redis, growth of used_memory", figures.redisBytes.toFixed(0)],
      ...[...byKind].toSorted(([, a], [, b]) => b - a)
        .map(([kind, bytes]) => [`  ${kind}`, bytes.toFixed(0)]),
      [
        "core, linear memory with the rows of 3 steps",
        figures.coreBytes.toFixed(1),
      ],
      [`  in buckets of ${SEEDS_PER_BUCKET}`, coreFullBytes.toFixed(1)],
      ["edge, JavaScript beside it", figures.heapBytes.toFixed(0)],
    ],
    notes: [
      "Indented: MEMORY USAGE by kind of key, without the key table's own growth.",
    ],
  };
}

function callTable(all: readonly EdgeCallFigures[], clients: number): Table {
  return {
    title: `What one call takes of Redis, ${clients} at a time`,
    columns: [
      "call",
      "scripts",
      "commands inside",
      "others",
      "CPU µs",
      "bytes kept",
    ],
    rows: all.map((it) => [
      it.name,
      it.scripts.toFixed(3),
      it.inner.toFixed(2),
      it.others.toFixed(3),
      it.cpuMicroseconds.toFixed(0),
      it.redisBytes.toFixed(0),
    ]),
    notes: [
      `${CALLS} of each, appendfsync always; CPU of Redis' main thread. What meets in one`,
      "turn of the edge shares a script; buckets, keys and clocks are read now and then.",
      "Bytes: growth of used_memory, without what the account of a customer grows by once.",
    ],
  };
}
