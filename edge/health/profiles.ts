/**
 * Which profiles are served, and how many live credentials have each: what an
 * operator must know before a profile is taken out of service.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { Profile, Profiles } from "../code/profile.ts";
import { readCustomers } from "../risk/customers.ts";
import type { Store } from "../store/store.ts";

/** A profile, and how many customers it has. */
export interface ProfileUse {
  readonly digit: number;
  /**
   * `enrols`: new seeds get it; `missing`: it is not served, and the codes of
   * these customers are refused.
   */
  readonly state: "enrols" | "served" | "missing";
  /** Credentials that have not ended, to the day of their expiry. */
  readonly credentials: number;
}

/** The use case that counts by profile. */
export interface ProfileCounts {
  /**
   * The served profiles, and others that have customers, by their digits.
   *
   * @throws {StoreUnavailableError} If the store cannot be asked.
   */
  count(): Promise<readonly ProfileUse[]>;
}

/** Makes the {@linkcode ProfileCounts} use case. */
export function createProfileCounts(
  { store, clock, profiles, enrolmentProfile, credentialTtlSeconds }: {
    store: Store;
    clock: Clock;
    profiles: Profiles;
    enrolmentProfile: Profile;
    credentialTtlSeconds: number;
  },
): ProfileCounts {
  return {
    async count() {
      const nowMs = clock.nowMs();
      const counts = await readCustomers(store, nowMs, credentialTtlSeconds);
      return [...new Set([...profiles.keys(), ...counts.keys()])].sort()
        .map((digit) => ({
          digit,
          state: digit === enrolmentProfile.digit
            ? "enrols"
            : profiles.has(digit)
            ? "served"
            : "missing",
          credentials: counts.get(digit) ?? 0,
        }));
    },
  };
}
