/**
 * Enrolment: one account on one device receives a seed.
 *
 * The server makes the seed, sends it as a JWE for the device's own key, and stores it sealed.
 * An account has one live credential, and so has a device. Enrolling either of them again
 * destroys the earlier seed and its bucket entry in the same transaction. This takes effect on
 * every edge at once, because a payment checks the bucket's revision and the account's
 * credential in its own transaction.
 *
 * @module
 */

import { type Refusal, refused } from "../base/outcome.ts";
import type { Policy, Risk } from "../risk/policy.ts";
import { changePolicy } from "./accounts.ts";
import { commitJoined } from "../store/commit.ts";
import { LOST, retry } from "../store/retry.ts";
import { enrol, type EnrolmentDeps, type EnrolmentRequest } from "./enrol.ts";
import {
  createEnrolmentReads,
  type Enrolment,
  type NewEnrolment,
  viewEnrolment,
} from "./enrolment.ts";
import type { CredentialRecord, WalletSystem } from "./record.ts";
import { forgetHolder } from "./device_epoch.ts";
import { bucketsOf, devices, loosen, planEnd } from "./writes.ts";

/**
 * The use cases of enrolment. A caller with a wallet system sees the accounts and credentials
 * of that system; all others are `not-found`.
 */
export interface Enrolments {
  /** Enrols an account on a device; earlier seeds of either are destroyed. */
  enrol(request: EnrolmentRequest): Promise<NewEnrolment | Refusal>;
  /** The enrolment of a credential. */
  get(credentialId: string, by: WalletSystem): Promise<Enrolment | Refusal>;
  /**
   * Sets the tier of a credential's account. The phone's posture may demand a
   * more severe one.
   */
  setRisk(
    credentialId: string,
    risk: Risk,
    by: WalletSystem,
  ): Promise<Enrolment | Refusal>;
  /** Destroys the seed of a credential; idempotent. */
  revoke(
    credentialId: string,
    by: WalletSystem,
  ): Promise<"revoked" | Refusal>;
}

/** Makes the {@linkcode Enrolments} use cases. */
export function createEnrolments(deps: EnrolmentDeps): Enrolments {
  const { store, clock } = deps;
  const { readSeen, readPolicy } = createEnrolmentReads(deps);
  const view = (record: CredentialRecord, policy: Policy) =>
    viewEnrolment(record, policy, clock.nowMs());

  return {
    enrol: (request) => enrol(deps, request),

    async get(credentialId, by) {
      const credential = await readSeen(credentialId, by);
      if (credential === null) return refused("not-found");
      const policy = await readPolicy(credential.value.account_id);
      return view(credential.value, policy);
    },

    async setRisk(credentialId, risk, by) {
      const credential = await readSeen(credentialId, by);
      if (credential === null) return refused("not-found");
      const { account_id } = credential.value;
      const policy = await changePolicy(
        deps,
        account_id,
        (before) => ({ ...before, set: risk }),
      );
      return "kind" in policy ? policy : view(credential.value, policy);
    },

    async revoke(credentialId, by) {
      return await retry(async () => {
        const credential = await readSeen(credentialId, by);
        if (credential === null) return refused("not-found");
        const { device_id, status } = credential.value;
        if (status === "revoked") return "revoked";
        const end = planEnd(credential, deps);
        const account = await loosen(store, credential.value);
        const { committed } = await commitJoined(store, {
          guards: end.guards,
          writes: [
            ...end.writes,
            ...account,
            // An active credential is always the live credential of its device. If
            // accounts and devices are in several cells, the device's record is changed
            // afterwards.
            ...(store.cells === undefined ? [devices(device_id).delete()] : []),
          ],
        });
        if (!committed) return LOST;
        for (const changed of bucketsOf(credential)) {
          deps.onBucketChange(changed.profile, changed.bucket);
        }
        if (store.cells !== undefined) {
          const { account_id } = credential.value;
          await forgetHolder(store, account_id, device_id);
        }
        return "revoked" as const;
      }, deps);
    },
  };
}
