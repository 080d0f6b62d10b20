/**
 * Renewal: a credential gets a new seed, in a bucket of its own and in the
 * profile that new enrolments get. Mark and limits are the account's, so they
 * go on.
 *
 * The seed before it stays good until the first code of the new one is
 * accepted, and for a day at most, because the answer may be lost on its way to
 * the phone. A payment writes the generation of its seed into the account, and
 * no code of an earlier generation counts after that, on any edge.
 *
 * At most two seeds of a credential are live: a new seed that was never used
 * and would be the third makes room.
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
  viewEnrolment,
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
  dueWhenEnded,
  generations,
  type HeldCredential,
  liveCredentials,
  newBucketRevision,
  newestSeed,
  putSeed,
  seedsOf,
  takeSeed,
} from "./writes.ts";

/** How long the seed before lives beside a new one, in seconds. */
const OVERLAP_SECONDS = 86_400;

/** How long after its end a credential may be renewed, in seconds. */
const LATE_SECONDS = 30 * 86_400;

/** Idempotency keys that are remembered, the newest seed's among them. */
const MOST_KEYS = 5;
/** 132 bits. */
const HASH_LENGTH = 22;

/** Why a renewal is refused. */
export type RenewalReason =
  /** Its seeds were destroyed: it was revoked, or replaced by an enrolment. */
  | "revoked"
  /** It ended too long ago. */
  | "expired"
  /** The idempotency key is that of a renewal for another device key. */
  | "other-device-key"
  /** The idempotency key is that of a renewal which another one followed. */
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

/** What is asked for. */
export interface RenewalRequest {
  readonly credentialId: string;
  /** The device's key; the one of before if not given. */
  readonly deviceKey?: DeviceKey;
  /** Names this renewal: asked for again it gives the same seed. */
  readonly idempotencyKey?: string;
  readonly by: WalletSystem;
}

/** The use case of renewal. */
export interface Renewals {
  /** Gives a credential a new seed. */
  renew(request: RenewalRequest): Promise<NewEnrolment | Refusal>;
}

/** What renewal is made of. */
export interface RenewalDeps extends SeedMakers {
  readonly store: Store;
  /** Profiles whose codes are served. */
  readonly profiles: Profiles;
  /** Told of every bucket whose entries were changed here. */
  readonly onBucketChange: (profile: number, bucket: number) => void;
  /** Keeps those apart who change one credential at once. */
  readonly backOff: BackOff;
}

/** Makes the {@linkcode Renewals} use case. */
export function createRenewals(deps: RenewalDeps): Renewals {
  const { readSeen, readPolicy } = createEnrolmentReads(deps);
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
        const { record, seedJwe } = renewed;
        const policy = await readPolicy(record.account_id);
        return {
          ...viewEnrolment(record, policy, deps.clock.nowMs()),
          seedJwe,
        };
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

/** A renewal by its idempotency key, hashed: a text of any kind is as short. */
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

/** The newest seed once more; `null`: it has ended, or does not open. */
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

/** Whether the life of a seed is over. */
function hasEnded({ clock }: RenewalDeps, { expires }: StoredSeed): boolean {
  return expires * 1000 <= clock.nowMs();
}

/** A stored seed, in memory that the caller wipes; `null`: it does not open. */
function tryOpen(deps: RenewalDeps, stored: StoredSeed): Uint8Array | null {
  try {
    return openStoredSeed(deps, stored);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** Renews a credential that is still as it was read, or loses the race. */
async function renewOnce(
  deps: RenewalDeps,
  held: HeldCredential,
  devicePoint: string,
  name: string,
): Promise<Renewed | Refusal | typeof LOST> {
  const { store, clock, random } = deps;
  const { old: before, ...rest } = held.value;
  const { account_id, credential_id } = rest;
  const [live, used] = await readRecords(store, [
    liveCredentials(account_id),
    generations(account_id),
  ]);
  if (live.value !== credential_id) return refusedRenewal("revoked");
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
    const changed = distinct([stored, ...seedsOf(held.value)]);
    const { committed } = await commit(store, {
      guards: [
        held.unchanged("credential"),
        live.unchanged("account"),
        used.unchanged("seed"),
      ],
      writes: [
        held.set(record),
        ...takes.map(takeSeed),
        ...[...puts, stored].map(putSeed),
        ...changed.map((it) => newBucketRevision(it, random)),
        countCustomer(rest, -1),
        countCustomer(stored, 1),
        markSeen(account_id, clock.nowMs()),
        dueWhenEnded(record),
      ],
    });
    if (!committed) return LOST;
    for (const { profile, bucket } of changed) {
      deps.onBucketChange(profile, bucket);
    }
    return { record, seedJwe: seed.seedJwe };
  } finally {
    seed.wipe();
  }
}

/**
 * Which seed stays beside the new one. A newest seed that was never used makes
 * room while the seed before it lives, because the phone may have either; once
 * that has ended, the newest seed is the only one that the phone can have.
 */
function planOverlap(deps: RenewalDeps, { newest, before, isUsed, holder }: {
  /** `null`: it had expired, and was destroyed. */
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
    // Its end is authenticated with it, so it is sealed anew.
    const kept = storeSeed(deps, seed, holder, { ...newest, expires });
    return { kept, puts: [kept], takes };
  } finally {
    seed.fill(0);
  }
}

/** Each bucket once. */
function distinct(seeds: readonly StoredSeed[]): StoredSeed[] {
  return [
    ...new Map(seeds.map((it) => [`${it.profile}:${it.bucket}`, it])).values(),
  ];
}
