/**
 * Whose code is it? Search of a bucket, without any claim on the result.
 *
 * Every seed of the bucket is searched in every accepted step, whatever is
 * found. A caller spends the code in a transaction that checks the revision
 * the search was made against.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { PaymentCode } from "../code/format.ts";
import {
  acceptedSteps,
  stepStillAccepted,
  timeStepEndSeconds,
} from "../code/time_step.ts";
import type { Core } from "../core/core.ts";
import { bucketRevisionKey, markKey } from "../store/keys.ts";
import type { Check, Write } from "../store/store.ts";
import type { BucketCache, LoadedBucket } from "./bucket_cache.ts";

/** The one credential whose seed makes the code. */
export interface Candidate {
  readonly kind: "candidate";
  readonly code: PaymentCode;
  readonly credentialId: string;
  readonly accountId: string;
  readonly timeStep: number;
  /** The bucket that was searched; its revision is checked when spending. */
  readonly loaded: LoadedBucket;
}

/** What a search finds. */
export type Found =
  | Candidate
  | { readonly kind: "none" }
  | { readonly kind: "ambiguous" };

/** Finds the customer of a code. */
export interface Search {
  /**
   * Searches the bucket of a code, in the state of the store less than five
   * seconds ago or newer.
   *
   * @throws {StoreUnavailableError} when the bucket cannot be read.
   */
  find(code: PaymentCode): Promise<Found>;
  /** Searches again after the store refused a candidate's revision. */
  findAgain(candidate: Candidate): Promise<Found>;
  /** Whether the candidate's step is still in the accepted window. */
  isOpen(candidate: Candidate): boolean;
}

/** Makes a {@linkcode Search} over the core and its bucket cache. */
export function createSearch(deps: {
  core: Core;
  buckets: BucketCache;
  clock: Clock;
  prefix: string;
  /** Told of every ambiguous code, by the credentials that collided. */
  onAmbiguous: (credentialIds: readonly string[]) => void;
}): Search {
  const { core, buckets, clock } = deps;

  function searchIn(loaded: LoadedBucket, code: PaymentCode): Found {
    const nowMs = clock.nowMs();
    const steps = acceptedSteps(nowMs, code.profile);
    const result = core.verify(
      {
        prefix: Number(deps.prefix),
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
        result.credentials.map((n) => loaded.owners[n]!.credentialId),
      );
      return { kind: "ambiguous" };
    }
    const owner = loaded.owners[result.credential]!;
    if (owner.expires * 1000 <= nowMs) return { kind: "none" };
    return {
      kind: "candidate",
      code,
      credentialId: owner.credentialId,
      accountId: owner.accountId,
      timeStep: result.step,
      loaded,
    };
  }

  /** The bucket in the core, and the search of it, in one go. */
  async function searchHeld(
    code: PaymentCode,
  ): Promise<{ found: Found; loaded: LoadedBucket }> {
    const { profile: { digit }, bucket } = code;
    for (;;) {
      const loaded = buckets.held(digit, bucket);
      if (loaded !== undefined) {
        return { found: searchIn(loaded, code), loaded };
      }
      await buckets.load(digit, bucket);
    }
  }

  async function searchRefreshed(code: PaymentCode): Promise<Found> {
    await buckets.refresh(code.profile.digit, code.bucket);
    return (await searchHeld(code)).found;
  }

  return {
    async find(code) {
      const { found, loaded } = await searchHeld(code);
      return found.kind === "candidate" || buckets.isFresh(loaded)
        ? found
        : await searchRefreshed(code);
    },
    findAgain: ({ code }) => searchRefreshed(code),
    isOpen: ({ timeStep, code }) =>
      stepStillAccepted(timeStep, clock.nowMs(), code.profile),
  };
}

/**
 * What makes a code count once, for every transaction that spends one: the
 * bucket is as searched, and the credential's mark lies before the end of the
 * code's step, to where it then moves.
 */
export function spend(
  candidate: Candidate,
): { bucketCheck: Check; markCheck: Check; markWrite: Write } {
  const { credentialId, code, loaded, timeStep } = candidate;
  const key = markKey(credentialId);
  const end = timeStepEndSeconds(timeStep, code.profile);
  return {
    bucketCheck: {
      kind: "equals",
      key: bucketRevisionKey(loaded.profile, loaded.bucket),
      value: loaded.revision ?? "",
    },
    markCheck: { kind: "below", key, bound: end },
    markWrite: { kind: "set", key, value: `${end}` },
  };
}
