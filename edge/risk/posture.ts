/**
 * Chooses a tier from the state of a phone, which the wallet app reports, by rules that the
 * operator can replace. The first rule that is met decides.
 *
 * @module
 */

import type { Judgement } from "./policy.ts";

/** The result of Play Integrity, App Attest or a similar service. */
export type Attestation = "passed" | "failed" | "absent";

/** The state of a phone. */
export interface Posture {
  readonly rooted: boolean;
  readonly attestation: Attestation;
  readonly os?: string;
  readonly appVersion?: string;
}

/** A rule is met if every condition that it names is true. */
export interface PostureRule extends Judgement {
  readonly rooted?: boolean;
  readonly attestation?: Attestation;
  /** The beginning of the operating system's name. */
  readonly os?: string;
  /** The beginning of the app's version. */
  readonly appVersion?: string;
}

/** The default rules. */
export const POSTURE_RULES: readonly PostureRule[] = [
  { rooted: true, risk: "restricted", reason: "rooted" },
  {
    attestation: "failed",
    risk: "restricted",
    reason: "attestation-failed",
  },
];

/** The judgement of a posture; `undefined` if no rule is met. */
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
