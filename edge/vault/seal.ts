/**
 * The vault seals stored secrets with AES-256-GCM (NIST SP 800-38D). HKDF-SHA-256 (RFC 5869)
 * derives its keys from the keyring, one for each profile and bucket, so that no key reaches
 * its bound on random nonces.
 *
 * A seed is authenticated together with its account, device, credential, bucket and expiry: a
 * sealed seed that was moved to another owner or bucket, or was given another expiry, does not
 * open. Errors name the kind of fault and nothing else.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { decodeCanonical, encode } from "../base/base64url.ts";
import type { Random } from "../base/clock.ts";
import { decrypt, encrypt, NONCE_BYTES, partsOf } from "./aead.ts";
import { DerivedKeys, nameOf, type Use } from "./derived_keys.ts";
import { fields } from "./fields.ts";
import type { Keyring, RingKey } from "./keyring.ts";
import {
  createSeedOpener,
  SEED_BYTES,
  seedAad,
  type SeedOwner,
  type SeedPlace,
} from "./seed_opener.ts";

/**
 * The context of a sealed seed. The seed opens only in exactly the same
 * context.
 */
export interface SealContext extends SeedPlace, SeedOwner {}

/** A keyed hash, and the id of its key. */
export interface KeyedHash {
  readonly kid: string;
  /** 32 bytes in base64url. */
  readonly hash: string;
}

/** Why a sealed text does not open. */
export type SealFault =
  /** The keyring does not have the key. */
  | "unknown-key"
  /**
   * The text was changed, belongs to another context, or the key under its kid
   * is another one.
   */
  | "tampered"
  /** The text is not a sealed text. */
  | "malformed";

/** A sealed text does not open. The error contains nothing of its content. */
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
 * @throws {SealError} If the seed does not open in this context. Nothing is written then.
 */
export type SeedOpener = (
  sealed: string,
  owner: SeedOwner,
  into: Uint8Array,
  offset: number,
) => void;

/**
 * The id of the master key under which a text is sealed; `null` if it is not a
 * sealed text.
 */
export function kidOf(sealed: string): string | null {
  return SEALED.exec(sealed)?.[1] ?? null;
}

const SEALED = /^v1\.([A-Za-z0-9_-]{1,16})\.([A-Za-z0-9_-]+)$/;

/** Seals and opens secrets, and makes fingerprints. */
export interface Vault {
  /** The id of the key that seals. */
  readonly sealingKid: string;
  /** The ids of all keys that open, the sealing one first. */
  readonly kids: readonly string[];
  /**
   * Seals a seed of 32 bytes as `v1.<kid>.<base64url>`. The result differs each time.
   *
   * @throws {RangeError} If the seed has another length.
   */
  sealSeed(seed: Uint8Array, context: SealContext): string;
  /**
   * Opens a seed into its own memory, which the caller must wipe.
   *
   * @throws {SealError} If the seed does not open in this context.
   */
  openSeed(sealed: string, context: SealContext): Uint8Array<ArrayBuffer>;
  /** Opens the seeds of one bucket, which is faster than one by one. */
  seedOpener(place: SeedPlace): SeedOpener;
  /** Seals a text for one `purpose`, bound to `context`, which is its owner. */
  sealText(purpose: string, text: string, context: string): string;
  /**
   * Opens a text that was sealed for the same purpose and context.
   *
   * @throws {SealError} If the text does not open.
   */
  openText(purpose: string, sealed: string, context: string): string;
  /** HMAC-SHA-256 of `data` under a key that the caller gives. */
  hmac(key: string, data: string): Uint8Array;
  /**
   * HMAC-SHA-256 of `data`, with a key that is derived from the sealing key for
   * `purpose`.
   */
  keyedHash(purpose: string, data: string): KeyedHash;
  /**
   * Whether `stored` is the hash of `data`, compared in constant time. Also `false` if its key
   * is no longer in the keyring, or it is not a hash.
   */
  keyedHashMatches(purpose: string, data: string, stored: KeyedHash): boolean;
}

/** Code units of a short message, each 3 bytes of UTF-8 at most. */
const MAX_SHORT = 1_000;
/**
 * The number of cached keys; more than the 10 000 buckets of the default
 * profile.
 */
const MAX_DERIVED_KEYS = 16_384;

/** What {@linkcode createVault} is made with. */
export interface VaultOptions {
  readonly keyring: Keyring;
  readonly random: Random;
  /** The most derived keys that are kept, 1 or more; the oldest is wiped. */
  readonly maxDerivedKeys?: number;
  /** Computes HMAC-SHA-256 of short messages; by default with `node:crypto`. */
  readonly hmacSha256?: (key: Uint8Array, message: string) => Uint8Array;
}

/** What the functions below share. */
interface VaultState extends VaultOptions {
  readonly derived: DerivedKeys;
}

