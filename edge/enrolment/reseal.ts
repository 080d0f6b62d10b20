/**
 * Seals seeds anew under the first key of the keyring while edges serve. A part is the seeds of
 * several buckets. The seeds themselves do not change, so no code is refused. The revision of a
 * bucket changes together with its entries, so that an edge that lacks the old key, and could not
 * open some of the seeds, loads the bucket again.
 *
 * Every other change of a seed writes the record of its credential. A part is therefore guarded
 * by the records of its credentials alone, and other changes of its buckets do not refuse it.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import type { Profiles } from "../code/profile.ts";
import { commit } from "../store/commit.ts";
import { entriesOf } from "../store/indexes.ts";
import { bucketRevisionKey } from "../store/keys.ts";
import { readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { IndexEntry, Store } from "../store/store.ts";
import { kidOf, SealError, type Vault } from "../vault/seal.ts";
import {
  addCounts,
  type Resealed,
  type SealedPart,
  type SealedRecords,
} from "../vault/sealed_records.ts";
import { openStoredSeed, storeSeed } from "./new_seed.ts";
import {
  type CredentialRecord,
  parseEntry,
  type StoredSeed,
} from "./record.ts";
import {
  type Bucket,
  bucketEntries,
  credentialKind,
  destroySeed,
  distinctBuckets,
  type HeldCredential,
  newBucketRevision,
  newestSeed,
  putEntry,
  seedsOf,
  takeSeed,
} from "./writes.ts";

/** The most seeds of one part; a part is one transaction. */
const PART = 64;
/** Bucket revisions that are read in one call, to find buckets with entries. */
const LOOK = 500;
/** Buckets that are read in one call, and the most entries of each. */
const BUCKETS = 32;
const FEW = 64;
/** Entries that are read in one call of a bucket that has more. */
const PAGE = 512;
/** The tries of a part before it is divided, and those of a single seed. */
const TRIES = 2;
const LAST_TRIES = 20;

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

/** A seed as it was found in a bucket. */
interface FoundSeed extends StoredSeed {
  readonly credentialId: string;
  /** The key under which it is sealed; `null` if it is not a sealed text. */
  readonly kid: string | null;
}

/** The seeds of all buckets of all profiles. */
export function sealedSeeds(deps: ResealDeps): SealedRecords {
  return {
    kind: "seeds",
    async *parts() {
      for await (const seeds of allSeeds(deps)) {
        for (let i = 0; i < seeds.length; i += PART) {
          yield partOf(deps, seeds.slice(i, i + PART));
        }
      }
    },
  };
}

function partOf(deps: ResealDeps, seeds: readonly FoundSeed[]): SealedPart {
  const stale = seeds.filter(({ kid }) => kid !== deps.vault.sealingKid);
  return {
    counts: addCounts(new Map(), seeds.map(({ kid }) => kid ?? "none")),
    reseal: () => resealSeeds(deps, stale),
  };
}

/** The seeds of all buckets; those of several small buckets together. */
async function* allSeeds(
  deps: ResealDeps,
): AsyncGenerator<readonly FoundSeed[]> {
  const { store } = deps;
  for await (const buckets of usedBuckets(deps)) {
    const indexes = buckets.map(({ profile, bucket }) =>
      bucketEntries(profile, bucket)
    );
    const { ranges } = await store.read({
      ranges: indexes.map((it) => it.page(FEW)),
    });
    const isSmall = (i: number) => ranges[i]!.length < FEW;
    yield buckets.flatMap((it, i) => isSmall(i) ? foundIn(it, ranges[i]!) : []);
    for (const [i, it] of buckets.entries()) {
      if (isSmall(i)) continue;
      for await (const page of entriesOf(store, indexes[i]!.name, PAGE)) {
        yield foundIn(it, page);
      }
    }
  }
}

const foundIn = (bucket: Bucket, page: readonly IndexEntry[]): FoundSeed[] =>
  page.map(({ member }) => {
    const { c, g, x, s } = parseEntry(member);
    return {
      ...{ ...bucket, generation: g, expires: x, entry: member },
      ...{ credentialId: c, kid: kidOf(s) },
    };
  });

/** Every bucket that has, or had, an entry; so many at a time as are read in one call. */
async function* usedBuckets(
  { store, profiles }: ResealDeps,
): AsyncGenerator<readonly Bucket[]> {
  const used: Bucket[] = [];
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
        if (values[i] != null) used.push({ profile, bucket });
      }
      while (used.length >= BUCKETS) yield used.splice(0, BUCKETS);
    }
  }
  if (used.length > 0) yield used;
}

const NOTHING: Resealed = { resealed: 0, unopened: 0 };

