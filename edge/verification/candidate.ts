/**
 * The one credential that a code belongs to, with what spends the code. It is
 * only a claim until a transaction with these checks stands.
 *
 * @module
 */

import type { Guard } from "../store/commit.ts";
import type { Write } from "../store/store.ts";

/** What the claim of a code rests on. */
export type CodeLabel =
  /** The bucket is as it was searched. */
  | "bucket"
  /** The credential is its account's live one. */
  | "credential"
  /** Of an offline code: no code of a later seed of the account was accepted. */
  | "seed"
  /** Of an offline code: its step ends after the credential's mark. */
  | "mark"
  /** Of an online code: it is the account's live one. */
  | "online";

/** What a refused guard says of the code. */
export type CodeFault =
  /** The search was made on a state that has changed: search again. */
  | "stale"
  /** The code was used before. */
  | "used"
  /** It is nobody's code now. */
  | "gone";

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
  /** Guards that make the code count once, for the same commit as: */
  readonly guards: readonly Guard<CodeLabel>[];
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

/** {@linkcode Candidate.codeName} of an offline code. */
export const offlineCodeName = (profile: number, timeStep: number): string =>
  `${profile}:${timeStep}`;

/** The account's field `online` once the code of this hash is spent. */
export const usedOnline = (hash: string): string => `used:${hash}`;

/** What it says of a candidate's code that a guard found `value`. */
export function faultOf(
  { codeName }: Candidate,
  label: CodeLabel,
  value: string | null,
): CodeFault {
  switch (label) {
    case "bucket":
      return "stale";
    case "credential":
    case "seed":
      return "gone";
    case "mark":
      return value === null ? "gone" : "used";
    case "online":
      return value === usedOnline(codeName) ? "used" : "gone";
  }
}
