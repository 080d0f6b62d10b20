/**
 * The one credential that a code belongs to, with what spends the code. It is
 * only a claim until a transaction with these checks stands.
 *
 * @module
 */

import type { Check, Write } from "../store/store.ts";

/** What a refused check of a claim means. */
export type ClaimFault =
  /** The search was made on a state that has changed: search again. */
  | "stale"
  /** The code was used, or the credential is gone (no value there). */
  | "used";

/** A check that a claim rests on. */
export interface ClaimCheck {
  readonly fault: ClaimFault;
  readonly check: Check;
}

/** A customer found by a code. */
export interface Candidate {
  readonly kind: "candidate";
  readonly credentialId: string;
  readonly accountId: string;
  /** Digit of the code's profile; 0 for an online code. */
  readonly profile: number;
  /** The step whose code was shown; 0 for an online code. */
  readonly timeStep: number;
  /** Phone's clock against ours, in steps; 0 for an online code. */
  readonly driftSteps: number;
  /**
   * What the code spends of its credential: with equal names only one counts.
   * Gives no code away, and holds nothing that JSON escapes.
   */
  readonly codeName: string;
  /** Checks that make the code count once, for the same transaction as: */
  readonly checks: readonly ClaimCheck[];
  /** What marks the code as used. */
  readonly writes: readonly Write[];
  /** Whether the code is still within its time. */
  isOpen(): boolean;
  /** Searches again after a check was found stale. */
  again(): Promise<Found>;
}

/** What a search finds. */
export type Found =
  | Candidate
  /** Not a code that is served here; nothing was searched. */
  | { readonly kind: "malformed"; readonly detail?: string }
  /** Nobody's code now. */
  | { readonly kind: "none" }
  /** Several customers' code. */
  | { readonly kind: "ambiguous" }
  /** No guess is left for this caller; nothing was searched. */
  | { readonly kind: "throttled"; readonly retryAfterSeconds: number };
