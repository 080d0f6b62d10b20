/**
 * Finds the customer of an offline code by searching its bucket in the core.
 *
 * Every seed of the bucket is searched in every accepted step, even after a match. The
 * transaction that spends the code checks that the bucket's revision is unchanged; a
 * miss counts only if the revision is fresh.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { PaymentCode } from "../../code/format.ts";
import type { Profile } from "../../code/profile.ts";
import {
  acceptedSteps,
  driftSteps,
  stepStillAccepted,
  timeStepEndSeconds,
} from "../../code/time_step.ts";
import type { ShadowQuery } from "../../core/shadow.ts";
import {
  bucketRevisions,
  generations,
  liveCredentials,
  marks,
} from "../../enrolment/writes.ts";
import type { BucketCache } from "./bucket_cache.ts";
import type { LoadedBucket } from "./held_buckets.ts";
import { type Candidate, type Found, offlineCodeName } from "../candidate.ts";
import { ownerAt, type SeedOwner } from "./owners.ts";

/** Finds the customer of an offline code. */
export type OfflineSearch = (code: PaymentCode) => Promise<Found>;

const REFRESHES = 3;

/** Makes an {@linkcode OfflineSearch} over buckets in a core. */
export function createOfflineSearch(deps: {
  buckets: BucketCache;
  clock: Clock;
  /** Called for every ambiguous code, with the credentials that it matches. */
  onAmbiguous: (credentialIds: readonly string[]) => void;
  /** Called after every search; must not wait. */
  onSearch: (query: ShadowQuery, revision: string | null) => void;
}): OfflineSearch {
  const { buckets, clock } = deps;

  function searchIn(loaded: LoadedBucket, code: PaymentCode): Found {
    const nowMs = clock.nowMs();
    const steps = acceptedSteps(nowMs, code.profile);
    const id = {
      prefix: Number(code.prefix),
      profile: loaded.profile,
      bucket: loaded.bucket,
    };
    const { tag, profile: { tagDigits } } = code;
    const { first, count } = steps;
    const result = loaded.core.verify(id, tag, tagDigits, first, count);
    deps.onSearch({ id, tag, tagDigits, first, count }, loaded.revision);
    if (result.kind === "none") return result;
    if (result.kind === "ambiguous") {
      deps.onAmbiguous(
        result.credentials.map((n) => ownerAt(loaded.owners, n).credentialId),
      );
      return { kind: "ambiguous" };
    }
    const owner = ownerAt(loaded.owners, result.place);
    if (hasEnded(owner, nowMs)) return { kind: "none" };
    return {
      ...candidateOf(loaded, code, owner, result.step, nowMs),
      isOpen: () => isOpenAt(clock.nowMs(), owner, result.step, code.profile),
      again: () => searchRefreshed(code),
    };
  }

  /**
   * Searches the bucket that the core holds, or loads it first if there is
   * none.
   */
  async function searchHeld(
    code: PaymentCode,
  ): Promise<{ found: Found; loaded: LoadedBucket }> {
    const { profile: { digit }, bucket } = code;
    const search = (loaded: LoadedBucket) => ({
      found: searchIn(loaded, code),
      loaded,
    });
    const loaded = buckets.held(digit, bucket);
    return loaded !== undefined
      ? search(loaded)
      : await buckets.load(digit, bucket, search);
  }

  /**
   * Searches the bucket as it is in the store now. If the bucket changes while it is
   * read, it is read again, but only `REFRESHES` times; then the last version counts.
   */
  async function searchRefreshed(code: PaymentCode): Promise<Found> {
    for (let i = 1;; i++) {
      await buckets.refresh(code.profile.digit, code.bucket);
      const { found, loaded } = await searchHeld(code);
      const settled = found.kind === "candidate" || buckets.isFresh(loaded);
      if (settled || i === REFRESHES) return found;
    }
  }

  return async (code) => {
    const { found, loaded } = await searchHeld(code);
    return found.kind === "candidate" || buckets.isFresh(loaded)
      ? found
      : await searchRefreshed(code);
  };
}

function candidateOf(
  loaded: LoadedBucket,
  { profile }: PaymentCode,
  owner: SeedOwner,
  timeStep: number,
  nowMs: number,
): Omit<Candidate, "isOpen" | "again"> {
  return {
    kind: "candidate",
    credentialId: owner.credentialId,
    accountId: owner.accountId,
    profile: loaded.profile,
    timeStep,
    driftSteps: driftSteps(timeStep, nowMs, profile),
    codeName: offlineCodeName(loaded.profile, timeStep),
    ...spending(loaded, owner, timeStepEndSeconds(timeStep, profile)),
  };
}

/**
 * The guards and writes that spend the code of a step, which ends at
 * `endSeconds`.
 */
function spending(
  { profile, bucket, revision }: LoadedBucket,
  { accountId, credentialId, generation }: SeedOwner,
  endSeconds: number,
): Pick<Candidate, "guards" | "writes"> {
  const seed = generations(accountId);
  const mark = marks(accountId);
  return {
    guards: [
      // A bucket with entries always has a revision. If one had none, the guard for
      // "" would fail, so that its codes are refused.
      bucketRevisions(profile, bucket).equals("bucket", revision ?? ""),
      liveCredentials(accountId).equals("credential", credentialId),
      seed.below("seed", generation + 1),
      mark.below("mark", endSeconds),
    ],
    writes: [
      // With its first accepted code, a seed ends the earlier seeds of its account.
      seed.set(generation),
      mark.set(endSeconds),
    ],
  };
}

/** Whether the life of an owner's seed is over. */
function hasEnded({ expires }: SeedOwner, nowMs: number): boolean {
  return expires * 1000 <= nowMs;
}

/** Whether a code still counts: its step is accepted, and its seed lives. */
function isOpenAt(
  nowMs: number,
  owner: SeedOwner,
  timeStep: number,
  profile: Profile,
): boolean {
  return !hasEnded(owner, nowMs) &&
    stepStillAccepted(timeStep, nowMs, profile);
}
