/**
 * Whose code is it? One door for every kind of code: the form is judged first
 * and costs nothing; then the search is paid for with a guess permit; then an
 * offline code is searched in the core and an online one looked up.
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
import type { GuessPermits } from "../risk/guess_permits.ts";
import type { Ration } from "../risk/permit_pool.ts";
import { credentialKey } from "../store/keys.ts";
import { readRecords, recordKind } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import type { Candidate, Found } from "./candidate.ts";
import type { OfflineSearch } from "./offline/offline_search.ts";
import type { OnlineCodes } from "./online/online_codes.ts";

/** A search that found no one customer; it has spent a guess. */
export interface Missed {
  readonly kind: "none" | "ambiguous";
  /** Gives the guess back, where the code told its sender nothing new. */
  forgive(): void;
}

/** What a search comes to. */
export type Searched = Exclude<Found, { kind: Missed["kind"] }> | Missed;

/** Finds the customer of a code. */
export interface Search {
  /**
   * Searches for someone whose rations of guess permits a miss spends, the
   * widest ration last. To a caller with a wallet system the code of another
   * system's customer is nobody's.
   *
   * @throws {StoreUnavailableError} when the store cannot be asked.
   */
  find(
    rations: readonly Ration[],
    code: string,
    by?: WalletSystem,
  ): Promise<Searched>;
}

/** Credentials, to be read. */
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
   * What a caller with a wallet system is told. A credential is read also where
   * none was found, so that the time taken does not tell these cases apart.
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
      // A search that fails answers nothing and so costs no guess.
      let outcome: "hit" | "miss" = "hit";
      try {
        const found = by === undefined
          ? await search()
          : await asSeenBy(by, await search());
        if (found.kind !== "none" && found.kind !== "ambiguous") return found;
        outcome = "miss";
        return { kind: found.kind, forgive: () => permit.forgive() };
      } finally {
        permit.release(outcome);
      }
    },
  };
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

/** What a search that found no one customer means to the caller. */
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
