/**
 * The figures about guessing that an administrator sees for a merchant: how many bad
 * codes its tills may send, and the odds that so many guesses hit any of the present
 * customers.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { Profile } from "../code/profile.ts";
import { readCustomers } from "../risk/customers.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import {
  type BadCodes,
  badCodesOf,
  type GuessOdds,
  guessOdds,
} from "./rations.ts";
import type { MerchantRecord } from "./record.ts";

/** The use case that describes guessing. */
export interface Guessing {
  /**
   * The limits of a merchant, and the odds of guesses up to them. Without odds while the
   * customers cannot be counted, because that takes all cells.
   */
  describe(
    record: MerchantRecord,
  ): Promise<{ readonly badCodes: BadCodes; readonly odds?: GuessOdds }>;
}

/** Makes {@linkcode Guessing}. */
export function createGuessing(deps: {
  store: Store;
  clock: Clock;
  /** The limits of merchants that have none of their own. */
  badCodes: BadCodes;
  /** The profile of the codes that are guessed. */
  profile: Profile;
  credentialTtlSeconds: number;
}): Guessing {
  return {
    async describe(record) {
      const badCodes = badCodesOf(record, deps.badCodes);
      const counts = await readCustomers(
        deps.store,
        deps.clock.nowMs(),
        deps.credentialTtlSeconds,
      ).catch((error) => {
        if (!(error instanceof StoreUnavailableError)) throw error;
        return null;
      });
      if (counts === null) return { badCodes };
      const customers = counts.values().reduce((sum, count) => sum + count, 0);
      return { badCodes, odds: guessOdds(customers, badCodes, deps.profile) };
    },
  };
}
