/**
 * Decides whether the customer of a code may pay now: what a transaction assumes of the
 * account, the guards of that assumption, and its correction after a refused guard.
 *
 * @module
 */

import type { Refusal } from "../base/outcome.ts";
import type { Guard } from "../store/commit.ts";
import { type Limits, notSeenLately, seenLately } from "./limits.ts";
import {
  type Payer,
  payingTier,
  policyGuard,
  policyOf,
  USUAL,
} from "./policy.ts";

/** The labels of the guards. */
export type PayerLabel = "policy" | "offline-days";

/** The owner of a code, and its profile; profile 0 means an online code. */
interface Owned {
  readonly accountId: string;
  readonly profile: number;
}

/** The payer that is assumed before anything is known of the account. */
export const USUAL_PAYER: Payer = { policy: USUAL, tier: "normal" };

/** The guards that a payer is what was assumed. */
export function payerGuards(
  { accountId, profile }: Owned,
  { policy }: Payer,
  limits: Limits,
  nowMs: number,
): Guard<PayerLabel, "account">[] {
  return [
    policyGuard(accountId, policy),
    ...(profile === 0 ? [] : seenLately(accountId, limits, nowMs)),
  ];
}

/**
 * The payer to assume after a guard found `value`, or why the payer may not
 * pay.
 */
export function correctPayer(
  label: PayerLabel,
  value: string | null,
  { accountId, profile }: Owned,
  limits: Limits,
): Payer | Refusal {
  if (label === "offline-days") return notSeenLately(limits);
  const policy = policyOf(accountId, value);
  const tier = payingTier(policy, profile !== 0);
  return typeof tier === "string" ? { policy, tier } : tier;
}
