/**
 * Credentials by the million: sealed into a SQLite file, spread over buckets at
 * random as enrolment does it, and measured there (`measure.ts`).
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import type { Store } from "../../../edge/store/store.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault, type Vault } from "../../../edge/vault/seal.ts";
import {
  BUCKETS,
  measureApart,
  PREFIX,
  PROFILE,
  type ScaleFigures,
} from "./measure.ts";
import { type Sealing, writeSeeds } from "../kit/sealed_buckets.ts";

const BATCH = 10_000;

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
  const path = `${folder}/offcode.db`;
  const store = openSqliteStore({ path, clock: systemClock });
  const masterKeys = `bench:${encodeBase64(systemRandom.bytes(32))}`;
  const vault = createVault({
    keyring: parseKeyring(masterKeys),
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
    measure: () => measureApart({ path, masterKeys, drawn }),
    async [Symbol.asyncDispose]() {
      await store.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
