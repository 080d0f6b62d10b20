/**
 * Makes a new seed, seals it once for the device and once for the store, and wipes it.
 *
 * @module
 */

import { encodeBase64Url } from "@std/encoding/base64url";
import type { Clock, Random } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import type { Profile } from "../code/profile.ts";
import { type DeviceKey, sealForDevice } from "../vault/deliver.ts";
import { accountKey } from "../store/keys.ts";
import { withPlace } from "../store/place.ts";
import type { Store } from "../store/store.ts";
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
  /**
   * The bucket of a seed is one of its account's cell, so the store's cells are needed.
   */
  readonly store: Pick<Store, "cells">;
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
 * Chooses a bucket uniformly at random among those of the account's cell, without the
 * bucket `not`, by rejection sampling. With one cell the choice does not depend on the
 * account; with N cells it reveals log2 N bits of the account's keyed hash.
 */
function randomBucket(
  { random, store: { cells } }: SeedMakers,
  { bucketDigits }: Profile,
  accountId: string,
  not: number | null,
): number {
  // The buckets of a cell are `cell`, `cell + step`, `cell + 2 · step` and so on.
  const step = cells?.count ?? 1;
  const cell = cells?.cellOf(accountKey(accountId)) ?? 0;
  const all = Math.ceil((10 ** bucketDigits - cell) / step);
  const skip = not === null || not % step !== cell ? null : (not - cell) / step;
  const count = skip === null ? all : all - 1;
  const limit = 2 ** 32 - (2 ** 32 % count);
  for (;;) {
    const value = new DataView(random.bytes(4).buffer).getUint32(0);
    if (value >= limit) continue;
    const nth = value % count;
    return cell + step * (skip === null || nth < skip ? nth : nth + 1);
  }
}

/** A new id for a credential of an account, with the account's place. */
export function newCredentialId(
  { random, store: { cells } }: Pick<SeedMakers, "random" | "store">,
  accountId: string,
): string {
  const id = newId("cred", random);
  const place = cells?.placeOf(accountKey(accountId)) ?? null;
  if (place === null) return id;
  const digits = "cred_".length;
  return id.slice(0, digits) + withPlace(id.slice(digits), place);
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
  return { ...place, entry: entryText({ ...fields, s }) };
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
  const { account_id } = holder;
  const not = beside?.profile === profile.digit ? beside.bucket : null;
  const bucket = randomBucket(deps, profile, account_id, not);
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
