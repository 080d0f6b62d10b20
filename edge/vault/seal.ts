/**
 * The vault: secrets at rest, sealed with AES-256-GCM (NIST SP 800-38D) under
 * keys that HKDF-SHA-256 (RFC 5869) derives from the keyring, one per profile
 * and bucket, so that no key meets its bound on random nonces.
 *
 * Account, device, credential, bucket and expiry of a seed are authenticated with
 * it: a sealed seed that was moved to another owner or bucket, or was given
 * another expiry, does not open. Errors name the kind of fault and nothing else.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
} from "node:crypto";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { decodeCanonical, encode } from "../base/base64url.ts";
import type { Random } from "../base/clock.ts";
import { fields } from "./fields.ts";
import type { Keyring, RingKey } from "./keyring.ts";
import {
  createSeedOpener,
  ends,
  GCM_OPTIONS,
  NONCE_BYTES,
  SEED_BYTES,
  seedAad,
  type SeedOwner,
  type SeedPlace,
  TAG_BYTES,
} from "./seed_opener.ts";

/** What a seed is sealed to; all of it must be the same to open it. */
export interface SealContext extends SeedPlace, SeedOwner {}

/** A keyed hash and the key it was made with. */
export interface KeyedHash {
  readonly kid: string;
  /** 32 bytes in base64url. */
  readonly hash: string;
}

/** Why a sealed text does not open. */
export type SealFault =
  /** Its key is not in the keyring (any more). */
  | "unknown-key"
  /** It was changed, or belongs elsewhere, or the key under its kid changed. */
  | "tampered"
  /** It is no sealed text. */
  | "malformed";

/** A sealed text does not open; the error repeats nothing of its content. */
export class SealError extends Error {
  override readonly name = "SealError";
  readonly reason: SealFault;

