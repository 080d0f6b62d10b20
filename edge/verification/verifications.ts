/**
 * Verification: code in, customer out, once. The product without money.
 *
 * Keyed by the wallet key's owner and the caller's reference: a repeat with
 * the same code gets the first result while the code can still be found, one
 * with another code conflicts. The code is spent by the same claim as in a
 * payment.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Clock, Random } from "../clock.ts";
import { parseCode } from "../code/format.ts";
import type { Profiles } from "../code/profile.ts";
import { driftSteps } from "../code/time_step.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import { newId } from "../ids.ts";
import { type Refusal, refused } from "../outcome.ts";
import { blockedKey, RECORD_TTL_MS, verificationKey } from "../store/keys.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { KeyedHash, Vault } from "../vault/seal.ts";
import { type Candidate, type Found, type Search, spend } from "./search.ts";

/** The result of a verification. */
export interface Verification {
  readonly verification_id: string;
  readonly reference: string;
  readonly account_id: string;
  readonly credential_id: string;
  readonly profile: number;
  /** The step whose code was shown. */
  readonly time_step: number;
  /** Phone's clock against ours, in steps; positive: the phone is ahead. */
  readonly drift_steps: number;
  /** RFC 3339. */
  readonly verified_at: string;
}

/** Stored under owner and reference. */
interface VerificationRecord {
  readonly result: Verification;
  /** Fingerprint of the code, so that another one conflicts. */
  readonly code_hash: KeyedHash;
}

/** The use case of verification. */
export interface Verifications {
  /**
   * Finds the customer of a code and spends the code.
   *
   * @throws {StoreUnavailableError} when nobody knows whether it was spent:
   * repeat with the same reference.
   */
  verify(input: {
    owner: string;
    code: string;
    reference: string;
  }): Promise<Verification | Refusal>;
}

/** How long a request may take before it must not spend a code any more. */
export const REQUEST_TTL_MS = 5_000;

const TRIES = 2;

/** What a search that found no one customer means to the caller. */
export function refuseFound(found: Exclude<Found, Candidate>): Refusal {
  return refused(
    found.kind === "none" ? "code-not-accepted" : "code-ambiguous",
  );
}

/** Makes the {@linkcode Verifications} use case. */
export function createVerifications(deps: {
  store: Store;
  search: Search;
  vault: Vault;
  clock: Clock;
  clockGuard: ClockGuard;
  random: Random;
  prefix: string;
  profiles: Profiles;
}): Verifications {
  const { store, search, vault, clock, random } = deps;

  return {
    async verify({ owner, code, reference }) {
      const startedMs = clock.nowMs();
      if (!(await deps.clockGuard.check()).sure) return refused("clock-unsure");
      const parsed = parseCode(code, deps.prefix, deps.profiles);
      if (parsed.kind === "malformed") return refused("code-malformed");
      const verificationId = newId("ver", random);
      // Hashed: a name of 100 characters may not fit a record's name.
      const ownerHash = createHash("sha256").update(owner).digest("hex");
      const key = verificationKey(ownerHash, reference);
      // The name makes equal codes under two references look different.
      const fingerprinted = `${key} ${code}`;

      let found = await search.find(parsed.code);
      for (let i = 0; i < TRIES; i++) {
        if (found.kind !== "candidate") return refuseFound(found);
        const nowMs = clock.nowMs();
        if (nowMs - startedMs >= REQUEST_TTL_MS) break;
        if (!search.isOpen(found)) return refused("code-not-accepted");
        const result: Verification = {
          verification_id: verificationId,
          reference,
          account_id: found.accountId,
          credential_id: found.credentialId,
          profile: found.code.profile.digit,
          time_step: found.timeStep,
          drift_steps: driftSteps(found.timeStep, nowMs, found.code.profile),
          verified_at: new Date(nowMs).toISOString(),
        };
        const record: VerificationRecord = {
          result,
          code_hash: vault.keyedHash("code", fingerprinted),
        };
        const { bucketCheck, markCheck, markWrite } = spend(found);
        const txn = await store.txn({
          checks: [
            { kind: "absent", key },
            bucketCheck,
            markCheck,
            { kind: "absent", key: blockedKey(found.accountId) },
          ],
          writes: [
            {
              kind: "set",
              key,
              value: JSON.stringify(record),
              ttlMs: RECORD_TTL_MS,
            },
            markWrite,
          ],
        });
        if (txn.committed) return result;
        switch (txn.check) {
          case 0: {
            const first = JSON.parse(txn.value!) as VerificationRecord;
            return vault.keyedHashMatches(
                "code",
                fingerprinted,
                first.code_hash,
              )
              ? first.result
              : refused("order-conflict");
          }
          case 1:
            found = await search.findAgain(found);
            continue;
          case 2:
            return refused(
              txn.value === null ? "code-not-accepted" : "code-replayed",
            );
          default:
            return refused("payer-blocked");
        }
      }
      // The bucket changed under every try, or the request grew too old.
      throw new StoreUnavailableError("timeout");
    },
  };
}
