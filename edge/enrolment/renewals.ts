/**
 * Renewal: a credential gets a new seed, in another bucket and with the profile that new
 * enrolments get. The mark and the limits belong to the account, so a renewal does not change
 * them.
 *
 * The old seed stays valid until the first code of the new one is accepted, and for a day at
 * most, because the answer may be lost on its way to the phone. A payment writes the generation
 * of its seed into the account. After that no edge accepts a code of an earlier generation.
 *
 * At most two seeds of a credential are live. If a renewal would make a third one, the newest
 * seed is replaced, if it was never used.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { BackOff } from "../base/backoff.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import type { Profiles } from "../code/profile.ts";
import { countCustomer } from "../risk/customers.ts";
import { markSeen } from "../risk/limits.ts";
import { commit } from "../store/commit.ts";
import { readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import {
  compressKey,
  type DeviceKey,
  DeviceKeyError,
  expandKey,
} from "../vault/deliver.ts";
import { SealError } from "../vault/seal.ts";
import { UNUSABLE_KEY } from "./enrol.ts";
import {
  createEnrolmentReads,
  type NewEnrolment,
  viewNew,
} from "./enrolment.ts";
import {
  deliverSeed,
  makeSeed,
  openStoredSeed,
  type SeedMakers,
  storeSeed,
} from "./new_seed.ts";
import type { CredentialRecord, StoredSeed, WalletSystem } from "./record.ts";
import {
  destroySeed,
  generations,
  type HeldCredential,
  newBucketRevision,
  newestSeed,
  putSeed,
} from "./writes.ts";

/** How long the old seed stays valid beside the new one, in seconds. */
const OVERLAP_SECONDS = 86_400;

/** How long after its expiry a credential may be renewed, in seconds. */
const LATE_SECONDS = 30 * 86_400;

/**
 * The number of idempotency keys that are remembered, including the newest
 * seed's.
 */
const MOST_KEYS = 5;
/** 132 bits. */
const HASH_LENGTH = 22;

/** Why a renewal is refused. */
export type RenewalReason =
  /** The credential was revoked, or replaced by a new enrolment. */
  | "revoked"
  /** The credential expired too long ago. */
  | "expired"
  /** The idempotency key belongs to a renewal for another device key. */
  | "other-device-key"
  /**
   * The idempotency key belongs to a renewal that was followed by another one.
   */
  | "superseded";

const DETAILS: Record<RenewalReason, string> = {
  revoked: "The credential was revoked or replaced; enrol the account again.",
  expired:
    "The credential expired more than 30 days ago; enrol the account again.",
  "other-device-key":
    "The idempotency key was used with another device_key before.",
  superseded:
    "A later renewal has followed the one that this idempotency key names.",
};

function refusedRenewal(reason: RenewalReason): Refusal {
  return refused("renewal-refused", { reason, detail: DETAILS[reason] });
}

/** A request to renew a credential. */
export interface RenewalRequest {
  readonly credentialId: string;
  /** The device's key; by default the same as before. */
  readonly deviceKey?: DeviceKey;
  /** Names this renewal: a repeat with the same key gives the same seed. */
  readonly idempotencyKey?: string;
  readonly by: WalletSystem;
}

/** The use case of renewal. */
export interface Renewals {
  /** Gives a credential a new seed. */
  renew(request: RenewalRequest): Promise<NewEnrolment | Refusal>;
}

/** What renewal needs. */
export interface RenewalDeps extends SeedMakers {
  readonly store: Store;
  /** Profiles whose codes are served. */
  readonly profiles: Profiles;
  /** Called with every bucket whose entries this process has changed. */
  readonly onBucketChange: (profile: number, bucket: number) => void;
  /**
   * Spaces out the tries of callers that change one credential at the same
   * moment.
   */
  readonly backOff: BackOff;
}

/** Makes the {@linkcode Renewals} use case. */
export function createRenewals(deps: RenewalDeps): Renewals {
  const { readSeen } = createEnrolmentReads(deps);
  return {
    async renew(request) {
      const { credentialId, deviceKey, idempotencyKey, by } = request;
      const name = idempotencyKey === undefined ? "" : nameOf(idempotencyKey);
      try {
        const renewed = await retry(async () => {
          const held = await readSeen(credentialId, by);
          if (held === null) return refused("not-found");
          const record = held.value;
          const point = deviceKey === undefined
            ? record.device_point
            : compressKey(deviceKey);
          const no = refuseRenewal(record, deps.clock.nowMs(), name, point);
          if (no !== null) return no;
          const repeated = name !== "" && record.renewals?.[0] === name
            ? await deliverAgain(deps, record)
            : null;
          return repeated ?? await renewOnce(deps, held, point, name);
        }, deps);
        if ("kind" in renewed) return renewed;
        return viewNew(renewed.record, renewed.seedJwe);
      } catch (error) {
        if (error instanceof DeviceKeyError) return UNUSABLE_KEY;
        throw error;
      }
    },
  };
}

/** A credential with its new seed, sealed for the device. */
interface Renewed {
  readonly record: CredentialRecord;
  readonly seedJwe: string;
}

/**
 * The name of a renewal: the hash of its idempotency key, which is short for
 * any key.
 */