const addResults = (results: readonly Resealed[]): Resealed => ({
  resealed: results.reduce((sum, it) => sum + it.resealed, 0),
  unopened: results.reduce((sum, it) => sum + it.unopened, 0),
});

/**
 * Seals seeds anew. If other changes of their credentials come first, the part is divided, so
 * that a busy credential does not hold up the others.
 */
async function resealSeeds(
  deps: ResealDeps,
  stale: readonly FoundSeed[],
): Promise<Resealed> {
  const isSingle = stale.length === 1;
  const middle = stale.length >> 1;
  return await retry(() => tryReseal(deps, stale), {
    tries: isSingle ? LAST_TRIES : TRIES,
    otherwise: async () =>
      // A seed that was not resealed is found when the records are counted again.
      isSingle ? NOTHING : addResults([
        await resealSeeds(deps, stale.slice(0, middle)),
        await resealSeeds(deps, stale.slice(middle)),
      ]),
  });
}

/**
 * Seals seeds anew, in their buckets and in the records of their credentials. An entry
 * that has expired and that no credential names any more is removed. Returns `LOST` if
 * another change of a credential came first.
 */
async function tryReseal(
  deps: ResealDeps,
  stale: readonly FoundSeed[],
): Promise<Resealed | typeof LOST> {
  if (stale.length === 0) return NOTHING;
  const { store, clock } = deps;
  const ids = [...new Set(stale.map(({ credentialId }) => credentialId))];
  const held = (await readRecords(store, ids.map(credentialKind(clock))))
    .filter((it): it is HeldCredential => it.value !== null);
  const byEntry = new Map(stale.map((it) => [it.entry, it]));
  const changes = held.map((it) => resealCredential(deps, it, byEntry));
  const result = addResults(changes);
  const changed = changes.filter(({ moves }) => moves.length > 0);
  const moves = changed.flatMap((it) => it.moves);
  const orphans = orphansOf(stale, held, clock.nowMs());
  if (moves.length === 0 && orphans.length === 0) return result;
  const { committed } = await commit(store, {
    // A seal is random, so a repeated transaction recognizes its own record. Without a guard
    // only orphans are removed, which may be repeated.
    guards: changed.map(({ held }) => held.unchanged("credential")),
    writes: [
      ...changed.map(({ held, record }) => held.set(record)),
      ...moves.flatMap(({ from, to }) => [takeSeed(from), putEntry(to)]),
      ...distinctBuckets(moves.map(({ to }) => to))
        .map((it) => newBucketRevision(it, deps.random)),
      ...orphans.flatMap((it) => destroySeed(it, deps)),
    ],
  });
  return committed ? result : LOST;
}

/** The seeds that have expired and that no credential names. */
function orphansOf(
  stale: readonly FoundSeed[],
  held: readonly HeldCredential[],
  nowMs: number,
): FoundSeed[] {
  const named = new Set(
    held.flatMap(({ value }) => seedsOf(value)).map(({ entry }) => entry),
  );
  return stale.filter(({ expires, entry }) =>
    expires * 1000 <= nowMs && !named.has(entry)
  );
}

/** The changes of one credential. */
interface Change extends Resealed {
  readonly held: HeldCredential;
  readonly record: CredentialRecord;
  readonly moves: readonly {
    readonly from: StoredSeed;
    readonly to: StoredSeed;
  }[];
}

function resealCredential(
  deps: ResealDeps,
  held: HeldCredential,
  stale: ReadonlyMap<string, FoundSeed>,
): Change {
  const moves: { from: StoredSeed; to: StoredSeed }[] = [];
  let unopened = 0;
  const renew = (from: StoredSeed | null | undefined) => {
    const found = from && stale.get(from.entry);
    if (
      from == null || found?.profile !== from.profile ||
      found.bucket !== from.bucket
    ) return null;
    const to = resealSeed(deps, held.value, from);
    if (to === null) unopened++;
    else moves.push({ from, to });
    return to;
  };
  const newest = renew(newestSeed(held.value));
  const old = renew(held.value.old);
  const record = {
    ...held.value,
    ...(newest !== null && { entry: newest.entry }),
    ...(old !== null && { old }),
  };
  return { held, record, moves, unopened, resealed: moves.length };
}

/** The seed sealed under the first key; `null` if it does not open. */
function resealSeed(
  deps: ResealDeps,
  holder: CredentialRecord,
  seed: StoredSeed,
): StoredSeed | null {
  let plain: Uint8Array;
  try {
    plain = openStoredSeed(deps, seed);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
  try {
    return storeSeed(deps, plain, holder, seed);
  } finally {
    plain.fill(0);
  }
}
