/**
 * What customers take of Redis' memory, by kind of record. They are enrolled
 * through the use case, and Redis itself counts.
 *
 * @module
 */

import { type Suite, tableOf } from "../../table.ts";
import { enrolPhones, SEEDS_PER_BUCKET } from "../kit/ground.ts";
import { askRedis, openBenchStore, redisCounts } from "../kit/store.ts";

const COUNT = 100_000;

/** Adds up what each record takes, every member of an index included. */
const BYTES_BY_KIND = `
local sums, lines, cursor = {}, {}, '0'
repeat
  local page = redis.call('SCAN', cursor, 'COUNT', 1000)
  cursor = page[1]
  for _, name in ipairs(page[2]) do
    local kind = string.match(name, '^oc:{0}:([^:]*)') or name
    local bytes = redis.call('MEMORY', 'USAGE', name, 'SAMPLES', 0)
    sums[kind] = (sums[kind] or 0) + bytes
  end
until cursor == '0'
for kind, bytes in pairs(sums) do lines[#lines + 1] = kind .. ' ' .. bytes end
return lines`;

/** Enrols `count` customers; bytes of each. */
export async function measureCustomers(count: number) {
  await using opened = await openBenchStore("tcp", "everysec");
  const redis = opened.redis!;
  const { memoryBytes: emptyBytes } = await redisCounts(redis);
  await enrolPhones(opened.store, count, 0);
  const { memoryBytes } = await redisCounts(redis);
  const kinds = await askRedis(redis, "EVAL", BYTES_BY_KIND, "0");
  return {
    /** Growth of Redis' `used_memory`, allocator and key tables included. */
    redisBytes: (memoryBytes - emptyBytes) / count,
    /** `MEMORY USAGE` by kind of key, the part of a name after the cell. */
    byKind: new Map(
      kinds.trim().split("\n").map((line) => line.split(" "))
        .map(([kind, bytes]) => [kind!, Number(bytes) / count]),
    ),
  };
}

/** Bytes of a customer. */
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