function nameOf(idempotencyKey: string): string {
  return createHash("sha256").update(idempotencyKey).digest("base64url")
    .slice(0, HASH_LENGTH);
}

function refuseRenewal(
  record: CredentialRecord,
  nowMs: number,
  name: string,
  devicePoint: string,
): Refusal | null {
  if (record.status === "revoked") return refusedRenewal("revoked");
  if ((record.expires + LATE_SECONDS) * 1000 <= nowMs) {
    return refusedRenewal("expired");
  }
  const at = name === "" ? -1 : record.renewals?.indexOf(name) ?? -1;
  if (at > 0) return refusedRenewal("superseded");
  const isSame = record.device_point === devicePoint;
  return at === 0 && !isSame ? refusedRenewal("other-device-key") : null;
}

/**
 * Delivers the newest seed once more; `null` if it has expired or does not
 * open.
 */
async function deliverAgain(
  deps: RenewalDeps,
  record: CredentialRecord,
): Promise<Renewed | null> {
  const profile = deps.profiles.get(record.profile);
  const newest = newestSeed(record);
  const lives = newest !== null && !hasEnded(deps, newest);
  const seed = lives ? tryOpen(deps, newest) : null;
  if (seed === null || profile === undefined) return null;
  try {
    const { bucket, expires } = record;
    const seedJwe = await deliverSeed(
      deps.prefix,
      seed,
      record,
      { profile, bucket, expires },
      expandKey(record.device_point),
    );
    return { record, seedJwe };
  } finally {
    seed.fill(0);
  }
}

/** Whether a seed has expired. */
function hasEnded({ clock }: RenewalDeps, { expires }: StoredSeed): boolean {
  return expires * 1000 <= clock.nowMs();
}

/**
 * Opens a stored seed, which the caller must wipe; `null` if it does not open.
 */
function tryOpen(deps: RenewalDeps, stored: StoredSeed): Uint8Array | null {
  try {
    return openStoredSeed(deps, stored);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** Renews a credential, or loses the race if it has changed since it was read. */
async function renewOnce(
  deps: RenewalDeps,
  held: HeldCredential,
  devicePoint: string,
  name: string,
): Promise<Renewed | Refusal | typeof LOST> {
  const { store, clock, random } = deps;
  const { old: before, ...rest } = held.value;
  const { account_id } = rest;
  const [used] = await readRecords(store, [generations(account_id)]);
  const newest = newestSeed(rest);
  const { kept, puts, takes } = planOverlap(deps, {
    newest,
    before,
    isUsed: (used.value ?? 0) >= rest.generation,
    holder: rest,
  });
  const seed = await makeSeed(deps, rest, expandKey(devicePoint), kept);
  try {
    const stored = seed.stored(rest.generation + 1);
    const record: CredentialRecord = {
      ...rest,
      ...stored,
      device_point: devicePoint,
      ...(kept !== null && { old: kept }),
      renewals: [name, ...rest.renewals ?? []].slice(0, MOST_KEYS),
    };
    const { committed } = await commit(store, {
      guards: [
        held.unchanged("credential"),
        used.unchanged("seed"),
      ],
      writes: [
        held.set(record),
        ...takes.flatMap((it) => destroySeed(it, deps)),
        ...[...puts, stored].flatMap(putSeed),
        newBucketRevision(stored, random),
        countCustomer(rest, -1),
        countCustomer(stored, 1),
        markSeen(account_id, clock.nowMs()),
      ],
    });
    if (!committed) return LOST;
    for (const { profile, bucket } of [stored, ...takes]) {
      deps.onBucketChange(profile, bucket);
    }
    return { record, seedJwe: seed.seedJwe };
  } finally {
    seed.wipe();
  }
}

/**
 * Plans which seed stays beside the new one. If the newest seed was never used and the seed
 * before it is still live, the phone may have either of them; the one before is then kept. If
 * the one before has expired, the phone can only have the newest seed, which is kept.
 */
function planOverlap(deps: RenewalDeps, { newest, before, isUsed, holder }: {
  /** `null` if it had expired and was destroyed. */
  newest: StoredSeed | null;
  before: StoredSeed | undefined;
  isUsed: boolean;
  holder: Omit<CredentialRecord, "old">;
}): {
  kept: StoredSeed | null;
  puts: readonly StoredSeed[];
  takes: readonly StoredSeed[];
} {
  const takes = [newest, before].filter((it) => it != null);
  if (newest === null) return { kept: null, puts: [], takes };
  if (before !== undefined && !isUsed && !hasEnded(deps, before)) {
    return { kept: before, puts: [], takes: [newest] };
  }
  const seed = hasEnded(deps, newest) ? null : tryOpen(deps, newest);
  if (seed === null) return { kept: null, puts: [], takes };
  try {
    const expires = Math.min(
      newest.expires,
      Math.floor(deps.clock.nowMs() / 1000) + OVERLAP_SECONDS,
    );
    // The seed's expiry is authenticated with it, so a new expiry needs a new seal.
    const kept = storeSeed(deps, seed, holder, { ...newest, expires });
    return { kept, puts: [kept], takes };
  } finally {
    seed.fill(0);
  }
}
