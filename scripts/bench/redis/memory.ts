/**
 * What customers take of Redis' memory, by kind of record. They are enrolled
 * through the use case, and Redis itself counts.
 *
 * @module
 */

import { type Suite, tableOf } from "../../table.ts";
import { enrolPhones, SEEDS_PER_BUCKET } from "../kit/ground.ts";
import { bytesByKind, openBenchStore, redisCounts } from "../kit/store.ts";

const COUNT = 100_000;

/** Enrols `count` customers; bytes of each. */
export async function measureCustomers(count: number) {
  await using opened = await openBenchStore("tcp", "everysec");
  const redis = opened.redis!;
  const { memoryBytes: emptyBytes } = await redisCounts(redis);
  await enrolPhones(opened.store, count, 0);
  const { memoryBytes } = await redisCounts(redis);
  const byKind = await bytesByKind(redis);
  return {
    /** Growth of Redis' `used_memory`, allocator and key tables included. */
    redisBytes: (memoryBytes - emptyBytes) / count,
    byKind: new Map(
      [...byKind].map(([kind, bytes]) => [kind, bytes / count]),
    ),
  };
}

export const memorySuite: Suite = async () => {
  const { redisBytes, byKind } = await measureCustomers(COUNT);
  const rows = [
    ["growth of used_memory", redisBytes] as const,
    ...[...byKind].toSorted(([, a], [, b]) => b - a),
  ].map(([what, bytes]) => ({ what, "bytes a customer": bytes }));
  const title = `${COUNT} customers in Redis, ${SEEDS_PER_BUCKET} in a bucket`;
  return [
    tableOf(title, rows, [
      "By kind: MEMORY USAGE, without the key table's own growth.",
    ]),
  ];
};
