/**
 * The risk tier of an account, as a transaction sees it: a value that is
 * absent while the tier is normal, so that the usual payment needs no reading
 * beforehand. A transaction guesses the tier; a refused guess names the true
 * one.
 *
 * @module
 */

import { tierKey } from "../store/keys.ts";
import { type Check, unchanged, type Write } from "../store/store.ts";

/** Risk tier of an account, set by the wallet. */
export type Risk = "normal" | "restricted" | "blocked";

/** A tier whose accounts may pay. */
export type PayingTier = Exclude<Risk, "blocked">;

/** The check that an account's tier is `tier`. */
export function tierCheck(accountId: string, tier: PayingTier): Check {
  return unchanged(tierKey(accountId), tier === "normal" ? null : tier);
}

/** The write that sets an account's tier. */
export function setTier(accountId: string, tier: Risk): Write {
  const key = tierKey(accountId);
  return tier === "normal"
    ? { kind: "delete", key }
    : { kind: "set", key, value: tier };
}
