/**
 * The form of an enrolment that its wallet sees, and the reading of enrolments.
 *
 * @module
 */

import { type Clock, timeText } from "../base/clock.ts";
import { isId } from "../base/ids.ts";
import {
  judge,
  policies,
  type Policy,
  type Risk,
  USUAL,
} from "../risk/policy.ts";
import { readRecords } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import {
  type CredentialRecord,
  isSeenBy,
  type WalletSystem,
} from "./record.ts";
import { credentialKind, type HeldCredential } from "./writes.ts";

/** An enrolment as its wallet sees it. */
export interface Enrolment {
  readonly credentialId: string;
  readonly accountId: string;
  readonly deviceId: string;
  readonly profile: number;
  readonly risk: Risk;
  /** Why the account has that tier. */
  readonly reason: string;
  readonly status: "active" | "revoked" | "expired";
  /** RFC 3339. */
  readonly createdAt: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** A new enrolment, or a renewed one, with its seed, sealed for the device. */
export interface NewEnrolment extends
  Pick<
    Enrolment,
    "credentialId" | "accountId" | "deviceId" | "expiresAt"
  > {
  /** The seed as a compact JWE; it leaves the server in no other form. */
  readonly seedJwe: string;
}

/** The answer to a wallet whose phone gets a seed. */
export function viewNew(
  record: CredentialRecord,
  seedJwe: string,
): NewEnrolment {
  return {
    credentialId: record.credential_id,
    accountId: record.account_id,
    deviceId: record.device_id,
    expiresAt: timeText(record.expires * 1000),
    seedJwe,
  };
}

/** The form of a credential that its wallet sees. */
export function viewEnrolment(
  record: CredentialRecord,
  policy: Policy,
  nowMs: number,
): Enrolment {
  const expired = record.expires * 1000 <= nowMs;
  return {
    credentialId: record.credential_id,
    accountId: record.account_id,
    deviceId: record.device_id,
    profile: record.profile,
    ...judge(policy),
    status: record.status === "active" && expired ? "expired" : record.status,
    createdAt: record.created_at,
    expiresAt: timeText(record.expires * 1000),
  };
}

/** Reads credentials and tiers. */
export function createEnrolmentReads(
  { store, clock }: { store: Store; clock: Clock },
) {
  const credentials = credentialKind(clock);

  /** The credential with this id, or `null`. */
  async function readCredential(
    credentialId: string | null | undefined,
  ): Promise<HeldCredential | null> {
    if (credentialId == null || !isId("cred", credentialId)) return null;
    const [held] = await readRecords(store, [credentials(credentialId)]);
    return held.value === null ? null : held as HeldCredential;
  }

  return {
    readCredential,
    /** The credential with this id, if the caller may see it. */
    async readSeen(
      credentialId: string,
      by: WalletSystem,
    ): Promise<HeldCredential | null> {
      const held = await readCredential(credentialId);
      return held !== null && isSeenBy(by, held.value) ? held : null;
    },
    async readPolicy(accountId: string): Promise<Policy> {
      const [policy] = await readRecords(store, [policies(accountId)]);
      return policy.value ?? USUAL;
    },
  };
}
