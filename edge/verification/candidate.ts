/**
 * A candidate: the one credential that a code belongs to, together with the guards
 * and writes that spend the code. Nothing is decided until a transaction with these
 * guards is committed.
 *
 * @module
 */

import type { Guard } from "../store/commit.ts";
import type { Write } from "../store/store.ts";

/** The guards of a code, each named by what it demands. */
export type CodeLabel =
  /** The bucket has not changed since it was searched. */
  | "bucket"
  /** The credential is its account's live one. */
  | "credential"
  /** Offline codes: no code of a later seed of the account was accepted. */
  | "seed"
  /** Offline codes: the code's step ends after the account's mark. */
  | "mark"
  /** Online codes: the code is the account's live one. */
  | "online";

/** What a refused guard means for the code. */
export type CodeFault =
  /** The bucket has changed since it was searched, so it is searched again. */
  | "stale"
  /** The code was used before. */
  | "used"
  /** The code belongs to nobody any more. */
  | "gone";

/** A customer found by a code. */
export interface Candidate {
  readonly kind: "candidate";
  readonly credentialId: string;
  readonly accountId: string;
  /** Digit of the code's profile; 0 for an online code. */
  readonly profile: number;
  /** The time step of the code; 0 for an online code. */
  readonly timeStep: number;
  /** The phone's clock minus ours, in steps; 0 for an online code. */
  readonly driftSteps: number;
  /**
   * The name of what the code spends: of several codes of a credential with the same
   * name only one counts. The name does not reveal the code, and needs no escapes in
   * JSON.
   */
  readonly codeName: string;
  /**
   * The guards that make the code count only once. They belong to the same
   * commit as `writes`.
   */
  readonly guards: readonly Guard<CodeLabel, "account">[];
  /** The writes that mark the code as used. */
  readonly writes: readonly Write<"account">[];
  /** Whether the code is still valid by its time, and so is its seed. */
  isOpen(): boolean;
  /** Searches again after the guard of the bucket was refused. */
  again(): Promise<Found>;
}

/** The result of a search. */
export type Found =
  | Candidate
  /** The text is not a code that is served here; nothing was searched. */
  | { readonly kind: "malformed"; readonly detail?: string }
  /** The code belongs to nobody at present. */
  | { readonly kind: "none" }
  /** The code matches several customers. */
  | { readonly kind: "ambiguous" }
  /** No guess is left for this caller; nothing was searched. */
  | { readonly kind: "throttled"; readonly retryAfterSeconds: number };

/** {@linkcode Candidate.codeName} of an offline code. */
export const offlineCodeName = (profile: number, timeStep: number): string =>
  `${profile}:${timeStep}`;

/**
 * The value of the account's field `online` after the code with this hash was
 * spent.
 */
export const usedOnline = (hash: string): string => `used:${hash}`;

/** What a refused guard, which found `value`, means for the candidate's code. */
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
