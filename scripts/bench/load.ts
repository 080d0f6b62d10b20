/**
 * How long it takes from sealed entries in the store to buckets that can be
 * searched: one bucket, step by step, and a million credentials.
 *
 * @module
 */

import { createCipheriv, createDecipheriv } from "node:crypto";
import { openCore } from "../../edge/core/core.ts";
import { openEntries } from "../../edge/verification/offline/bucket_entries.ts";
import { packOwners } from "../../edge/verification/offline/owners.ts";
import { type Contender, race, ROUNDS } from "./rounds.ts";
import {
  CORE,
  openCache,
  PREFIX,
  PROFILE,
  type ScaleFigures,
} from "./scale_measure.ts";
import { openScaleWorld } from "./scale_world.ts";
import { sealSeed } from "./sealed_buckets.ts";
import type { Suite, Table } from "../table.ts";

const SEEDS = 100;
const MILLION = 1_000_000;
const BUCKET = 42;

/** What loading a bucket is made of; the last one is all of it. */
export async function bucketSteps(
  seeds: number,
): Promise<{ contenders: Contender[]; dispose: () => Promise<void> }> {
  const world = await openScaleWorld();
  await world.fillBucket(BUCKET, seeds);
  const { vault } = world;
  const core = openCore(CORE);
  const cache = openCache(world.store, vault, core);
  const id = { prefix: Number(PREFIX), profile: PROFILE, bucket: BUCKET };
  const members = Array.from(
    { length: seeds },
    (_, i) => sealSeed(world.sealing, BUCKET, i).member,
  );
  const open = () =>
    openEntries(
      {
        vault,
        onSealFault: (reason) => {
          throw new Error(`A seed does not open: ${reason}`);
        },
      },
      { issuer: PREFIX, profile: PROFILE, bucket: BUCKET },
      members,
    );
  const { slots, owners } = open();
  return {
    contenders: [
      {
        name: "parse and unseal the entries",
        run: () => {
          open().slots.seeds.fill(0);
          return 1;
        },
      },
      {
        name: "  of that the cipher alone, node:crypto",
        run: cipherAlone(seeds),
      },
      {
        name: "compute and keep their midstates, in the core",
        run: () => {
          core.loadPacked(id, slots);
          return 1;
        },
      },
      {
        name: "pack their owners",
        run: () => {
          packOwners(owners);
          return 1;
        },
      },
      {
        name: "all of it, read from SQLite",
        run: async () => {
          await cache.load(PROFILE, BUCKET, () => {});
          return 1;
        },
      },
    ],
    dispose: async () => await world[Symbol.asyncDispose](),
  };
}

/** Opens `count` texts as long as a sealed seed, and nothing around it. */
function cipherAlone(count: number): () => number {
  const key = new Uint8Array(32), nonce = new Uint8Array(12);
  const aad = new Uint8Array(150);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(aad);
  const sealed = new Uint8Array(cipher.update(new Uint8Array(32)));
  cipher.final();
  const tag = new Uint8Array(cipher.getAuthTag());
  return () => {
    for (let i = 0; i < count; i++) {
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, {
        authTagLength: 16,
      });
      decipher.setAAD(aad);
      decipher.setAuthTag(tag);
      decipher.update(sealed);
      decipher.final();
    }
    return 1;
  };
}

async function bucketTable(): Promise<Table> {
  const { contenders, dispose } = await bucketSteps(SEEDS);
  try {
    const rates = await race(contenders);
    const us = (rate: number) => (1e6 / rate).toFixed(0);
    return {
      title: `Loading a bucket of ${SEEDS} seeds, µs of CPU`,
      columns: ["step", "median", "slowest round"],
      rows: rates.map((it) => [it.name, us(it.median), us(it.lowest)]),
      notes: [`median of ${ROUNDS} interleaved rounds`],
    };
  } finally {
    await dispose();
  }
}

/** The figures of loading as a table. */
export function bulkTable(figures: ScaleFigures): Table {
  const { credentials, buckets } = figures;
  const row = (name: string, seconds: number) => [
    name,
    seconds.toFixed(2),
    (seconds * 1e6 / credentials).toFixed(2),
  ];
  return {
    title: `Loading ${credentials} credentials in ${buckets} buckets`,
    columns: ["from", "s of CPU", "µs each"],
    rows: [
      row("seeds in memory, the core alone", figures.coreLoadSeconds),
      row("sealed entries in SQLite, all of it", figures.loadSeconds),
    ],
    notes: [
      "In a process of its own, one bucket after the other, garbage collection included.",
    ],
  };
}

/** Microseconds a bucket, seconds a million. */
export const loadSuite: Suite = async () => {
  const bucket = await bucketTable();
  await using world = await openScaleWorld();
  await world.fill(MILLION);
  return [bucket, bulkTable(await world.measure())];
};
