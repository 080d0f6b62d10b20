/**
 * Buckets as they lie in a store, written without enrolling anybody: sealed
 * entries and a revision, and no record beside them. An enrolment takes fifty
 * times as long as its entry, mostly for the phone's part.
 *
 * @module
 */

import type { Random } from "../../../edge/base/clock.ts";
import { entryText, sealContext } from "../../../edge/enrolment/record.ts";
import { newId, newRevision } from "../../../edge/base/ids.ts";
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

/** A seed that was sealed, whose it is, and the member of the bucket's index. */
export interface SealedSeed {
  readonly seed: Uint8Array;
  readonly credentialId: string;
  readonly accountId: string;
  readonly member: string;
}

/** A new seed of a new account, sealed for `bucket`. */
export function sealSeed(
  { vault, random, prefix, profile, expires }: Sealing,
  bucket: number,
  number: number,
): SealedSeed {
  const fields = {
    c: newId("cred", random),
    a: `account-${number}`,
    d: `device-${number}`,
    g: 1,
    x: expires,
  };
  const seed = random.bytes(32);
  const context = sealContext(prefix, profile, bucket, fields);
  const member = entryText({
    ...fields,
    s: vault.sealSeed(seed, context),
  });
  return { seed, member, credentialId: fields.c, accountId: fields.a };
}

/** A transaction takes a thousand writes. */
const WRITES = 1_000;

/**
 * Adds a seed to each of `buckets`, as often as a bucket stands there; answers
 * the seeds. Their accounts are numbered from `first`.
 */
export async function writeSeeds(
  store: Store,
  sealing: Sealing,
  buckets: readonly number[],
  first = 0,
): Promise<SealedSeed[]> {
  const { profile, random, expires } = sealing;
  const seeds = buckets.map((bucket, i) =>
    sealSeed(sealing, bucket, first + i)
  );
  const writes: Write[] = seeds.map(({ member }, i) => ({
    kind: "index",
    index: bucketEntriesKey(profile, buckets[i]!),
    member,
    score: expires,
  }));
  for (const bucket of new Set(buckets)) {
    const key = bucketRevisionKey(profile, bucket);
    writes.push({ kind: "set", key, value: newRevision(random) });
  }
  for (let i = 0; i < writes.length; i += WRITES) {
    await store.txn({ checks: [], writes: writes.slice(i, i + WRITES) });
  }
  return seeds;
}
