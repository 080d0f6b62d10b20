/**
 * Enrolment: one account on one device receives a seed.
 *
 * The seed is made here, leaves once as a JWE for the device's own key, and
 * stays sealed. An account has one live credential and so has a device:
 * enrolling either again destroys the earlier seed, its mark and its bucket
 * entry in the same transaction, on every edge at once, because a payment
 * checks the bucket's revision in its own transaction.
 *
 * @module
 */

import type { BackOff } from "../backoff.ts";
import { isId } from "../ids.ts";
import { type Refusal, refused } from "../outcome.ts";
import { countCustomer } from "../risk/customers.ts";
import { type Risk, setTier } from "../risk/tier.ts";
import {
  accountKey,
  bucketEntriesKey,
  credentialKey,
  deviceKey,
  markKey,
} from "../store/keys.ts";
import {
  type Check,
  type Store,
  StoreUnavailableError,
  unchanged,
  type Write,
} from "../store/store.ts";
import { type DeviceKey, DeviceKeyError } from "../vault/deliver.ts";
import { type CredentialMakers, makeCredential } from "./new_credential.ts";
import {
  type AccountRecord,
  type CredentialRecord,
  isSeenBy,
  type WalletSystem,
} from "./record.ts";
import {
  newBucketRevision,
  parse,
  planEnd,
  recordTtlMs,
  setAccount,
  type Stored,
} from "./writes.ts";

/** With the pauses in between, about two seconds. */
const TRIES = 12;
/** Entries long expired that an enrolment in their bucket takes along. */
const PURGE_LIMIT = 16;
const PURGE_AFTER_SECONDS = 86_400;

