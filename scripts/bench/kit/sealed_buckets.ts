/**
 * Buckets as they lie in a store, written without enrolling anybody: sealed
 * entries and a revision, and no record beside them. An enrolment takes fifty
 * times as long as its entry, mostly for the phone's part.
 *
 * @module
 */

import type { Random } from "../../../edge/base/clock.ts";
import { newId, newRevision } from "../../../edge/base/ids.ts";
import { storeSeed } from "../../../edge/enrolment/new_seed.ts";
import type { StoredSeed } from "../../../edge/enrolment/record.ts";
import { putSeed } from "../../../edge/enrolment/writes.ts";
import { bucketRevisionKey } from "../../../edge/store/keys.ts";
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
export interface SealedSeed {
  readonly seed: Uint8Array<ArrayBuffer>;
  readonly credentialId: string;
  readonly accountId: string;
  readonly deviceId: string;
  readonly stored: StoredSeed;
}

/** A transaction takes a thousand writes. */
const WRITES = 1_000;

/**
 * Adds a seed of a new account to each of `buckets`, as often as a bucket stands
 * there, with the writes that `beside` gives for it; answers the seeds and whose
 * they are. Accounts are numbered from `first`.
 */
export async function writeSeeds(
  store: Store,
  sealing: Sealing,
  buckets: readonly number[],
  first = 0,
  beside: (seed: SealedSeed) => readonly Write[] = () => [],
): Promise<SealedSeed[]> {
  const { random, profile, expires } = sealing;
  const writes: Write[] = [];
  const seeds = buckets.map((bucket, i) => {
    const seed = random.bytes(32);
    const credentialId = newId("cred", random);
    const accountId = `account-${first + i}`;
    const deviceId = `device-${first + i}`;
    const stored = storeSeed(sealing, seed, {
      ...{ credential_id: credentialId, account_id: accountId },
      device_id: deviceId,
    }, { profile, bucket, generation: 1, expires });
    const sealed = { seed, credentialId, accountId, deviceId, stored };
    writes.push(...putSeed(stored), ...beside(sealed));
    return sealed;
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
