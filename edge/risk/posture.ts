/**
 * From the state of a phone, as the wallet app reports it, to a tier: by a table
 * of rules that the operator may exchange. The first rule that is met decides.
 *
 * @module
 */

import type { Judgement } from "./policy.ts";

/** What Play Integrity, App Attest or the like said of the phone. */
export type Attestation = "passed" | "failed" | "absent";

/** The state of a phone. */
export interface Posture {
  readonly rooted: boolean;
  readonly attestation: Attestation;
  readonly os?: string;
  readonly appVersion?: string;
}

/** A rule is met where everything that it names is so. */
export interface PostureRule extends Judgement {
  readonly rooted?: boolean;
  readonly attestation?: Attestation;
  /** What the name of the system begins with. */
  readonly os?: string;
  /** What the version of the app begins with. */
  readonly appVersion?: string;
}

/** The rules where an operator has chosen no others. */
export const POSTURE_RULES: readonly PostureRule[] = [
  { rooted: true, risk: "restricted", reason: "rooted" },
  {
    attestation: "failed",
    risk: "restricted",
    reason: "attestation-failed",
  },
];

/** What a posture comes to; nothing where no rule is met. */
export function judgePosture(
  rules: readonly PostureRule[],
  { rooted, attestation, os = "", appVersion = "" }: Posture,
): Judgement | undefined {
  const met = rules.find((rule) =>
    (rule.rooted ?? rooted) === rooted &&
    (rule.attestation ?? attestation) === attestation &&
    os.startsWith(rule.os ?? "") &&
    appVersion.startsWith(rule.appVersion ?? "")
  );
  return met && { risk: met.risk, reason: met.reason };
}
