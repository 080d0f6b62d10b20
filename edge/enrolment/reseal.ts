/**
 * Seals seeds anew under the first key of the keyring, bucket by bucket, while edges serve. The
 * bucket's revision changes together with its entries, so edges that hold the old entries load
 * the new ones. The seeds themselves do not change, so no code is refused.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import { newRevision } from "../base/ids.ts";
import type { Profiles } from "../code/profile.ts";
import { commit } from "../store/commit.ts";
import { entriesOf } from "../store/indexes.ts";
import { bucketEntriesKey, bucketRevisionKey } from "../store/keys.ts";
import { plainText, readRecords, recordKind } from "../store/record.ts";
import type { IndexEntry, Store, Write } from "../store/store.ts";
import { kidOf, SealError, type Vault } from "../vault/seal.ts";
import {
  addCounts,
  type Resealed,
  type SealedPart,
  type SealedRecords,
} from "../vault/sealed_records.ts";
import {
  type BucketEntry,
  type CredentialRecord,
  entryText,
  parseEntry,
  sealContext,
  type StoredSeed,
} from "./record.ts";
import {
  credentialKind,
  type HeldCredential,
  newestSeed,
  putSeed,
  takeSeed,
} from "./writes.ts";

/** The seeds of one part; a part is one transaction. */
const PART = 50;
/** Bucket revisions that are read in one call, to find buckets with entries. */
const LOOK = 500;
/** The most tries of a part whose credentials are changed at the same moment. */
const TRIES = 20;

const bucketRevisions = recordKind({ key: bucketRevisionKey, form: plainText });

interface ResealDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  /** The two digits of the issuer, to which seeds are sealed. */
  readonly prefix: string;
  /** Every profile that seeds may have. */
  readonly profiles: Profiles;
}

/** A bucket by its number. */
type Place = Pick<StoredSeed, "profile" | "bucket">;

/** The seeds of all buckets of all profiles. */
export function sealedSeeds(deps: ResealDeps): SealedRecords {
  return {
    kind: "seeds",
    async *parts() {
      for await (const place of usedBuckets(deps)) {
        yield* partsOfBucket(deps, place);
      }
    },
  };
}

/** Every bucket that has, or had, an entry. */
async function* usedBuckets(
  { store, profiles }: ResealDeps,
): AsyncGenerator<Place> {
  for (const { digit: profile, bucketDigits } of profiles.values()) {
    const most = 10 ** bucketDigits;
    for (let start = 0; start < most; start += LOOK) {
      const buckets = Array.from(
        { length: Math.min(LOOK, most - start) },
        (_, i) => start + i,
      );
      const { values } = await store.read({
        keys: buckets.map((it) => bucketRevisionKey(profile, it)),
      });
      for (const [i, bucket] of buckets.entries()) {
        if (values[i] != null) yield { profile, bucket };
      }
    }
  }
}

async function* partsOfBucket(
  deps: ResealDeps,
  place: Place,
): AsyncGenerator<SealedPart> {
  const index = bucketEntriesKey(place.profile, place.bucket);
  for await (const page of entriesOf(deps.store, index, PART)) {
    const kids = page.map(({ member }) =>
      kidOf(parseEntry(member).s) ?? "none"
    );
    yield {
      counts: addCounts(new Map(), kids),
      reseal: () => resealEntries(deps, place, page),
    };
  }
}

/**
 * Seals the entries of a page that are not under the first key anew, in the bucket and in the
 * credentials' records. An entry that has expired and that no credential names any more is
 * removed.
 */
async function resealEntries(
  deps: ResealDeps,
  place: Place,
  page: readonly IndexEntry[],
): Promise<Resealed> {
  const { store, vault, clock, random } = deps;
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  const stale = new Map<string, BucketEntry>();
  for (const { member } of page) {
    const entry = parseEntry(member);
    if (kidOf(entry.s) !== vault.sealingKid) stale.set(member, entry);
  }
  if (stale.size === 0) return NOTHING;
  const credentials = credentialKind(clock);
  const ids = [...new Set([...stale.values()].map(({ c }) => c))];
  for (let tries = 0; tries < TRIES; tries++) {
    const [revision, ...held] = await readRecords(
      store,
      [bucketRevisions(place.profile, place.bucket), ...ids.map(credentials)],
    );
    const changes = held.filter((it) => it.value !== null)
      .map((it) => resealCredential(deps, it as HeldCredential, place, stale));
    const named = new Set(
      held.flatMap(({ value }) =>
        value === null ? [] : [value.entry, value.old?.entry]
      ),
    );
    const orphans = [...stale].filter(([member, { x }]) =>
      x <= nowSeconds && !named.has(member)
    );
    const changed = changes.filter(({ writes }) => writes.length > 0);
    const sum = (name: keyof Resealed) =>
      changes.reduce((total, it) => total + it[name], 0);
    const result = { resealed: sum("resealed"), unopened: sum("unopened") };
    if (changed.length === 0 && orphans.length === 0) return result;
    const index = bucketEntriesKey(place.profile, place.bucket);
    const { committed } = await commit(store, {
      guards: [
        // The new revision is random, so a repeated transaction recognizes its own.
        revision.unchanged("bucket"),
        ...changed.map(({ held }) => held.unchanged("credential")),
      ],
      writes: [
        revision.set(newRevision(random)),
        ...changed.flatMap(({ writes }) => writes),
        ...orphans.map(([member]) =>
          ({ kind: "unindex", index, member }) as const
        ),
      ],
    });
    if (committed) return result;
  }
  // Other changes of the bucket came first every time. The entries that are left are found
  // when the records are counted again.
  return NOTHING;
}

const NOTHING: Resealed = { resealed: 0, unopened: 0 };

/** The changes of one credential. */
interface Change extends Resealed {
  readonly held: HeldCredential;
  readonly writes: readonly Write[];
}

function resealCredential(
  deps: ResealDeps,
  held: HeldCredential,
  place: Place,
  stale: ReadonlyMap<string, BucketEntry>,
): Change {
  let record: CredentialRecord = held.value;
  const moves: Write[] = [];
  let resealed = 0;
  let unopened = 0;
  const renew = (seed: StoredSeed | null | undefined) => {
    if (
      seed == null || seed.profile !== place.profile ||
      seed.bucket !== place.bucket || !stale.has(seed.entry)
    ) return undefined;
    const next = resealSeed(deps, seed);
    if (next === null) {
      unopened++;
      return undefined;
    }
    resealed++;
    moves.push(takeSeed(seed), putSeed(next));
    return next;
  };
  const newest = renew(newestSeed(held.value));
  if (newest !== undefined) record = { ...record, entry: newest.entry };
  const before = renew(held.value.old);
  if (before !== undefined) record = { ...record, old: before };
  const writes = moves.length === 0 ? [] : [held.set(record), ...moves];
  return { held, writes, resealed, unopened };
}

/** The seed sealed under the first key; `null` if it does not open. */
function resealSeed(
  { vault, prefix }: ResealDeps,
  seed: StoredSeed,
): StoredSeed | null {
  const entry = parseEntry(seed.entry);
  const context = sealContext(prefix, seed.profile, seed.bucket, entry);
  let plain: Uint8Array;
  try {
    plain = vault.openSeed(entry.s, context);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
  try {
    const s = vault.sealSeed(plain, context);
    return { ...seed, entry: entryText({ ...entry, s }) };
  } finally {
    plain.fill(0);
  }
}
