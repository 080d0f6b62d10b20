/**
 * How long it takes from a bucket's sealed entries in the store to one that can
 * be searched, and how much of that is the core's.
 *
 * @module
 */

import { committedCore } from "../../phone.ts";
import type { Suite } from "../../table.ts";
import { randomSeeds } from "../core/hmac.ts";
import { type Contender, microseconds, rateTable } from "../kit/rounds.ts";
import { bucketId, openCache, PROFILE } from "./measure.ts";
import { openScaleWorld, type ScaleWorld } from "./world.ts";

const SEEDS = 100;
const BUCKET = 42;

/** All that loading a bucket of so many seeds takes, and the core's part. */
export async function bucketLoads(
  world: ScaleWorld,
  count: number,
): Promise<Contender[]> {
  await world.add(Array<number>(count).fill(BUCKET));
  const core = committedCore();
  const cache = openCache(world.store, world.vault, core);
  const seeds = randomSeeds(count)
    .map((seed, credential) => ({ seed, credential }));
  return [
    {
      name: "seeds in memory, the core alone",
      run: () => (core.loadBucket(bucketId(BUCKET), seeds), 1),
    },
    {
      name: "sealed entries in SQLite, all of it",
      run: () => cache.load(PROFILE, BUCKET, () => 1),
    },
  ];
}

/** Microseconds a bucket. */
export const loadSuite: Suite = async () => {
  await using world = await openScaleWorld();
  return [
    await rateTable(await bucketLoads(world, SEEDS), {
      title: `Loading a bucket of ${SEEDS} seeds, µs of CPU`,
      columns: [
        "from",
        ["median", (it) => microseconds(it.median, 0)],
        ["slowest round", (it) => microseconds(it.lowest, 0)],
      ],
      notes: ["a million: suite scale"],
    }),
  ];
};
