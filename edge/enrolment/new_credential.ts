/**
 * A new credential: its seed is made here, is sealed twice, once for the store
 * and once for the device, and is wiped.
 *
 * @module
 */

import { encodeBase64Url } from "@std/encoding/base64url";
import type { Clock, Random } from "../base/clock.ts";
import type { Profile } from "../code/profile.ts";
import { newId } from "../base/ids.ts";
import { type DeviceKey, sealForDevice } from "../vault/deliver.ts";
import type { Vault } from "../vault/seal.ts";
import {
  type BucketEntry,
  type CredentialRecord,
  sealContext,
} from "./record.ts";

const SEED_BYTES = 32;

/** What makes credentials. */
export interface CredentialMakers {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  /** Two digits that route codes to this wallet; also names the issuer. */
  readonly prefix: string;
  /** Profile that new credentials get. */
  readonly profile: Profile;
  /** Life of a credential without renewal, in seconds. */
  readonly credentialTtlSeconds: number;
}

/** A credential that is not stored yet. */
export interface NewCredential {
  readonly record: CredentialRecord;
  /** Its entry in the bucket. */
  readonly member: string;
  /** The seed for the device, a compact JWE. */
  readonly seedJwe: string;
}

/** A bucket picked uniformly, never from the account: rejection sampling. */
function randomBucket(profile: Profile, random: Random): number {
  const count = 10 ** profile.bucketDigits;
  const limit = 2 ** 32 - (2 ** 32 % count);
  for (;;) {
    const value = new DataView(random.bytes(4).buffer).getUint32(0);
    if (value < limit) return value % count;
  }
}

/**
 * Makes a credential of an account on a device.
 *
 * @throws {DeviceKeyError} If nothing can be sealed for the key.
 */
export async function makeCredential(
  deps: CredentialMakers,
  accountId: string,
  deviceId: string,
  jwk: DeviceKey,
): Promise<NewCredential> {
  const { clock, random, vault, prefix, profile } = deps;
  const nowMs = clock.nowMs();
  const credentialId = newId("cred", random);
  const bucket = randomBucket(profile, random);
  const expires = Math.floor(nowMs / 1000) + deps.credentialTtlSeconds;
  const seed = random.bytes(SEED_BYTES);
  try {
    const seedJwe = await sealForDevice(jwk, {
      seed: encodeBase64Url(seed),
      prefix,
      profile: profile.digit,
      bucket,
      bucket_digits: profile.bucketDigits,
      tag_digits: profile.tagDigits,
      time_step_seconds: profile.timeStepSeconds,
      credential_id: credentialId,
      expires_at: new Date(expires * 1000).toISOString(),
    }, { credentialId, deviceId });
    const fields = { c: credentialId, a: accountId, d: deviceId, x: expires };
    const context = sealContext(prefix, profile.digit, bucket, fields);
    const entry: BucketEntry = {
      ...fields,
      s: vault.sealSeed(seed, context),
    };
    const member = JSON.stringify(entry);
    return {
      record: {
        credential_id: credentialId,
        account_id: accountId,
        device_id: deviceId,
        profile: profile.digit,
        bucket,
        status: "active",
        created_at: new Date(nowMs).toISOString(),
        expires,
        entry: member,
      },
      member,
      seedJwe,
    };
  } finally {
    seed.fill(0);
  }
}
