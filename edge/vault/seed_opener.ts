/**
 * Opens the seeds of one bucket one after another, which is most of the work of loading a
 * bucket. The values that the seeds of a bucket share are computed once, and no buffer is
 * allocated for a seed, so that a seed costs little more than its cipher.
 *
 * It opens only texts in the form that `sealSeed` writes, and returns `false` for all others;
 * `openSeed` then finds out which fault it is.
 *
 * @module
 */

import { decodeTriples } from "../base/base64url.ts";
import { decrypt, NONCE_BYTES, partsOf, TAG_BYTES } from "./aead.ts";
import { fieldsAlone, FieldWriter } from "./fields.ts";

/** The length of a seed. */
export const SEED_BYTES = 32;

/** The part of a seed's authenticated data that all seeds of a bucket share. */
export interface SeedPlace {
  readonly issuer: string;
  /** Profile digit. */
  readonly profile: number;
  readonly bucket: number;
}

/** The part of a seed's authenticated data that differs from seed to seed. */
export interface SeedOwner {
  readonly accountId: string;
  readonly deviceId: string;
  readonly credentialId: string;
  /** Unix seconds. */
  readonly expiresAtSeconds: number;
  /** The number of the seed among those of its account. */
  readonly generation: number;
}

const SEALED_BYTES = NONCE_BYTES + SEED_BYTES + TAG_BYTES;
const SEALED_LETTERS = SEALED_BYTES * 4 / 3;

// Shared by all calls: opening a seed is synchronous, so calls never overlap.
const sealedBytes = new Uint8Array(SEALED_BYTES);
const parts = partsOf(sealedBytes)!;
const aad = new FieldWriter();

/** The shared part of the authenticated data, encoded in advance. */
interface SharedParts {
  readonly before: Uint8Array;
  readonly between: Uint8Array;
}

function sharedParts({ issuer, profile, bucket }: SeedPlace): SharedParts {
  return {
    before: fieldsAlone([issuer]),
    between: fieldsAlone([profile, bucket]),
  };
}

/** The authenticated data of a seed; the next call overwrites it. */
function writeAad(
  { before, between }: SharedParts,
  owner: SeedOwner,
): Uint8Array {
  aad.begin();
  aad.copy(before);
  aad.write(owner.accountId);
  aad.write(owner.deviceId);
  aad.write(owner.credentialId);
  aad.copy(between);
  aad.write(owner.expiresAtSeconds);
  aad.write(owner.generation);
  return aad.bytes();
}

/** Everything that a seed belongs to, as authenticated data. */
export function seedAad(context: SeedPlace & SeedOwner): Uint8Array {
  return writeAad(sharedParts(context), context).slice();
}

/**
 * A master key: its name in sealed texts, and the key that is derived from it
 * for a bucket.
 */
export interface OpenerKey {
  /** The beginning of texts that are sealed under the key. */
  readonly head: string;
  /** The next call may wipe the returned key. */
  key(): Uint8Array;
}

/**
 * Makes a function that writes a seed into `into` from `offset` on. The function returns whether
 * the seed opened; if not, `into` is unchanged.
 */
export function createSeedOpener(
  place: SeedPlace,
  keys: readonly OpenerKey[],
): (
  sealed: string,
  owner: SeedOwner,
  into: Uint8Array,
  offset: number,
) => boolean {
  const shared = sharedParts(place);
  return (sealed, owner, into, offset) => {
    const found = keys.find(({ head }) => sealed.startsWith(head));
    if (
      found === undefined ||
      sealed.length !== found.head.length + SEALED_LETTERS ||
      !decodeTriples(sealed, found.head.length, sealedBytes)
    ) return false;
    return decrypt(found.key(), parts, writeAad(shared, owner), (seed) => {
      // A loop is faster than set() for so few bytes.
      for (let i = 0; i < SEED_BYTES; i++) into[offset + i] = seed[i]!;
    });
  };
}
