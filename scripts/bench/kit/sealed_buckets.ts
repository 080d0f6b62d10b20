/**
 * Buckets as they lie in a store, written without enrolling anybody: sealed
 * entries and a revision, and no record beside them. An enrolment takes fifty
 * times as long as its entry, mostly for the phone's part.
 *
 * @module
 */

import type { Random } from "../../../edge/base/clock.ts";
import { newId, newRevision } from "../../../edge/base/ids.ts";
import { entryText, sealContext } from "../../../edge/enrolment/record.ts";
import {
  bucketEntriesKey,
  bucketRevisionKey,
} from "../../../edge/store/keys.ts";
import type { Store, Write } from "../../../edge/store/store.ts";
import type { Vault } from "../../../edge/vault/seal.ts";

/** What entries are sealed with. */
export interface Sealing {
  readonly vault: Vault;
  readonly random: Random;
  readonly prefix: string;
  readonly profile: number;
  /** Unix second at which all the credentials end. */
  readonly expires: number;
}

/** A seed that was sealed, and whose it is. */
export type SealedSeed = Awaited<ReturnType<typeof writeSeeds>>[number];

/** A transaction takes a thousand writes. */
const WRITES = 1_000;

/**
 * Adds a seed of a new account to each of `buckets`, as often as a bucket stands
 * there; answers the seeds and whose they are. Accounts are numbered from `first`.
 */
export async function writeSeeds(
  store: Store,
  { vault, random, prefix, profile, expires }: Sealing,
  buckets: readonly number[],
  first = 0,
) {
  const writes: Write[] = [];
  const seeds = buckets.map((bucket, i) => {
    const fields = {
      c: newId("cred", random),
      a: `account-${first + i}`,
      d: `device-${first + i}`,
      ...{ g: 1, x: expires },
    };
    const seed = random.bytes(32);
    const context = sealContext(prefix, profile, bucket, fields);
    const member = entryText({ ...fields, s: vault.sealSeed(seed, context) });
    const index = bucketEntriesKey(profile, bucket);
    writes.push({ kind: "index", index, member, score: expires });
    return { seed, credentialId: fields.c, accountId: fields.a };
  });
  for (const bucket of new Set(buckets)) {
    const key = bucketRevisionKey(profile, bucket);
    writes.push({ kind: "set", key, value: newRevision(random) });
  }
  for (let i = 0; i < writes.length; i += WRITES) {
    await store.txn({ checks: [], writes: writes.slice(i, i + WRITES) });
  }
  return seeds;
}
