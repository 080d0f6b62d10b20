/**
 * The enrolment of one account on one device.
 *
 * An account has one live credential, and so has a device. Enrolling either of them again
 * destroys the earlier seeds and their bucket entries in the same transaction.
 *
 * @module
 */

import type { BackOff } from "../base/backoff.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { countCustomer } from "../risk/customers.ts";
import { markSeen } from "../risk/limits.ts";
import { policies, policyOf, type Risk, setPolicy } from "../risk/policy.ts";
import { type Commit, commitJoined } from "../store/commit.ts";
import { readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import {
  compressKey,
  type DeviceKey,
  DeviceKeyError,
} from "../vault/deliver.ts";
import {
  createEnrolmentReads,
  type NewEnrolment,
  viewNew,
} from "./enrolment.ts";
import { erasedAccounts, erasureKeys, restoreUse } from "./erased.ts";
import { beginEpoch, type BegunEpoch, forgetHolder } from "./device_epoch.ts";
import {
  makeSeed,
  newCredentialId,
  type NewSeed,
  type SeedMakers,
} from "./new_seed.ts";
import {
  type CredentialRecord,
  isSeenBy,
  type StoredSeed,
  type WalletSystem,
} from "./record.ts";
import {
  type AccountHome,
  bucketsOf,
  credentialKind,
  devices,
  endedCredentials,
  generations,
  type HeldCredential,
  liveCredentials,
  loosen,
  marks,
  newBucketRevision,
  planEnd,
  putSeed,
  walletSystems,
} from "./writes.ts";

/** A request to enrol an account. */
export interface EnrolmentRequest {
  readonly accountId: string;
  readonly deviceId: string;
  readonly deviceKey: DeviceKey;
  /** The tier that the wallet sets; by default it is not changed. */
  readonly risk?: Risk;
  readonly by: WalletSystem;
}

/** What enrolment needs. */
export interface EnrolmentDeps extends SeedMakers {
  readonly store: Store;
  /** Called with every bucket whose entries this process has changed. */
  readonly onBucketChange: (profile: number, bucket: number) => void;
  /**
   * Spaces out the tries of callers that change one account at the same moment.
   */
  readonly backOff: BackOff;
}

/** The refusal of a device key to which nothing can be sealed. */
export const UNUSABLE_KEY = refused("malformed-request", {
  detail: "device_key is not a usable P-256 public key.",
});

/**
 * Enrols an account on a device.
 *
 * @throws {StoreUnavailableError} If it is not known whether the account was enrolled. The
 * caller enrols it again.
 */
export async function enrol(
  deps: EnrolmentDeps,
  { accountId, deviceId, deviceKey: jwk, risk, by }: EnrolmentRequest,
): Promise<NewEnrolment | Refusal> {
  const { clock } = deps;
  const holder = {
    credential_id: newCredentialId(deps, accountId),
    account_id: accountId,
    device_id: deviceId,
  };
  let seed: NewSeed;
  try {
    seed = await makeSeed(deps, holder, jwk);
  } catch (error) {
    if (!(error instanceof DeviceKeyError)) throw error;
    return UNUSABLE_KEY;
  }
  try {
    const made = {
      ...holder,
      device_point: compressKey(jwk),
      status: "active" as const,
      created_at: new Date(clock.nowMs()).toISOString(),
    };
    return await retry(() => enrolOnce(deps, made, seed, { risk, by }), deps);
  } finally {
    seed.wipe();
  }
}

/**
 * Reads the credentials that end when this account is enrolled on this device.
 */
async function readEarlier(
  deps: EnrolmentDeps,
  accountId: string,
  deviceId: string,
) {
  const { readCredential } = createEnrolmentReads(deps);
  // Across cells the device's record is no credential's id: `device_epoch.ts` reads it.
  const onDevice = deps.store.cells === undefined
    ? devices(deviceId)
    : liveCredentials(accountId);
  const [credential, ended, seed, system, policy, device, key] =
    await readRecords(deps.store, [
      liveCredentials(accountId),
      endedCredentials(accountId),
      generations(accountId),
      walletSystems(accountId),
      policies(accountId),
      onDevice,
      erasureKeys(),
    ]);
  // The records about an erasure are local: reading the account's mark beside them
  // selects the account's cell.
  const [, erased] = key.value === null ? [null, null] : await readRecords(
    deps.store,
    [marks(accountId), erasedAccounts(key.value, accountId)],
  );
  const remembered = erased?.value ?? {};
  const ids = new Set([credential.value, device.value]);
  const earlier: HeldCredential[] = [];
  for (const id of ids) {
    const held = await readCredential(id);
    if (held !== null) earlier.push(held);
  }
  const generation = 1 + Math.max(
    seed.value ?? 0,
    ...earlier.map(({ value }) =>
      value.account_id === accountId ? value.generation : 0
    ),
  );
  return {
    account: { credential, seed, system, policy },
    before: {
      credential: credential.value,
      system: system.value ?? remembered.system ?? null,
      policy: policy.value ?? policyOf(accountId, remembered.policy ?? null),
    },
    previous: credential.value ?? ended.value,
    device,
    earlier,
    generation,
    guards: [
      credential.unchanged("account"),
      ended.unchanged("ended"),
      seed.unchanged("seed"),
      system.unchanged("system"),
      policy.unchanged("policy"),
      (erased ?? key).unchanged("erased"),
    ],
    takenOver: [
      ...(ended.isAbsent ? [] : [ended.delete()]),
      ...(erased === null || erased.isAbsent
        ? []
        : [erased.delete(), ...restoreUse(accountId, remembered)]),
    ],
  };
}

/**
 * Plans the end of an earlier credential. If that credential belonged to another
 * account or another device, that one loses it as well.
 */
async function replace(
  deps: EnrolmentDeps,
  old: HeldCredential,
  accountId: string,
  deviceId: string,
): Promise<Commit<string, AccountHome | "device">> {
  const { account_id, device_id } = old.value;
  const end = planEnd(old, deps);
  const other = account_id === accountId
    ? []
    : await loosen(deps.store, old.value);
  return {
    guards: end.guards,
    writes: [
      ...end.writes,
      // If accounts and devices are in several cells, the record of the other device is
      // changed after the enrolment.
      ...(device_id === deviceId || deps.store.cells !== undefined
        ? []
        : [devices(device_id).delete()]),
      ...other,
    ],
  };
}

/** Makes one try to enrol, which may lose a race. */
async function enrolOnce(
  deps: EnrolmentDeps,
  made: Omit<CredentialRecord, keyof StoredSeed>,
  seed: NewSeed,
  { risk, by }: {
    risk: Risk | undefined;
    by: WalletSystem;
  },
): Promise<NewEnrolment | Refusal | typeof LOST> {
  const { store, clock, random } = deps;
  const { account_id, device_id } = made;
  const isAcross = store.cells !== undefined;
  const read = await readEarlier(deps, account_id, device_id);
  const { account, before, previous, earlier, generation } = read;
  const no = refuseOthers(by, before, earlier);
  if (no !== null) return no;
  const begun = isAcross ? await beginEpoch(deps, made, by) : null;
  if (begun === LOST || (begun !== null && "kind" in begun)) return begun;
  const system = by ?? before.system;
  const stored = seed.stored(generation);
  const record: CredentialRecord = {
    ...made,
    ...stored,
    ...(system !== null && { wallet_system: system }),
    ...(previous !== null && { previous }),
  };
  const credential = credentialKind(clock)(record.credential_id);
  const policy = { ...before.policy, ...(risk && { set: risk }) };
  const replaced = await Promise.all(
    earlier.map((old) => replace(deps, old, account_id, device_id)),
  );
  const { committed } = await commitJoined(store, {
    guards: [
      credential.absent("credential"),
      ...read.guards,
      begun === null
        ? read.device.unchanged("device")
        : begun.fence.unchanged("fence"),
      ...replaced.flatMap(({ guards }) => guards),
    ],
    writes: [
      ...replaced.flatMap(({ writes }) => writes),
      credential.set(record),
      ...read.takenOver,
      account.credential.set(record.credential_id),
      account.seed.set(generation),
      ...(system === null ? [] : [account.system.set(system)]),
      setPolicy(account.policy, policy),
      marks(account_id).set(0),
      markSeen(account_id, clock.nowMs()),
      ...(isAcross ? [] : [read.device.set(record.credential_id)]),
      ...putSeed(stored),
      newBucketRevision(record, random),
      countCustomer(record, 1),
    ],
    // The id is random, so a credential with it can only be this one.
    mine: (value) => value !== null,
  });
  if (!committed) return LOST;
  for (const changed of [stored, ...earlier.flatMap(bucketsOf)]) {
    deps.onBucketChange(changed.profile, changed.bucket);
  }
  if (begun !== null) await settleEpoch(deps, begun, made, earlier);
  return viewNew(record, seed.seedJwe);
}

/** After an enrolment across cells: brings the records of devices up to date. */
async function settleEpoch(
  { store }: EnrolmentDeps,
  begun: BegunEpoch,
  { account_id, device_id }: Pick<CredentialRecord, "account_id" | "device_id">,
  earlier: readonly HeldCredential[],
): Promise<void> {
  await begun.settle();
  for (const { value: { device_id: other } } of earlier) {
    if (other !== device_id) await forgetHolder(store, account_id, other);
  }
}

/**
 * Why an enrolment is refused that would take an account or a device from another wallet
 * system, or `null` if it would not. An account without a system and without a live credential
 * may be taken by any system: to hand an account over, the operator revokes its credential.
 */
function refuseOthers(
  by: WalletSystem,
  { credential, system }: Record<"credential" | "system", string | null>,
  earlier: readonly HeldCredential[],
): Refusal | null {
  const isFree = isSeenBy(by, { wallet_system: system }) ||
    (system === null && credential === null);
  const takes = isFree ? "device" : "account";
  return isFree && earlier.every(({ value }) => isSeenBy(by, value))
    ? null
    : refused("forbidden", {
      detail: `The ${takes} is enrolled by another wallet system.`,
    });
}
