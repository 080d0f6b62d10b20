/**
 * Credentials by the million: sealed into a SQLite file, spread over buckets at
 * random as enrolment does it, and measured there (`measure.ts`).
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault } from "../../../edge/vault/seal.ts";
import { startWorker } from "../kit/processes.ts";
import { type Sealing, writeSeeds } from "../kit/sealed_buckets.ts";
import { useFolder } from "../kit/store.ts";
import {
  BUCKETS,
  PREFIX,
  PROFILE,
  type ScaleFigures,
  type ScaleJob,
} from "./measure.ts";

const BATCH = 10_000;

/** A store that is filled further and further. */
export type ScaleWorld = Awaited<ReturnType<typeof openScaleWorld>>;

/** Opens an empty store. */
export async function openScaleWorld() {
  await using stack = new AsyncDisposableStack();
  const path = `${await useFolder(stack)}/offcode.db`;
  const store = openSqliteStore({ path, clock: systemClock });
  stack.defer(() => store.close());
  const owned = stack.move();
  const masterKeys = `bench:${encodeBase64(systemRandom.bytes(32))}`;
  const keyring = parseKeyring(masterKeys);
  const vault = createVault({ keyring, random: systemRandom });
  const expires = Math.floor(systemClock.nowMs() / 1000) + 30 * 86_400;
  const sealing: Sealing = {
    ...{ vault, random: systemRandom, prefix: PREFIX, profile: PROFILE },
    expires,
  };
  /** By the credential's number, the bucket that was drawn. */
  const drawn: number[] = [];
  /** Adds a credential to each of these buckets. */
  const add = async (buckets: readonly number[]) => {
    await writeSeeds(store, sealing, buckets, drawn.length);
    drawn.push(...buckets);
  };
  return {
    ...{ store, vault, sealing, add },
    /** Adds credentials until there are `count`. */
    async fill(count: number) {
      const added = Array.from(
        { length: count - drawn.length },
        () => Math.floor(Math.random() * BUCKETS),
      ).sort((a, b) => a - b); // in the order of the file: ten times as fast
      for (let i = 0; i < added.length; i += BATCH) {
        await add(added.slice(i, i + BATCH));
      }
    },
    async measure() {
      using thread = startWorker<ScaleJob, ScaleFigures>(
        "scripts/bench/scale/measure.ts",
      );
      return await thread.run({ path, masterKeys, drawn });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
