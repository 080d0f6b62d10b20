/**
 * Online codes: random digits issued for a phone that is online, for 60 s, one
 * live code per credential, one use.
 *
 * Stored under a keyed hash, so that a look into the store shows no code; the
 * hash stays with a verification that it was used for, and for two minutes with
 * a payment. A used one stays as a mark until its time is over, so that it is
 * told from one that never was. They neither read nor move a credential's
 * high-water mark.
 *
 * @module
 */

import type { Clock, Random } from "../clock.ts";
import { formatOnlineCode, ONLINE_RANDOM_DIGITS } from "../code/online.ts";
import {
  type CredentialRecord,
  isSeenBy,
  type WalletSystem,
} from "../enrolment/record.ts";
import { type Refusal, refused } from "../outcome.ts";
import { seenOnline } from "../risk/limits.ts";
import {
  credentialKey,
  onlineCodeKey,
  onlineCodeOfKey,
} from "../store/keys.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { Vault } from "../vault/seal.ts";
import type { Found } from "./candidate.ts";

/** An online code on its way to its phone. */
export interface IssuedCode {
  readonly code: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** Issues online codes and finds whose they are. */
export interface OnlineCodes {
  /** A new code; the one before it dies. For a credential the caller sees. */
  issue(
    credentialId: string,
    by: WalletSystem,
  ): Promise<IssuedCode | Refusal>;
  /** Whose code it is; one look-up. */
  find(code: string): Promise<Found>;
}

interface OnlineRecord {
  readonly credential_id: string;
  readonly account_id: string;
  readonly expires_ms: number;
  /** Once it was used: it stays, so that it is told from one that never was. */
  readonly used?: true;
}

const TTL_MS = 60_000;
const TRIES = 5;

/** Makes {@linkcode OnlineCodes}. */
export function createOnlineCodes(deps: {
  store: Store;
  vault: Vault;
  clock: Clock;
  random: Random;
  prefix: string;
}): OnlineCodes {
  const { store, vault, clock, random } = deps;

  const hashOf = (code: string) => vault.keyedHash("online-code", code).hash;

  /** A number below 10^15, uniformly: rejection sampling of 50 bits. */
  function draw(): bigint {
    const count = 10n ** BigInt(ONLINE_RANDOM_DIGITS);
    for (;;) {
      const bytes = random.bytes(8);
      const bits = new DataView(bytes.buffer).getBigUint64(0) >> 14n;
      if (bits < count) return bits;
    }
  }

  return {
    async issue(credentialId, by) {
      for (let i = 0; i < TRIES; i++) {
        const current = onlineCodeOfKey(credentialId);
        const [raw, oldHash] = (await store.read({
          keys: [credentialKey(credentialId), current],
        })).values;
        const credential = raw == null
          ? null
          : JSON.parse(raw) as CredentialRecord;
        const nowMs = clock.nowMs();
        if (
          credential === null || !isSeenBy(by, credential) ||
          credential.status !== "active" ||
          credential.expires * 1000 <= nowMs
        ) {
          return refused("not-found");
        }
        const code = formatOnlineCode(deps.prefix, draw());
        const hash = hashOf(code);
        // It does not outlive its credential.
        const expiresMs = Math.min(nowMs + TTL_MS, credential.expires * 1000);
        const ttlMs = expiresMs - nowMs;
        const record: OnlineRecord = {
          credential_id: credentialId,
          account_id: credential.account_id,
          expires_ms: expiresMs,
        };
        const result = await store.txn({
          checks: [
            { kind: "absent", key: onlineCodeKey(hash) },
            { kind: "equals", key: credentialKey(credentialId), value: raw! },
          ],
          writes: [
            {
              kind: "set",
              key: onlineCodeKey(hash),
              value: JSON.stringify(record),
              ttlMs,
            },
            { kind: "set", key: current, value: hash, ttlMs },
            ...(oldHash == null
              ? []
              : [{ kind: "delete", key: onlineCodeKey(oldHash) } as const]),
            ...seenOnline(credential.account_id, nowMs),
          ],
        });
        const mine = result.committed ||
          (result.check === 0 && result.value === JSON.stringify(record));
        if (mine) {
          return {
            code,
            expiresAt: new Date(expiresMs).toISOString(),
          };
        }
      }
      throw new StoreUnavailableError("refused");
    },

    async find(code) {
      const hash = hashOf(code);
      const key = onlineCodeKey(hash);
      const [raw] = (await store.read({ keys: [key] })).values;
      if (raw == null) return { kind: "none" };
      // A used code goes on to its claim, which then finds it used.
      const { used, ...unused } = JSON.parse(raw) as OnlineRecord;
      const { credential_id, account_id, expires_ms } = unused;
      const isOpen = () => used === true || clock.nowMs() < expires_ms;
      if (!isOpen()) return { kind: "none" };
      const usedRecord: OnlineRecord = { ...unused, used: true };
      return {
        kind: "candidate",
        credentialId: credential_id,
        accountId: account_id,
        profile: 0,
        timeStep: 0,
        driftSteps: 0,
        codeName: hash,
        checks: [
          {
            fault: "used",
            check: { kind: "equals", key, value: JSON.stringify(unused) },
          },
          {
            fault: "used",
            check: {
              kind: "equals",
              key: onlineCodeOfKey(credential_id),
              value: hash,
            },
          },
        ],
        writes: [
          {
            kind: "set",
            key,
            value: JSON.stringify(usedRecord),
            ttlMs: TTL_MS,
          },
          { kind: "delete", key: onlineCodeOfKey(credential_id) },
        ],
        isOpen,
        again: () => Promise.resolve({ kind: "none" }),
      };
    },
  };
}
