/**
 * Finds the customer of a code. Every kind of code is searched through this file. First
 * the form of the code is judged, which costs nothing. Then a guess permit is taken.
 * Then an offline code is searched in the core, and an online code is looked up. The
 * caller gets the result only if a guess permit covers it: a bad code spends the
 * permit.
 *
 * @module
 */

import { parseCode } from "../code/format.ts";
import { isOnlineCode } from "../code/online.ts";
import { scannerAdditions } from "../code/scanner.ts";
import type { Profiles } from "../code/profile.ts";
import {
  credentialForm,
  isSeenBy,
  type WalletSystem,
} from "../enrolment/record.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import type {
  GuessPermits,
  Outcome,
  Throttled,
} from "../risk/guess_permits.ts";
import type { Ration } from "../risk/permit_pool.ts";
import { credentialKey } from "../store/keys.ts";
import { readRecords, recordKind } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import type { Candidate, Found } from "./candidate.ts";
import type { OfflineSearch } from "./offline/offline_search.ts";
import type { OnlineCodes } from "./online/online_codes.ts";

/**
 * A search that did not find exactly one customer. It has spent a guess permit.
 */
export interface Missed {
  readonly kind: "none" | "ambiguous";
  /** Gives the permit back, because the answer reveals nothing new to the caller. */
  forgive(): void;
}

/** The result of a search, with the guess permit accounted for. */
export type Searched = Exclude<Found, { kind: Missed["kind"] }> | Missed;

/** Finds the customer of a code. */
export interface Search {
  /**
   * Searches for a caller. A miss spends a permit of each of the caller's `rations`,
   * of which the widest is the last. If the caller has a wallet system (`by`), codes
   * of other systems' customers count as nobody's.
   *
   * @throws {StoreUnavailableError} If the store does not answer.
   */
  find(
    rations: readonly Ration[],
    code: string,
    by?: WalletSystem,
  ): Promise<Searched>;
}

/** The place of a credential. It is only read here. */
const credentials = recordKind({ key: credentialKey, form: credentialForm });

/** Makes a {@linkcode Search}. */
export function createSearch(deps: {
  store: Pick<Store, "read">;
  offline: OfflineSearch;
  online: Pick<OnlineCodes, "find">;
  guessPermits: GuessPermits;
  prefix: string;
  profiles: Profiles;
}): Search {
  const { offline, online, guessPermits, prefix, profiles } = deps;

  function searchOf(code: string): (() => Promise<Found>) | null {
    if (isOnlineCode(code, prefix)) return () => online.find(code);
    const parsed = parseCode(code, prefix, profiles);
    return parsed.kind === "code" ? () => offline(parsed.code) : null;
  }

  /**
   * The result as a caller with a wallet system may see it. A credential is read even
   * if none was found, so that the duration does not reveal which case it was.
   */
  async function asSeenBy(by: string, found: Found): Promise<Found> {
    const isCandidate = found.kind === "candidate";
    const [{ value }] = await readRecords(deps.store, [
      credentials(isCandidate ? found.credentialId : "none"),
    ]);
    if (!isCandidate) return found;
    return value !== null && isSeenBy(by, value)
      ? { ...found, again: async () => asSeenBy(by, await found.again()) }
      : { kind: "none" };
  }

  return {
    async find(rations, code, by) {
      const search = searchOf(code);
      if (search === null) return malformed(code);
      const permit = await guessPermits.take(rations);
      if (permit.kind === "throttled") return permit;
      let found: Found | null = null;
      let refusal: Throttled | null = null;
      try {
        found = await search();
        if (by !== undefined) found = await asSeenBy(by, found);
      } finally {
        refusal = await permit.release(outcomeOf(found));
      }
      if (refusal !== null) return refusal;
      if (found.kind !== "none" && found.kind !== "ambiguous") return found;
      return { kind: found.kind, forgive: () => permit.forgive() };
    },
  };
}

/** The outcome of a search; `null` is one that has failed. */
function outcomeOf(found: Found | null): Outcome {
  if (found === null) return "failed";
  return found.kind === "none" || found.kind === "ambiguous" ? "miss" : "hit";
}

/** A text that is no code, and what a scanner added to it if that is why. */
function malformed(code: string): Extract<Found, { kind: "malformed" }> {
  const added = scannerAdditions(code);
  if (added === null) return { kind: "malformed" };
  return {
    kind: "malformed",
    detail: `The scanner adds characters to the code: ${added}. ` +
      "Set it up to send the digits alone.",
  };
}

/** The refusal for a search that did not find exactly one customer. */
export function refuseFound(
  found: Exclude<Found | Searched, Candidate>,
): Refusal {
  switch (found.kind) {
    case "malformed":
      return refused(
        "code-malformed",
        found.detail === undefined ? {} : { detail: found.detail },
      );
    case "none":
      return refused("code-not-accepted");
    case "ambiguous":
      return refused("code-ambiguous");
    case "throttled":
      return refused("too-many-attempts", {
        retryAfterSeconds: found.retryAfterSeconds,
      });
  }
}
