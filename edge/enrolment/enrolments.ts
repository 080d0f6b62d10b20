/**
 * Enrolment: one account on one device receives a seed.
 *
 * The seed is made here, leaves once as a JWE for the device's own key, and
 * stays sealed. An account has one live credential and so has a device:
 * enrolling either again destroys the earlier seed and its bucket entry in the
 * same transaction, on every edge at once, because a payment checks the
 * bucket's revision and the account's credential in its own transaction.
 *
 * @module
 */

import type { BackOff } from "../base/backoff.ts";
import { isId } from "../base/ids.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { countCustomer } from "../risk/customers.ts";
import { policies, type Risk, setPolicy } from "../risk/tier.ts";
import { commit, type Guard } from "../store/commit.ts";
import { bucketEntriesKey } from "../store/keys.ts";
import { type Held, readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store, Write } from "../store/store.ts";
import { type DeviceKey, DeviceKeyError } from "../vault/deliver.ts";
import { type CredentialMakers, makeCredential } from "./new_credential.ts";
import {
  type CredentialRecord,
  isSeenBy,
  type WalletSystem,
} from "./record.ts";
import {
  credentialKind,
  devices,
  type HeldCredential,
  liveCredentials,
  marks,
  newBucketRevision,
  planEnd,
  walletSystems,
} from "./writes.ts";

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
  const credentials = credentialKind(clock);

  async function readCredential(
    credentialId: string | null | undefined,
  ): Promise<HeldCredential | null> {
    if (credentialId == null || !isId("cred", credentialId)) return null;
    const [held] = await readRecords(store, [credentials(credentialId)]);
    return held.value === null ? null : held as HeldCredential;
  }

  /** A credential that the caller sees. */
  async function readSeen(
    credentialId: string,
    by: WalletSystem,
  ): Promise<HeldCredential | null> {
    const held = await readCredential(credentialId);
    return held !== null && isSeenBy(by, held.value) ? held : null;
  }

  async function readPolicy(accountId: string) {
    const [policy] = await readRecords(store, [policies(accountId)]);
    return policy;
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
  async function readEarlier(accountId: string, deviceId: string) {
    const [credential, system, policy, device] = await readRecords(store, [
      liveCredentials(accountId),
      walletSystems(accountId),
      policies(accountId),
      devices(deviceId),
    ]);
    const ids = new Set([credential.value, device.value]);
    const earlier: HeldCredential[] = [];
    for (const id of ids) {
      const held = await readCredential(id);
      if (held !== null) earlier.push(held);
    }
    return { account: { credential, system, policy }, device, earlier };
  }

  /** Cuts a credential loose from its account, if it is still that one's. */
  async function loosen(
    { credential_id, account_id }: CredentialRecord,
  ): Promise<{ guards: Guard<string>[]; writes: Write[] }> {
    const [live] = await readRecords(store, [liveCredentials(account_id)]);
    return live.value === credential_id
      ? { guards: [live.unchanged("account")], writes: [live.delete()] }
      : { guards: [], writes: [] };
  }

  /** Ends an earlier credential and cuts it loose from its other owner. */
  async function replace(
    old: HeldCredential,
    accountId: string,
    deviceId: string,
  ): Promise<{ guards: Guard<string>[]; writes: Write[] }> {
    const { account_id, device_id } = old.value;
    const end = planEnd(old, random);
    const other = account_id === accountId
      ? { guards: [], writes: [] }
      : await loosen(old.value);
    return {
      guards: [...end.guards, ...other.guards],
      writes: [
        ...end.writes,
        ...(device_id === deviceId ? [] : [devices(device_id).delete()]),
        ...other.writes,
      ],
    };
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
      const credential = credentials(made.record.credential_id);
      const index = bucketEntriesKey(made.record.profile, made.record.bucket);
      const purges = await purge(index);

      return await retry(async () => {
        const { account, device, earlier } = await readEarlier(
          accountId,
          deviceId,
        );
        const no = refuseOthers(by, account, earlier);
        if (no !== null) return no;
        const system = by ?? account.system.value;
        const record: CredentialRecord = {
          ...made.record,
          ...(system !== null && { wallet_system: system }),
        };
        const tier = risk ?? account.policy.value ?? "normal";
        const replaced = await Promise.all(
          earlier.map((old) => replace(old, accountId, deviceId)),
        );
        const { committed } = await commit(store, {
          guards: [
            credential.absent("credential"),
            account.credential.unchanged("account"),
            account.system.unchanged("system"),
            account.policy.unchanged("policy"),
            device.unchanged("device"),
            ...replaced.flatMap(({ guards }) => guards),
          ],
          writes: [
            ...replaced.flatMap(({ writes }) => writes),
            ...purges,
            credential.set(record),
            account.credential.set(record.credential_id),
            ...(system === null ? [] : [account.system.set(system)]),
            setPolicy(account.policy, tier),
            marks(accountId).set("0"),
            device.set(record.credential_id),
            { kind: "index", index, member, score: record.expires },
            newBucketRevision(record, random),
            countCustomer(record.expires, 1),
          ],
          // Nobody else can make a credential of this id.
          mine: (value) => value !== null,
        });
        if (!committed) return LOST;
        for (const changed of [record, ...earlier.map((it) => it.value)]) {
          deps.onBucketChange(changed.profile, changed.bucket);
        }
        return { ...view(record, tier), seedJwe };
      }, deps);
    },

    async get(credentialId, by) {
      const credential = await readSeen(credentialId, by);
      if (credential === null) return refused("not-found");
      const policy = await readPolicy(credential.value.account_id);
      return view(credential.value, policy.value ?? "normal");
    },

    async setRisk(credentialId, risk, by) {
      const credential = await readSeen(credentialId, by);
      if (credential === null) return refused("not-found");
      const { account_id } = credential.value;
      return await retry(async () => {
        const policy = await readPolicy(account_id);
        const { committed } = await commit(store, {
          guards: [policy.unchanged("policy")],
          writes: [setPolicy(policy, risk)],
        });
        return committed ? view(credential.value, risk) : LOST;
      }, deps);
    },

    async revoke(credentialId, by) {
      return await retry(async () => {
        const credential = await readSeen(credentialId, by);
        if (credential === null) return refused("not-found");
        const { device_id, status, profile, bucket } = credential.value;
        if (status === "revoked") return "revoked";
        const end = planEnd(credential, random);
        const account = await loosen(credential.value);
        const { committed } = await commit(store, {
          guards: [...end.guards, ...account.guards],
          writes: [
            ...end.writes,
            ...account.writes,
            // An active credential is its device's one live credential.
            devices(device_id).delete(),
          ],
        });
        if (!committed) return LOST;
        deps.onBucketChange(profile, bucket);
        return "revoked" as const;
      }, deps);
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
  { credential, system }: Record<"credential" | "system", Held<string>>,
  earlier: readonly HeldCredential[],
): Refusal | null {
  const isFree = isSeenBy(by, { wallet_system: system.value }) ||
    (system.value === null && credential.value === null);
  const takes = isFree ? "device" : "account";
  return isFree && earlier.every(({ value }) => isSeenBy(by, value))
    ? null
    : refused("forbidden", {
      detail: `The ${takes} is enrolled by another wallet system.`,
    });
}
