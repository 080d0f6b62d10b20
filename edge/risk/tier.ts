/**
 * The risk tier of an account, as a transaction sees it: a field that is
 * absent while the tier is normal, so that the usual payment needs no reading
 * beforehand. A transaction guesses the tier; a refused guess names the true
 * one.
 *
 * @module
 */

import type { Guard } from "../store/commit.ts";
import { accountField } from "../store/keys.ts";
import { type Held, recordKind } from "../store/record.ts";
import type { Write } from "../store/store.ts";

/** Risk tier of an account, set by the wallet. */
export type Risk = "normal" | "restricted" | "blocked";

/** A tier whose accounts may pay. */
export type PayingTier = Exclude<Risk, "blocked">;

/** A tier that is written down. */
type WrittenTier = Exclude<Risk, "normal">;

const isWritten = (text: string): text is WrittenTier =>
  text === "restricted" || text === "blocked";

/** The tier of an account, where it is not normal. */
export const policies = recordKind({
  key: (accountId: string) => accountField(accountId, "policy"),
  form: {
    write: (tier: WrittenTier) => tier,
    read(text): WrittenTier {
      if (!isWritten(text)) throw new TypeError("No risk tier");
      return text;
    },
  },
});

/** Sets the tier of an account. */
export function setPolicy(policy: Held<WrittenTier>, tier: Risk): Write {
  return tier === "normal" ? policy.delete() : policy.set(tier);
}

/** The guard that an account's tier is `tier`. */
export function tierGuard(
  accountId: string,
  tier: PayingTier,
): Guard<"policy"> {
  const policy = policies(accountId);
  return policy.held(tier === "normal" ? null : tier).unchanged("policy");
}

/**
 * The tier that a text of the store names; `null`: it is normal.
 *
 * @throws {StoreUnavailableError} `corrupt`, if it names none.
 */
export function tierOf(accountId: string, text: string | null): Risk {
  return policies(accountId).held(text).value ?? "normal";
}
