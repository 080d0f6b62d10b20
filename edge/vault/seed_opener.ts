/**
 * Opens the seeds of one bucket, one after the other: most of what loading a
 * bucket takes is this. What they share is made once, and a seed costs hardly
 * more than its cipher, which no buffer is made for either.
 *
 * It knows only texts of the form that `sealSeed` writes, and does not say why
 * it opens no other: the careful way tells their faults apart.
 *
 * @module
 */

import { createDecipheriv, type DecipherGCM } from "node:crypto";
import { decodeTriples } from "../base/base64url.ts";
import { fieldsAlone, FieldWriter } from "./fields.ts";

/** Bytes of a seed. */
export const SEED_BYTES = 32;
/** SP 800-38D §8.2.2: a random nonce of 96 bits, the only safe length. */
export const NONCE_BYTES = 12;
/** A whole tag. */
export const TAG_BYTES = 16;
/** Refuses tags that were cut short. */
export const GCM_OPTIONS = { authTagLength: TAG_BYTES };

/** Which seeds: the part of what they are sealed to that all of them share. */
export interface SeedPlace {
  readonly issuer: string;
  /** Profile digit. */
  readonly profile: number;
  readonly bucket: number;
}

/** Whose a seed is: the other part. */
export interface SeedOwner {
  readonly accountId: string;
  readonly deviceId: string;
  readonly credentialId: string;
  /** Unix seconds. */
  readonly expiresAtSeconds: number;
}

const SEALED_BYTES = NONCE_BYTES + SEED_BYTES + TAG_BYTES;
const SEALED_LETTERS = SEALED_BYTES * 4 / 3;
const SEED_END = NONCE_BYTES + SEED_BYTES;

// One seed at a time is opened, and nothing here waits for anything.
const sealedBytes = new Uint8Array(SEALED_BYTES);
const nonce = sealedBytes.subarray(0, NONCE_BYTES);
const body = sealedBytes.subarray(NONCE_BYTES, SEED_END);
const tag = sealedBytes.subarray(SEED_END);
const aad = new FieldWriter();

/** What of the authenticated data all seeds of a place share, as it is written. */
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

/** The authenticated data of a seed, until the next one's. */
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
  return aad.bytes();
}

/** Everything that a seed belongs to, as authenticated data. */
export function seedAad(context: SeedPlace & SeedOwner): Uint8Array {
  return writeAad(sharedParts(context), context).slice();
}

/** A key of the ring as texts name it, and how its key of a bucket is found. */
export interface OpenerKey {
  /** What a text that is sealed under it begins with. */
  readonly head: string;
  /** Good until the next key is asked for. */
  key(): Uint8Array;
}

/**
 * Makes a function that writes a seed into `into` from `offset` on and answers
 * whether it did. If not, what is there is not changed.
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
    const authenticated = writeAad(shared, owner);
    const decipher = createDecipheriv(
      "aes-256-gcm",
      found.key(),
      nonce,
      GCM_OPTIONS,
    );
    decipher.setAAD(authenticated);
    decipher.setAuthTag(tag);
    const seed = decipher.update(body);
    const opened = ends(decipher);
    for (let i = 0; i < SEED_BYTES; i++) {
      if (opened) into[offset + i] = seed[i]!;
      seed[i] = 0;
    }
    return opened;
  };
}

/** Whether the tag is right. */
export function ends(decipher: DecipherGCM): boolean {
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}