/** An enrolment as its wallet sees it. */
export interface Enrolment {
  readonly credentialId: string;
  readonly accountId: string;
  readonly deviceId: string;
  readonly profile: number;
  readonly risk: Risk;
  readonly status: "active" | "revoked" | "expired";
  /** RFC 3339. */
  readonly createdAt: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** A new enrolment with its seed, sealed for the device. */
export interface NewEnrolment extends Enrolment {
  /** Compact JWE; the only time the seed leaves. */
  readonly seedJwe: string;
}

/**
 * The use cases of enrolment. A caller with a wallet system finds the accounts
 * and credentials of that system; those of others are `not-found` to it.
 */
export interface Enrolments {
  /** Enrols an account on a device; earlier seeds of either are destroyed. */
  enrol(input: {
    accountId: string;
    deviceId: string;
    deviceKey: DeviceKey;
    risk?: Risk;
    by: WalletSystem;
  }): Promise<NewEnrolment | Refusal>;
  /** The enrolment of a credential. */
  get(credentialId: string, by: WalletSystem): Promise<Enrolment | Refusal>;
  /** Sets the risk tier of a credential's account. */
  setRisk(
    credentialId: string,
    risk: Risk,
    by: WalletSystem,
  ): Promise<Enrolment | Refusal>;
  /** Destroys the seed of a credential; a second time changes nothing. */
  revoke(
    credentialId: string,
    by: WalletSystem,
  ): Promise<"revoked" | Refusal>;
}

/** What enrolment is made of. */
export interface EnrolmentDeps extends CredentialMakers {
  readonly store: Store;
  /** Told of every bucket whose entries were changed here. */
  readonly onBucketChange: (profile: number, bucket: number) => void;
  /** Keeps those apart who change one account at once. */
  readonly backOff: BackOff;
}

/** Makes the {@linkcode Enrolments} use cases. */
export function createEnrolments(deps: EnrolmentDeps): Enrolments {
  const { store, clock, random } = deps;

  async function readCredential(
    credentialId: string | null | undefined,
  ): Promise<Stored<CredentialRecord> | null> {
    if (credentialId == null || !isId("cred", credentialId)) return null;
    const [raw] =
      (await store.read({ keys: [credentialKey(credentialId)] })).values;
    return parse<CredentialRecord>(raw);
  }

  /** A credential that the caller sees. */
  async function readSeen(
    credentialId: string,
    by: WalletSystem,
  ): Promise<Stored<CredentialRecord> | null> {
    const stored = await readCredential(credentialId);
    return stored !== null && isSeenBy(by, stored.record) ? stored : null;
  }

  async function readAccount(
    accountId: string,
  ): Promise<Stored<AccountRecord> | null> {
    const [raw] = (await store.read({ keys: [accountKey(accountId)] })).values;
    return parse<AccountRecord>(raw);
  }

  function view(record: CredentialRecord, risk: Risk): Enrolment {
    const expired = record.expires * 1000 <= clock.nowMs();
    return {
      credentialId: record.credential_id,
      accountId: record.account_id,
      deviceId: record.device_id,
      profile: record.profile,
      risk,
      status: record.status === "active" && expired ? "expired" : record.status,
      createdAt: record.created_at,
      expiresAt: new Date(record.expires * 1000).toISOString(),
    };
  }

  /** The credentials that end when this account enrols on this device. */
  async function readEarlier(
    accountId: string,
    deviceId: string,
  ): Promise<{
    account: Stored<AccountRecord> | null;
    deviceRaw: string | null;
    earlier: Stored<CredentialRecord>[];
  }> {
    const [rawAccount, rawDevice] = (await store.read({
      keys: [accountKey(accountId), deviceKey(deviceId)],
    })).values;
    const account = parse<AccountRecord>(rawAccount);
    const deviceRaw = rawDevice ?? null;
    const ids = new Set([account?.record.credential_id ?? null, deviceRaw]);
    const earlier: Stored<CredentialRecord>[] = [];
    for (const id of ids) {
      const stored = await readCredential(id);
      if (stored !== null) earlier.push(stored);
    }
    return { account, deviceRaw, earlier };
  }

  /** Ends an earlier credential and cuts it loose from its other owner. */
  async function replace(
    old: Stored<CredentialRecord>,
    accountId: string,
    deviceId: string,
  ): Promise<{ checks: Check[]; writes: Write[] }> {
    const { checks, writes } = planEnd(old, deps);
    const { account_id, device_id } = old.record;
    if (device_id !== deviceId) {
      writes.push({ kind: "delete", key: deviceKey(device_id) });
    }
    if (account_id !== accountId) {
      const other = await readAccount(account_id);
      if (other !== null) {
        checks.push(unchanged(accountKey(account_id), other.raw));
        writes.push(setAccount(account_id, {
          ...other.record,
          credential_id: null,
        }));
      }
    }
    return { checks, writes };
  }

  /** Takes entries that expired long ago out of a bucket. */
  async function purge(index: string): Promise<Write[]> {
    const max = Math.floor(clock.nowMs() / 1000) - PURGE_AFTER_SECONDS;
    const expired = await store.range({
      index,
      min: 0,
      max: Math.max(0, max),
      limit: PURGE_LIMIT,
    });
    return expired.map(({ member }) => ({ kind: "unindex", index, member }));
  }

  return {
    async enrol({ accountId, deviceId, deviceKey: jwk, risk, by }) {
      let made;
      try {
        made = await makeCredential(deps, accountId, deviceId, jwk);
      } catch (error) {
        if (!(error instanceof DeviceKeyError)) throw error;
        return refused("malformed-request", {
          detail: "device_key is not a usable P-256 public key.",
        });
      }
      const { member, seedJwe } = made;
      const key = credentialKey(made.record.credential_id);
      const index = bucketEntriesKey(made.record.profile, made.record.bucket);
      const purges = await purge(index);

      for (let i = 0; i < TRIES; i++) {
        if (i > 0) await deps.backOff(i);
        const { account, deviceRaw, earlier } = await readEarlier(
          accountId,
          deviceId,
        );
        const no = refuseOthers(by, account, earlier);
        if (no !== null) return no;
        const system = by ?? account?.record.wallet_system;
        const owned = system !== undefined && { wallet_system: system };
        const record: CredentialRecord = { ...made.record, ...owned };
        const tier = risk ?? account?.record.risk ?? "normal";
        const replaced = await Promise.all(
          earlier.map((old) => replace(old, accountId, deviceId)),
        );
        const result = await store.txn({
          checks: [
            { kind: "absent", key },
            unchanged(accountKey(accountId), account?.raw),
            unchanged(deviceKey(deviceId), deviceRaw),
            ...replaced.flatMap(({ checks }) => checks),
          ],
          writes: [
            ...replaced.flatMap(({ writes }) => writes),
            ...purges,
            {
              kind: "set",
              key,
              value: JSON.stringify(record),
              ttlMs: recordTtlMs(record, clock.nowMs()),
            },
            setAccount(accountId, {
              risk: tier,
              credential_id: record.credential_id,
              ...owned,
            }),
            setTier(accountId, tier),
            {
              kind: "set",
              key: deviceKey(deviceId),
              value: record.credential_id,
            },
            {
              kind: "set",
              key: markKey(record.credential_id),
              value: "0",
              ttlMs: recordTtlMs(record, clock.nowMs()),
            },
            { kind: "index", index, member, score: record.expires },
            newBucketRevision(record, random),
            countCustomer(record.expires, 1),
          ],
        });
        // A transport that repeated the write finds the new credential there.
        if (result.committed || (result.check === 0 && result.value !== null)) {
          for (const changed of [record, ...earlier.map((e) => e.record)]) {
            deps.onBucketChange(changed.profile, changed.bucket);
          }
          return { ...view(record, tier), seedJwe };
        }
      }
      throw new StoreUnavailableError("refused");
    },

    async get(credentialId, by) {
      const stored = await readSeen(credentialId, by);
      if (stored === null) return refused("not-found");
      const account = await readAccount(stored.record.account_id);
      return view(stored.record, account?.record.risk ?? "normal");
    },

    async setRisk(credentialId, risk, by) {
      const stored = await readSeen(credentialId, by);
      if (stored === null) return refused("not-found");
      const { account_id } = stored.record;
      for (let i = 0; i < TRIES; i++) {
        if (i > 0) await deps.backOff(i);
        const account = await readAccount(account_id);
        if (account === null) throw new StoreUnavailableError("corrupt");
        const write = setAccount(account_id, { ...account.record, risk });
        const result = await store.txn({
          checks: [unchanged(accountKey(account_id), account.raw)],
          writes: [write, setTier(account_id, risk)],
        });
        if (result.committed) return view(stored.record, risk);
      }
      throw new StoreUnavailableError("refused");
    },

    async revoke(credentialId, by) {
      for (let i = 0; i < TRIES; i++) {
        if (i > 0) await deps.backOff(i);
        const stored = await readSeen(credentialId, by);
        if (stored === null) return refused("not-found");
        if (stored.record.status === "revoked") return "revoked";
        const { account_id, device_id } = stored.record;
        const account = await readAccount(account_id);
        const { checks, writes } = planEnd(stored, deps);
        if (account?.record.credential_id === credentialId) {
          checks.push(unchanged(accountKey(account_id), account.raw));
          writes.push(
            setAccount(account_id, { ...account.record, credential_id: null }),
          );
        }
        // An active credential is its device's one live credential.
        writes.push({ kind: "delete", key: deviceKey(device_id) });
        const result = await store.txn({ checks, writes });
        if (result.committed) {
          deps.onBucketChange(stored.record.profile, stored.record.bucket);
          return "revoked";
        }
      }
      throw new StoreUnavailableError("refused");
    },
  };
}

/**
 * Whether an enrolment would take what is another wallet system's: `null`, or
 * why not. An account that no system has, and that has no live credential, is
 * free: so an operator hands one over by revoking it.
 */
function refuseOthers(
  by: WalletSystem,
  account: Stored<AccountRecord> | null,
  earlier: readonly Stored<CredentialRecord>[],
): Refusal | null {
  const isFree = account === null || isSeenBy(by, account.record) ||
    (account.record.wallet_system === undefined &&
      account.record.credential_id === null);
  const takes = isFree ? "device" : "account";
  return isFree && earlier.every(({ record }) => isSeenBy(by, record))
    ? null
    : refused("forbidden", {
      detail: `The ${takes} is enrolled by another wallet system.`,
    });
}