  constructor(reason: SealFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/**
 * Writes a seed of 32 bytes into `into` from `offset` on.
 *
 * @throws {SealError} If it does not open in this context; nothing is written.
 */
export type SeedOpener = (
  sealed: string,
  owner: SeedOwner,
  into: Uint8Array,
  offset: number,
) => void;

/** Seals and opens secrets, and makes fingerprints. */
export interface Vault {
  /**
   * Seals a seed of 32 bytes as `v1.<kid>.<base64url>`, differently each time.
   *
   * @throws {RangeError} If the seed has another length.
   */
  sealSeed(seed: Uint8Array, context: SealContext): string;
  /**
   * The seed, in memory of its own that the caller wipes.
   *
   * @throws {SealError} If it does not open in this context.
   */
  openSeed(sealed: string, context: SealContext): Uint8Array<ArrayBuffer>;
  /** Opens the seeds of one bucket, which is faster than one by one. */
  seedOpener(place: SeedPlace): SeedOpener;
  /** Seals a text for one `purpose`, bound to `context` (whose it is). */
  sealText(purpose: string, text: string, context: string): string;
  /**
   * The text sealed for the same purpose and context.
   *
   * @throws {SealError} If it does not open.
   */
  openText(purpose: string, sealed: string, context: string): string;
  /** HMAC-SHA-256 of `data` under the sealing key's key for `purpose`. */
  keyedHash(purpose: string, data: string): KeyedHash;
  /**
   * Whether `stored` is the hash of `data`, in constant time; `false` as well
   * when its key is retired or it is no hash.
   */
  keyedHashMatches(purpose: string, data: string, stored: KeyedHash): boolean;
}

const KEY_BYTES = 32;
/** Code units of a short message, each 3 bytes of UTF-8 at most. */
const MAX_SHORT = 1_000;
/** More than the 10 000 buckets of the default profile have keys. */
const MAX_DERIVED_KEYS = 16_384;

/** Makes a {@linkcode Vault} over a keyring. */
export function createVault(deps: {
  keyring: Keyring;
  random: Random;
  /** Derived keys kept at a time, 1 or more; the oldest is wiped. */
  maxDerivedKeys?: number;
  /** HMAC-SHA-256 of short messages; `node:crypto` if not given. */
  hmacSha256?: (key: Uint8Array, message: string) => Uint8Array;
}): Vault {
  const { keyring, random, maxDerivedKeys = MAX_DERIVED_KEYS } = deps;
  const [sealing] = keyring;
  const derived = new Map<string, Uint8Array>();
  /** Hash keys of the sealing key by purpose: few, always in use, never evicted. */
  const hashKeys = new Map<string, Uint8Array>();

  /** HKDF of one ring key; `info` names the use, no two uses share a key. */
  function derive(ringKey: RingKey, ...info: (string | number)[]): Uint8Array {
    return deriveAs(nameOf(ringKey, info), ringKey, info);
  }

  /** The same where the name is known. */
  function deriveAs(
    name: string,
    ringKey: RingKey,
    info: readonly (string | number)[],
  ): Uint8Array {
    let key = derived.get(name);
    if (key === undefined) {
      // RFC 5869 §3.1: a uniformly random input key needs no salt.
      key = new Uint8Array(
        hkdfSync("sha256", ringKey.secret, "", fields(info), KEY_BYTES),
      );
      for (const [oldest, old] of derived) {
        if (derived.size < maxDerivedKeys) break;
        old.fill(0);
        derived.delete(oldest);
      }
      derived.set(name, key);
    }
    return key;
  }

  function hashKey(purpose: string): Uint8Array {
    let key = hashKeys.get(purpose);
    if (key === undefined) {
      // A copy, because the cache of derived keys may wipe its own.
      key = derive(sealing, "hash", purpose).slice();
      hashKeys.set(purpose, key);
    }
    return key;
  }

  function seal(
    plain: Uint8Array,
    aad: Uint8Array,
    ...info: (string | number)[]
  ): string {
    const nonce = random.bytes(NONCE_BYTES);
    const cipher = createCipheriv(
      "aes-256-gcm",
      derive(sealing, ...info),
      nonce,
    );
    cipher.setAAD(aad);
    const body = Buffer.concat([
      nonce,
      cipher.update(plain),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `v1.${sealing.kid}.${body.toString("base64url")}`;
  }

  /** Opens a text, hands the plain bytes to `use`, and wipes them afterwards. */
  function open<T>(
    sealed: string,
    aad: Uint8Array,
    info: readonly (string | number)[],
    use: (plain: Uint8Array) => T,
  ): T {
    const [, kid, base64] =
      /^v1\.([A-Za-z0-9_-]{1,16})\.([A-Za-z0-9_-]+)$/.exec(sealed) ?? [];
    const bytes = base64 === undefined ? undefined : decodeCanonical(base64);
    if (bytes === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) {
      throw new SealError("malformed", "This is no sealed text");
    }
    const ringKey = keyring.find((key) => key.kid === kid);
    if (ringKey === undefined) {
      throw new SealError(
        "unknown-key",
        `Sealed under the key "${kid}", which is not in the keyring`,
      );
    }
    const decipher = createDecipheriv(
      "aes-256-gcm",
      derive(ringKey, ...info),
      bytes.subarray(0, NONCE_BYTES),
      GCM_OPTIONS,
    );
    decipher.setAAD(aad);
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    try {
      if (!ends(decipher)) {
        throw new SealError(
          "tampered",
          "The sealed text was changed or belongs elsewhere",
        );
      }
      return use(plain);
    } finally {
      plain.fill(0);
    }
  }

  /** Every payment needs one, so short messages go to the core, which is faster. */
  function hmac(key: Uint8Array, data: string): Uint8Array {
    if (deps.hmacSha256 !== undefined && data.length <= MAX_SHORT) {
      return deps.hmacSha256(key, data);
    }
    return createHmac("sha256", key).update(data).digest();
  }

  function openSeed<T>(
    sealed: string,
    context: SealContext,
    use: (seed: Uint8Array) => T,
  ): T {
    const { profile, bucket } = context;
    return open(sealed, seedAad(context), ["seed", profile, bucket], (seed) => {
      if (seed.length === SEED_BYTES) return use(seed);
      throw new SealError("malformed", "This is no sealed seed");
    });
  }

  return {
    sealSeed(seed, context) {
      if (seed.length !== SEED_BYTES) {
        throw new RangeError(`A seed has ${SEED_BYTES} bytes`);
      }
      const { profile, bucket } = context;
      return seal(seed, seedAad(context), "seed", profile, bucket);
    },
    openSeed: (sealed, context) =>
      openSeed(sealed, context, (seed) => new Uint8Array(seed)),
    seedOpener({ issuer, profile, bucket }) {
      const place = { issuer, profile, bucket };
      const info = ["seed", profile, bucket];
      const openUsual = createSeedOpener(
        place,
        keyring.map((ringKey) => {
          const name = nameOf(ringKey, info);
          return {
            head: `v1.${ringKey.kid}.`,
            key: () => deriveAs(name, ringKey, info),
          };
        }),
      );
      return (sealed, owner, into, offset) => {
        if (openUsual(sealed, owner, into, offset)) return;
        openSeed(sealed, { ...owner, ...place }, (seed) => {
          into.set(seed, offset);
        });
      };
    },
    sealText: (purpose, text, context) =>
      seal(utf8.encode(text), fields([purpose, context]), "text", purpose),
    openText: (purpose, sealed, context) =>
      open(
        sealed,
        fields([purpose, context]),
        ["text", purpose],
        (plain) => new TextDecoder().decode(plain),
      ),
    keyedHash: (purpose, data) => ({
      kid: sealing.kid,
      hash: encode(hmac(hashKey(purpose), data)),
    }),
    keyedHashMatches(purpose, data, stored) {
      const ringKey = keyring.find((key) => key.kid === stored.kid);
      const hash = decodeCanonical(stored.hash);
      if (ringKey === undefined || hash?.length !== 32) return false;
      const made = hmac(derive(ringKey, "hash", purpose), data);
      return timingSafeEqual(made, hash);
    },
  };
}

const utf8 = new TextEncoder();

/** What names a derived key. */
function nameOf(
  ringKey: RingKey,
  info: readonly (string | number)[],
): string {
  return JSON.stringify([ringKey.kid, ...info]);
}
