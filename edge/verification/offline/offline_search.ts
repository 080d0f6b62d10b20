/**
 * Whose offline code is it? Search of a bucket in the core.
 *
 * Every seed of the bucket is searched in every accepted step, whatever is
 * found. A hit is checked against the bucket's revision in the transaction
 * that spends the code; a miss counts only if the revision is fresh.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { PaymentCode } from "../../code/format.ts";
import {
  acceptedSteps,
  driftSteps,
  stepStillAccepted,
  timeStepEndSeconds,
} from "../../code/time_step.ts";
import type { Core } from "../../core/core.ts";
import { accountField, bucketRevisionKey } from "../../store/keys.ts";
import type { BucketCache, LoadedBucket } from "./bucket_cache.ts";
import { type Candidate, type Found, offlineCodeName } from "../candidate.ts";
import { ownerAt, type SlotOwner } from "./owners.ts";

/** Finds the customer of an offline code. */
export type OfflineSearch = (code: PaymentCode) => Promise<Found>;

const REFRESHES = 3;

/** Makes an {@linkcode OfflineSearch} over the core and its bucket cache. */
export function createOfflineSearch(deps: {
  core: Core;
  buckets: BucketCache;
  clock: Clock;
  /** Told of every ambiguous code, by the credentials that collided. */
  onAmbiguous: (credentialIds: readonly string[]) => void;
}): OfflineSearch {
  const { core, buckets, clock } = deps;

  function searchIn(loaded: LoadedBucket, code: PaymentCode): Found {
    const nowMs = clock.nowMs();
    const steps = acceptedSteps(nowMs, code.profile);
    const result = core.verify(
      {
        prefix: Number(code.prefix),
        profile: loaded.profile,
        bucket: loaded.bucket,
      },
      code.tag,
      code.profile.tagDigits,
      steps.first,
      steps.count,
    );
    if (result.kind === "none") return result;
    if (result.kind === "ambiguous") {
      deps.onAmbiguous(
        result.credentials.map((n) => ownerAt(loaded.owners, n).credentialId),
      );
      return { kind: "ambiguous" };
    }
    const owner = ownerAt(loaded.owners, result.slot);
    if (owner.expires * 1000 <= nowMs) return { kind: "none" };
    return candidate(loaded, code, owner, result.step, nowMs);
  }

  function candidate(
    loaded: LoadedBucket,
    code: PaymentCode,
    owner: SlotOwner,
    timeStep: number,
    nowMs: number,
  ): Candidate {
    const { accountId, credentialId } = owner;
    return {
      kind: "candidate",
      credentialId,
      accountId,
      profile: loaded.profile,
      timeStep,
      driftSteps: driftSteps(timeStep, nowMs, code.profile),
      codeName: offlineCodeName(loaded.profile, timeStep),
      ...spending(loaded, owner, timeStepEndSeconds(timeStep, code.profile)),
      isOpen: () => stepStillAccepted(timeStep, clock.nowMs(), code.profile),
      again: () => searchRefreshed(code),
    };
  }

  /** The bucket in the core, and the search of it, in one go. */
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
   * A search of the bucket as it is now. A bucket that changed while it was
   * read is read again; one that changes without end is searched all the same.
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

/** What makes a code count whose step ends at a unix second, and only once. */
function spending(
  { profile, bucket, revision }: LoadedBucket,
  { accountId, credentialId, generation }: SlotOwner,
  endSeconds: number,
): Pick<Candidate, "guards" | "writes"> {
  const live = accountField(accountId, "credential");
  const seed = accountField(accountId, "seed");
  const mark = accountField(accountId, "mark");
  return {
    guards: [
      {
        kind: "equals",
        key: bucketRevisionKey(profile, bucket),
        // Entries without a revision do not occur; "" would refuse them.
        value: revision ?? "",
        label: "bucket",
      },
      { kind: "equals", key: live, value: credentialId, label: "credential" },
      { kind: "below", key: seed, bound: generation + 1, label: "seed" },
      { kind: "below", key: mark, bound: endSeconds, label: "mark" },
    ],
    writes: [
      // The first code of a seed ends the seeds before it.
      { kind: "set", key: seed, value: `${generation}` },
      { kind: "set", key: mark, value: `${endSeconds}` },
    ],
  };
}
