/**
 * Makes a new seed, seals it once for the device and once for the store, and wipes it.
 *
 * @module
 */

import { encodeBase64Url } from "@std/encoding/base64url";
import type { Clock, Random } from "../base/clock.ts";
import type { Profile } from "../code/profile.ts";
import { type DeviceKey, sealForDevice } from "../vault/deliver.ts";
import type { Vault } from "../vault/seal.ts";
import {
  entryText,
  parseEntry,
  sealContext,
  type StoredSeed,
} from "./record.ts";

const SEED_BYTES = 32;

/** What making seeds needs. */
export interface SeedMakers {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  /** Two digits that route codes to this wallet; also names the issuer. */
  readonly prefix: string;
  /** The profile of new seeds. */
  readonly profile: Profile;
  /** The life of a seed without renewal, in seconds. */
  readonly credentialTtlSeconds: number;
}

/** The owner of a seed. */
export interface Holder {
  readonly credential_id: string;
  readonly account_id: string;
  readonly device_id: string;
}

/** The bucket in which the codes of a seed are searched, and until when. */
export interface SeedPlacement {
  readonly profile: Profile;
  readonly bucket: number;
  /** Unix second. */
  readonly expires: number;
}

/** A seed that is not stored yet. */
export interface NewSeed extends SeedPlacement {
  /** The seed for the device, a compact JWE. */
  readonly seedJwe: string;
  /** Seals the seed for the store. */
  stored(generation: number): StoredSeed;
  /** Wipes the seed; must be called in every case. */
  wipe(): void;
}

/**
 * Chooses a bucket uniformly at random, without the bucket `not`, by rejection sampling. The
 * choice never depends on the account.
 */
function randomBucket(
  profile: Profile,
  random: Random,
  not: number | null,
): number {
  const buckets = 10 ** profile.bucketDigits;
  const count = not === null ? buckets : buckets - 1;
  const limit = 2 ** 32 - (2 ** 32 % count);
  for (;;) {
    const value = new DataView(random.bytes(4).buffer).getUint32(0);
    if (value >= limit) continue;
    const bucket = value % count;
    return not === null || bucket < not ? bucket : bucket + 1;
  }
}

/** Seals a seed for its device. */
export async function deliverSeed(
  prefix: string,
  seed: Uint8Array,
  { credential_id, device_id }: Holder,
  { profile, bucket, expires }: SeedPlacement,
  deviceKey: DeviceKey,
): Promise<string> {
  return await sealForDevice(deviceKey, {
    seed: encodeBase64Url(seed),
    prefix,
    profile: profile.digit,
    bucket,
    bucket_digits: profile.bucketDigits,
    tag_digits: profile.tagDigits,
    time_step_seconds: profile.timeStepSeconds,
    credential_id,
    expires_at: new Date(expires * 1000).toISOString(),
  }, { credentialId: credential_id, deviceId: device_id });
}

/** Seals a seed for the store. */
export function storeSeed(
  { vault, prefix }: Pick<SeedMakers, "vault" | "prefix">,
  seed: Uint8Array,
  holder: Holder,
  place: Omit<StoredSeed, "entry">,
): StoredSeed {
  const { profile, bucket, generation, expires } = place;
  const fields = {
    c: holder.credential_id,
    a: holder.account_id,
    d: holder.device_id,
    g: generation,
    x: expires,
  };
  const context = sealContext(prefix, profile, bucket, fields);
  const s = vault.sealSeed(seed, context);
  return {
    profile,
    bucket,
    generation,
    expires,
    entry: entryText({ ...fields, s }),
  };
}

/**
 * Opens the seed of an entry. The caller must wipe the returned memory.
 *
 * @throws {SealError} If the seed does not open.
 */
export function openStoredSeed(
  { vault, prefix }: Pick<SeedMakers, "vault" | "prefix">,
  { profile, bucket, entry }: StoredSeed,
): Uint8Array {
  const { s, ...fields } = parseEntry(entry);
  return vault.openSeed(s, sealContext(prefix, profile, bucket, fields));
}

/**
 * Makes a seed in a bucket that differs from that of `beside`.
 *
 * @throws {DeviceKeyError} If nothing can be sealed to the device key.
 */
export async function makeSeed(
  deps: SeedMakers,
  holder: Holder,
  deviceKey: DeviceKey,
  beside: StoredSeed | null = null,
): Promise<NewSeed> {
  const { clock, random, prefix, profile } = deps;
  const not = beside?.profile === profile.digit ? beside.bucket : null;
  const bucket = randomBucket(profile, random, not);
  const expires = Math.floor(clock.nowMs() / 1000) + deps.credentialTtlSeconds;
  const seed = random.bytes(SEED_BYTES);
  const wipe = () => void seed.fill(0);
  try {
    const place = { profile, bucket, expires };
    const seedJwe = await deliverSeed(prefix, seed, holder, place, deviceKey);
    return {
      ...place,
      seedJwe,
      stored: (generation) =>
        storeSeed(deps, seed, holder, {
          ...place,
          profile: profile.digit,
          generation,
        }),
      wipe,
    };
  } catch (error) {
    wipe();
    throw error;
  }
}
