/**
 * Whose code is it? One door for every kind of code: the form is judged first
 * and costs nothing; then the search is paid for with a guess permit; then an
 * offline code is searched in the core and an online one looked up.
 *
 * @module
 */

import { parseCode } from "../code/format.ts";
import { isOnlineCode } from "../code/online.ts";
import type { Profiles } from "../code/profile.ts";
import { type Refusal, refused } from "../outcome.ts";
import type { GuessPermits } from "../risk/guess_permits.ts";
import type { Ration } from "../risk/permit_pool.ts";
import type { Candidate, Found } from "./candidate.ts";
import type { OfflineSearch } from "./offline_search.ts";
import type { OnlineCodes } from "./online_codes.ts";

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
   * widest ration last.
   *
   * @throws {StoreUnavailableError} when the store cannot be asked.
   */
  find(rations: readonly Ration[], code: string): Promise<Searched>;
}

/** Makes a {@linkcode Search}. */
export function createSearch(deps: {
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

  return {
    async find(rations, code) {
      const search = searchOf(code);
      if (search === null) return { kind: "malformed" };
      const permit = await guessPermits.take(rations);
      if (permit.kind === "throttled") return permit;
      // A search that fails answers nothing and so costs no guess.
      let outcome: "hit" | "miss" = "hit";
      try {
        const found = await search();
        if (found.kind !== "none" && found.kind !== "ambiguous") return found;
        outcome = "miss";
        return { kind: found.kind, forgive: () => permit.forgive() };
      } finally {
        permit.release(outcome);
      }
    },
  };
}

/** What a search that found no one customer means to the caller. */
export function refuseFound(
  found: Exclude<Found | Searched, Candidate>,
): Refusal {
  switch (found.kind) {
    case "malformed":
      return refused("code-malformed");
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
