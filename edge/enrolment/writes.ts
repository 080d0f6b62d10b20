/**
 * The writes of enrolments to accounts and credentials, and those that end a credential: its
 * seeds and their entries are deleted, and its account no longer names it. That alone refuses
 * all of its codes, so the mark and the online code may stay.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import { newRevision, packId, unpackId } from "../base/ids.ts";
import { countCustomer } from "../risk/customers.ts";
import type { Commit, Guard } from "../store/commit.ts";
import {
  type AccountField,
  bucketEntriesKey,
  bucketRevisionKey,
  credentialKey,
  DESTROYED_SEEDS_KEY,
  deviceKey,
  DUE_SEEDS_KEY,
  ofAccount,
  RECORD_TTL_MS,
} from "../store/keys.ts";
import { indexKind, IndexPlace } from "../store/indexes.ts";
import {
  type Form,
  type Held,
  integer,
  plainText,
  readRecords,
  recordKind,
} from "../store/record.ts";
import type { Store, Write } from "../store/store.ts";
import {
  credentialForm,
  type CredentialRecord,
  type StoredSeed,
} from "./record.ts";

/** The cell of an account, with what is local to it. */
export type AccountHome = "account" | "local";

/** Ids of credentials. */
const credentialIds: Form<string> = {
  write: packId,
  read: (text) => unpackId("cred", text),
};

/** The records of one field of accounts, as plain texts or as the ids of credentials. */
export const accountText = (field: AccountField) =>
  recordKind({
    key: ofAccount(field),
    form: field === "credential" || field === "ended"
      ? credentialIds
      : plainText,
  });

/** The latest credential of an account, if it was revoked. */
export const endedCredentials = accountText("ended");

/** The live credential of an account. */
export const liveCredentials = accountText("credential");

/** The generation of an account's oldest live seed. */
export const generations = recordKind({
  key: ofAccount("seed"),
  form: integer,
});

/** The wallet system of an account. */
export const walletSystems = accountText("system");

/** The high-water mark of an account's credential. */
export const marks = recordKind({ key: ofAccount("mark"), form: integer });

/** The guard that an account was enrolled, and was not erased since. */
export const isEnrolled = (accountId: string): Guard<"account", "account"> =>
  marks(accountId).above("account", -1);

/** The live credential of a device. */
export const devices = recordKind({
  key: deviceKey,
  form: {
    ...credentialIds,
    // Across cells the record says the epoch of the device instead, in JSON.
    read: (text) => text.startsWith("{") ? null : credentialIds.read(text),
  },
});

/** Credentials, kept as long as their payments are, by the time of `clock`. */
export const credentialKind = (clock: Clock) =>
  recordKind({
    key: credentialKey,
    form: credentialForm,
    ttlMs: (record) => recordTtlMs(record, clock.nowMs()),
  });

/** A bucket: its profile and its number. */
export type Bucket = Pick<StoredSeed, "profile" | "bucket">;

/** A credential that was read and exists. */
export type HeldCredential = Held<CredentialRecord, "account"> & {
  readonly value: CredentialRecord;
};

/** The revisions of buckets, by which edges find that their entries changed. */
export const bucketRevisions = recordKind({
  key: bucketRevisionKey,
  form: plainText,
});

/** The sealed seeds of a bucket, by the unix second of their expiry. */
export const bucketEntries = indexKind(bucketEntriesKey);

/** Writes a new revision of a seed's bucket. */
export const newBucketRevision = (
  { profile, bucket }: Bucket,
  random: Random,
): Write<AccountHome> =>
  bucketRevisions(profile, bucket).set(newRevision(random));

/** How long a credential's record is kept: as long as those of its payments. */
const recordTtlMs = (
  { expires }: CredentialRecord,
  nowMs: number,
): number => Math.max(0, expires * 1000 - nowMs) + RECORD_TTL_MS;

/** The newest seed of a credential; `null` once that was destroyed. */
export function newestSeed(record: CredentialRecord): StoredSeed | null {
  const { profile, bucket, generation, expires, entry } = record;
  return entry === null
    ? null
    : { profile, bucket, generation, expires, entry };
}

