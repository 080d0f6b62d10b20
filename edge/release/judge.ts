/**
 * Decides whether a core release may be used, and why not. A release that is refused changes
 * nothing: the running core goes on.
 *
 * @module
 */

import type {
  CoreManifest,
  SignedManifest,
  TrustedKeys,
} from "../code/manifest.ts";
import {
  binaryFault,
  manifestProfiles,
  verifyManifest,
} from "../code/manifest.ts";
import type { Profiles } from "../code/profile.ts";
import { profileLacking } from "../core/core.ts";
import { proveCore } from "../core/prove.ts";
import { type Refusal, refused } from "../base/outcome.ts";

/** Why a release is refused, and the sentence that the wallet's team reads. */
const REASONS = {
  "signature":
    "A signature does not hold, or is not Ed25519 with the members alg, kid and typ.",
  "unknown-key": "None of the keys that this edge trusts signed the manifest.",
  "threshold":
    "Fewer of the trusted keys signed the manifest than this edge asks for.",
  "manifest": "What was signed is not a manifest of a core release.",
  "hash": "The binary is not the one that the manifest names.",
  "imports": "The binary imports something; a core imports nothing.",
  "abi": "The binary is no core that speaks this edge's ABI.",
  "profiles":
    "The core implements other profiles than the manifest lists, or lacks one that is served here.",
  "known-answers": "The core does not give the known answers in time.",
  "older": "The version is not newer than the newest one that was ever active.",
  "expired": "The time of the manifest's not_after has passed.",
  "not-in-shadow-long-enough":
    "The release has not been compared with the active core for long enough.",
  "another-in-shadow":
    "Another release is in shadow. Activate or retire that one first.",
  "difference":
    "In shadow the release answered otherwise than the active core.",
  "retired": "The release is retired. Upload it under a newer version.",
  "active": "The release is active. Roll back first.",
  "not-active": "The release that is to be left is not the active one.",
  "nothing-before": "There is no core before the active one.",
} as const;

/** Why a release is refused, as a word. */
export type RejectedBecause = keyof typeof REASONS;

/** Refuses a release. */
export const rejected = (
  reason: RejectedBecause,
  detail: string = REASONS[reason],
): Refusal => refused("release-rejected", { reason, detail });

/** The configuration that releases are judged by. */
export interface Judge {
  readonly trusted: TrustedKeys;
  /** The profiles that this edge serves. A core that lacks one of them is refused. */
  readonly served: Profiles;
}

/**
 * Returns the manifest if enough trusted keys signed it, it has not expired, and it lists all
 * profiles that are served. This is checked again before each step, because a key may have
 * been withdrawn and time has passed. Without `nowMs` the end of the manifest is not checked.
 */
export async function judgeManifest(
  { trusted, served }: Judge,
  signed: SignedManifest,
  nowMs?: number,
): Promise<CoreManifest | Refusal> {
  const verified = await verifyManifest(signed, trusted, nowMs);
  if (verified.kind === "refused") return rejected(verified.reason);
  const { manifest } = verified;
  return profileLacking(manifestProfiles(manifest), served) === null
    ? manifest
    : rejected("profiles");
}

/** Checks that the binary is the one of the manifest and passes its test. Returns why not, or `null`. */
export async function judgeBinary(
  manifest: CoreManifest,
  wasm: Uint8Array<ArrayBuffer>,
): Promise<Refusal | null> {
  const fault = await binaryFault(manifest, wasm) ??
    await proveCore(wasm, manifest);
  return fault === null ? null : rejected(fault);
}