/** Makes a {@linkcode Vault} over a keyring. */
export function createVault(options: VaultOptions): Vault {
  const { keyring, maxDerivedKeys = MAX_DERIVED_KEYS } = options;
  const state = { ...options, derived: new DerivedKeys(maxDerivedKeys) };
  const [sealing] = keyring;
  /**
   * The hash keys of the sealing key, by purpose. They are few and never
   * evicted.
   */
  const hashKeys = new Map<string, Uint8Array>();

  function hashKey(purpose: string): Uint8Array {
    let key = hashKeys.get(purpose);
    if (key === undefined) {
      // The key is copied, because the cache of derived keys may wipe its own.
      key = state.derived.derive(sealing, ["hash", purpose]).slice();
      hashKeys.set(purpose, key);
    }
    return key;
  }

  return {
    sealingKid: sealing.kid,
    kids: keyring.map(({ kid }) => kid),
    sealSeed(seed, context) {
      if (seed.length !== SEED_BYTES) {
        throw new RangeError(`A seed has ${SEED_BYTES} bytes`);
      }
      return seal(state, seed, seedAad(context), seedUse(context));
    },
    openSeed(sealed, context) {
      const copy = new Uint8Array(SEED_BYTES);
      openSeed(state, sealed, context, copy, 0);
      return copy;
    },
    seedOpener: (place) => seedOpener(state, place),
    sealText: (purpose, text, context) =>
      seal(state, utf8.encode(text), fields([purpose, context]), [
        "text",
        purpose,
      ]),
    openText(purpose, sealed, context) {
      let text = "";
      open(
        state,
        sealed,
        fields([purpose, context]),
        ["text", purpose],
        (it) => {
          text = new TextDecoder().decode(it);
        },
      );
      return text;
    },
    hmac: (key, data) => hmac(state, utf8.encode(key), data),
    keyedHash: (purpose, data) => ({
      kid: sealing.kid,
      hash: encode(hmac(state, hashKey(purpose), data)),
    }),
    keyedHashMatches(purpose, data, stored) {
      const ringKey = keyring.find((key) => key.kid === stored.kid);
      const hash = decodeCanonical(stored.hash);
      if (ringKey === undefined || hash?.length !== 32) return false;
      const key = state.derived.derive(ringKey, ["hash", purpose]);
      return timingSafeEqual(hmac(state, key, data), hash);
    },
  };
}

const utf8 = new TextEncoder();

/**
 * The key of a bucket. Each bucket has its own, so that no key reaches its
 * bound on nonces.
 */
function seedUse({ profile, bucket }: SeedPlace): Use {
  return ["seed", profile, bucket];
}

function seal(
  { keyring: [sealing], random, derived }: VaultState,
  plain: Uint8Array,
  aad: Uint8Array,
  use: Use,
): string {
  const key = derived.derive(sealing, use);
  const sealed = encrypt(key, random.bytes(NONCE_BYTES), aad, plain);
  return `v1.${sealing.kid}.${sealed.toString("base64url")}`;
}

/** Opens a text, hands the plain bytes to `take`, and wipes them afterwards. */
function open(
  { keyring, derived }: VaultState,
  sealed: string,
  aad: Uint8Array,
  use: Use,
  take: (plain: Uint8Array) => void,
): void {
  const [, kid, base64] = SEALED.exec(sealed) ?? [];
  const bytes = base64 === undefined ? undefined : decodeCanonical(base64);
  const parts = bytes === undefined ? undefined : partsOf(bytes);
  if (parts === undefined) {
    throw new SealError("malformed", "This is no sealed text");
  }
  const ringKey = keyring.find((key) => key.kid === kid);
  if (ringKey === undefined) {
    throw new SealError(
      "unknown-key",
      `Sealed under the key "${kid}", which is not in the keyring`,
    );
  }
  if (!decrypt(derived.derive(ringKey, use), parts, aad, take)) {
    throw new SealError(
      "tampered",
      "The sealed text was changed or belongs elsewhere",
    );
  }
}

function openSeed(
  state: VaultState,
  sealed: string,
  context: SealContext,
  into: Uint8Array,
  offset: number,
): void {
  open(state, sealed, seedAad(context), seedUse(context), (seed) => {
    if (seed.length !== SEED_BYTES) {
      throw new SealError("malformed", "This is no sealed seed");
    }
    into.set(seed, offset);
  });
}

function seedOpener(
  state: VaultState,
  { issuer, profile, bucket }: SeedPlace,
): SeedOpener {
  const place = { issuer, profile, bucket };
  const use = seedUse(place);
  const keyOf = (ringKey: RingKey) => {
    const name = nameOf(ringKey, use);
    return {
      head: `v1.${ringKey.kid}.`,
      key: () => state.derived.deriveNamed(name, ringKey, use),
    };
  };
  const openUsual = createSeedOpener(place, state.keyring.map(keyOf));
  return (sealed, owner, into, offset) => {
    if (openUsual(sealed, owner, into, offset)) return;
    // `openSeed` is slower. It finds out which fault it is, and opens seeds in other
    // valid spellings.
    openSeed(state, sealed, { ...owner, ...place }, into, offset);
  };
}

/**
 * Every payment needs a MAC, so short messages are given to the core, which is
 * faster.
 */
function hmac(
  { hmacSha256 }: VaultState,
  key: Uint8Array,
  data: string,
): Uint8Array {
  if (hmacSha256 !== undefined && data.length <= MAX_SHORT) {
    return hmacSha256(key, data);
  }
  return createHmac("sha256", key).update(data).digest();
}
