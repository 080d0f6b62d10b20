/**
 * How long it takes to find the customer of a code in a bucket in which every
 * credential has two live seeds, as after a renewal, and in one with as many
 * seeds, each of a credential of its own. The tag rows are cold.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import type { PaymentCode } from "../../../edge/code/format.ts";
import { PROFILE_1 } from "../../../edge/code/profile.ts";
import { timeStepAt } from "../../../edge/code/time_step.ts";
import { storeSeed } from "../../../edge/enrolment/new_seed.ts";
import { putSeed } from "../../../edge/enrolment/writes.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import { parseKeyring } from "../../../edge/vault/keyring.ts";
import { createVault } from "../../../edge/vault/seal.ts";
import { createOfflineSearch } from "../../../edge/verification/offline/offline_search.ts";
import { committedCore } from "../../phone.ts";
import type { Suite } from "../../table.ts";
import { type Contender, race, ROUNDS } from "../kit/rounds.ts";
import { type SealedSeed, writeSeeds } from "../kit/sealed_buckets.ts";
import { useFolder } from "../kit/store.ts";
import { bucketId, openCache, PREFIX } from "../scale/measure.ts";

const SIZES = [100, 1_000];
const DAY_SECONDS = 86_400;
/** Moments at which codes are searched in turn; too many for tag rows to last. */
const MOMENTS = 64;
/** Between two moments: none of the steps of one is searched at the next. */
const STEPS_APART = 3;

interface Bucket {
  readonly name: string;
  readonly bucket: number;
  readonly seeds: number;
  /** Live seeds of each credential. */
  readonly each: 1 | 2;
}

/** Buckets of all sizes, with one and with two seeds of a credential. */
const BUCKETS: readonly Bucket[] = SIZES.flatMap((seeds) =>
  ([1, 2] as const).map((each) => ({
    ...{ name: `${seeds} seeds, ${each} a credential`, seeds, each },
    bucket: seeds + each,
  }))
);

/** Searches of existing customers' codes in each of the buckets. */
export async function renewedSearches(
  stack: AsyncDisposableStack,
  buckets = BUCKETS,
): Promise<Contender[]> {
  const path = `${await useFolder(stack)}/offcode.db`;
  const store = openSqliteStore({ path, clock: systemClock });
  stack.defer(() => store.close());
  const masterKeys = `bench:${encodeBase64(systemRandom.bytes(32))}`;
  const keyring = parseKeyring(masterKeys);
  const vault = createVault({ keyring, random: systemRandom });
  const startMs = systemClock.nowMs();
  const profile = PROFILE_1.digit;
  const sealing = {
    ...{ vault, random: systemRandom, prefix: PREFIX, profile },
    expires: Math.floor(startMs / 1000) + DAY_SECONDS,
  };
  const core = committedCore();
  let nowMs = startMs;
  const search = createOfflineSearch({
    buckets: openCache(store, vault, core),
    clock: { nowMs: () => nowMs },
    onAmbiguous() {},
    onSearch() {},
  });
  const renew = (of: SealedSeed) => {
    const holder = {
      ...{ credential_id: of.credentialId, account_id: of.accountId },
      device_id: of.deviceId,
    };
    const seed = systemRandom.bytes(32);
    const place = { ...of.stored, generation: 2 };
    return [putSeed(storeSeed(sealing, seed, holder, place))];
  };
  return await Promise.all(
    buckets.map(async ({ name, bucket, seeds, each }) => {
      const credentials = Array<number>(seeds / each).fill(bucket);
      const written = each === 1
        ? await writeSeeds(store, sealing, credentials)
        : await writeSeeds(store, sealing, credentials, 0, renew);
      const moments = Array.from({ length: MOMENTS }, (_, i) => {
        const ms = startMs +
          i * STEPS_APART * PROFILE_1.timeStepSeconds * 1000;
        const step = timeStepAt(ms, PROFILE_1.timeStepSeconds);
        const { seed, credentialId } = written[i % written.length]!;
        const { tagDigits } = PROFILE_1;
        const tag = core.deriveTag(bucketId(bucket), seed, step, tagDigits);
        const code = { prefix: PREFIX, profile: PROFILE_1, bucket, tag };
        return { ms, credentialId, code: code satisfies PaymentCode };
      });
      let next = 0;
      return {
        name,
        async run() {
          const { ms, code, credentialId } = moments[next++ % MOMENTS]!;
          nowMs = ms;
          const found = await search(code);
          if (
            found.kind !== "candidate" || found.credentialId !== credentialId
          ) throw new Error(`Not found: ${found.kind}`);
          return 1;
        },
      };
    }),
  );
}

/** Microseconds a search. */
export const renewedSuite: Suite = async () => {
  await using stack = new AsyncDisposableStack();
  const rates = await race(await renewedSearches(stack));
  const us = (rate: number) => (1e6 / rate).toFixed(1);
  return [{
    title: "Finding the customer of a code, cold tag rows, µs of CPU",
    columns: ["bucket", "median", "slowest round", "÷ one a credential"],
    rows: rates.map((it, i) => [
      it.name,
      us(it.median),
      us(it.lowest),
      (rates[i & ~1]!.median / it.median).toFixed(3),
    ]),
    notes: [
      `median of ${ROUNDS} interleaved rounds, with all that an edge does to find it`,
    ],
  }];
};
