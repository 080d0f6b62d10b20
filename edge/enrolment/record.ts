/**
 * What is stored of a credential.
 *
 * A credential is one enrolment of one account on one device. Its seed exists
 * only sealed, as a member of its bucket's index; the credential record keeps
 * a copy of that member, because leaving an index takes the exact member. A
 * renewal gives it a new seed and keeps the one before for a while.
 *
 * @module
 */

import type { SealContext } from "../vault/seal.ts";

/** A seed in its bucket. */
export interface StoredSeed {
  readonly profile: number;
  readonly bucket: number;
  /** Which of the account's seeds it is; these numbers only rise. */
  readonly generation: number;
  /** Unix second at which it ends. */
  readonly expires: number;
  /** The index member with the sealed seed. */
  readonly entry: string;
}

/** Stored under the credential id; without `old` its newest seed. */
export interface CredentialRecord extends Omit<StoredSeed, "entry"> {
  readonly credential_id: string;
  readonly account_id: string;
  readonly device_id: string;
  /** The key that the newest seed was sealed for, as `compressKey` gives it. */
  readonly device_point: string;
  readonly status: "active" | "revoked";
  readonly created_at: string;
  /** `null` once revoked. */
  readonly entry: string | null;
  /** The seed before the newest one, as long as its codes may count. */
  readonly old?: StoredSeed;
  /**
   * Hashes of the idempotency keys of the latest renewals, the newest seed's
   * first; an empty text for a renewal without a key.
   */
  readonly renewals?: readonly string[];
  /** Whose customer it is; absent where no key with a system enrolled it. */
  readonly wallet_system?: string;
}

/**
 * The wallet system of the key that calls. A key without one sees the customers
 * of all systems.
 */
export type WalletSystem = string | undefined;

/** Whether a caller sees an account or a credential. */
export function isSeenBy(
  caller: WalletSystem,
  { wallet_system }: { readonly wallet_system?: string | null | undefined },
): boolean {
  return caller === undefined || caller === wallet_system;
}

/** A member of a bucket's index, as JSON text. */
export interface BucketEntry {
  /** Credential id. */
  readonly c: string;
  /** Account id. */
  readonly a: string;
  /** Device id. */
  readonly d: string;
  /** Generation. */
  readonly g: number;
  /** Unix second of expiry. */
  readonly x: number;
  /** The sealed seed. */
  readonly s: string;
}

/**
 * The circumstances that a seed is sealed to. Opening an entry whose account,
 * device, credential, bucket, generation or expiry was exchanged fails.
 */
export function sealContext(
  prefix: string,
  profile: number,
  bucket: number,
  entry: Omit<BucketEntry, "s">,
): SealContext {
  return {
    issuer: prefix,
    accountId: entry.a,
    deviceId: entry.d,
    credentialId: entry.c,
    profile,
    bucket,
    expiresAtSeconds: entry.x,
    generation: entry.g,
  };
}