/**
 * Adds or replaces the entry of a seed, whose bucket must be in the sweeper's index
 * already.
 */
export const putEntry = (
  { profile, bucket, expires, entry }: StoredSeed,
): Write<AccountHome> => bucketEntries(profile, bucket).put(entry, expires);

/**
 * Puts a seed into its bucket, and lets the sweeper look at the bucket when the seed
 * expires.
 */
export const putSeed = (seed: StoredSeed): Write<AccountHome>[] => [
  putEntry(seed),
  dueBuckets.putLower(nameOfBucket(seed), seed.expires * 1000),
];

/** Takes a seed out of its bucket. */
export const takeSeed = (
  { profile, bucket, entry }: StoredSeed,
): Write<AccountHome> => bucketEntries(profile, bucket).remove(entry);

/**
 * The sweeper's index of buckets; score: when the first seed of the bucket expires, or
 * an earlier time if that seed was destroyed before; unix ms.
 */
export const dueBuckets = new IndexPlace(DUE_SEEDS_KEY);

const destroyedSeeds = new IndexPlace(DESTROYED_SEEDS_KEY);

/** What destroying a seed needs. */
export interface Destroying {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Destroys a seed: takes it out of its bucket, and has every edge wipe that bucket from the
 * memory of its cores.
 */
export function destroySeed(
  seed: StoredSeed,
  { clock, random }: Destroying,
): Write<AccountHome>[] {
  return [
    takeSeed(seed),
    newBucketRevision(seed, random),
    destroyedSeeds.put(nameOfBucket(seed), clock.nowMs()),
  ];
}

/** The name of a bucket in the indexes of buckets. */
const nameOfBucket = ({ profile, bucket }: Bucket) => `${profile}:${bucket}`;

/** The bucket with this name. */
export function bucketNamed(name: string): Bucket {
  const [profile, bucket] = name.split(":").map(Number);
  return { profile: profile!, bucket: bucket! };
}

/** Every seed of a credential that is in the store. */
export function seedsOf(record: CredentialRecord): readonly StoredSeed[] {
  return [newestSeed(record), record.old].filter((it) => it != null);
}

/**
 * The writes that end a credential, and the guards under which they hold. Its record is kept as a
 * revoked one, unless `isErased`.
 */
export function planEnd(
  held: HeldCredential,
  deps: Destroying,
  isErased = false,
): Commit<string, AccountHome> {
  const { old: _, ...record } = held.value;
  const ended = { ...record, status: "revoked", entry: null } as const;
  return {
    guards: [held.unchanged("credential")],
    writes: [
      isErased ? held.delete() : held.set(ended),
      ...seedsOf(held.value).flatMap((seed) => destroySeed(seed, deps)),
      ...(record.status === "revoked" ? [] : [countCustomer(record, -1)]),
    ],
  };
}

/**
 * The writes that remove a credential from its account, if the account still names it. They
 * belong to a commit with {@linkcode planEnd}, whose guard on the credential's record also holds
 * the account: whatever gives an account another credential ends the one before.
 */
export async function loosen(
  store: Store,
  { credential_id, account_id, generation }: CredentialRecord,
): Promise<Write<AccountHome>[]> {
  const [live] = await readRecords(store, [liveCredentials(account_id)]);
  if (live.value !== credential_id) return [];
  return [
    live.delete(),
    // The account keeps the generation, so that its next seed gets a later one.
    generations(account_id).set(generation),
    endedCredentials(account_id).set(credential_id),
  ];
}

/** The buckets with seeds of a credential. */
export function bucketsOf({ value: { profile, bucket, old } }: HeldCredential) {
  return [{ profile, bucket }, ...(old === undefined ? [] : [old])];
}

/** The seeds, or other parts of buckets, with only one of each bucket. */
export function distinctBuckets<T extends Bucket>(seeds: readonly T[]): T[] {
  return [...new Map(seeds.map((it) => [nameOfBucket(it), it])).values()];
}
