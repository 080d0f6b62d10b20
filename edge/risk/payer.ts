/**
 * Whether the customer of a code may pay now: what a transaction assumes of the
 * account, the guards of it, and what a refused guard says.
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

/** What the guards are about. */
export type PayerLabel = "policy" | "offline-days";

/** Whose code it is; profile 0 is that of online codes. */
interface Owned {
  readonly accountId: string;
  readonly profile: number;
}

/** What is assumed before the account has said anything else. */
export const USUAL_PAYER: Payer = { policy: USUAL, tier: "normal" };

/** The guards that a payer is as assumed. */
export function payerGuards(
  { accountId, profile }: Owned,
  { policy }: Payer,
  limits: Limits,
  nowMs: number,
): Guard<PayerLabel>[] {
  return [
    policyGuard(accountId, policy),
    ...(profile === 0 ? [] : seenLately(accountId, limits, nowMs)),
  ];
}

/** What to assume after a guard was refused by `value`, or why not to pay. */
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
