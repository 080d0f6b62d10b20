/**
 * Identifiers and API keys: unpredictable, prefixed by what they name.
 *
 * @module
 */

import crypto from "node:crypto";
import { decodeCanonical, encode } from "./base64url.ts";
import type { Random } from "./clock.ts";

/** What an identifier names. */
export type IdPrefix =
  | "mer"
  | "cred"
  | "ver"
  | "req"
  | "ep"
  | "cb"
  | "key"
  | "core";

/** A new identifier, `<prefix>_` and 128 random bits in hex. */
export function newId(prefix: IdPrefix, random: Random): string {
  return `${prefix}_${random.hex?.(16) ?? random.bytes(16).toHex()}`;
}

/**
 * Whether a text has the form of an identifier made here. Paths hold whatever a
 * client wrote, so a text of another form is `not-found` without a look-up.
 */
export function isId(prefix: IdPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) &&
    /^[0-9a-f]{32}$/.test(text.slice(prefix.length + 1));
}

/** The random part of an identifier in 22 letters, as records keep it. */
export function packId(id: string): string {
  return encode(Uint8Array.fromHex(id.slice(id.indexOf("_") + 1)));
}

/**
 * The inverse of {@linkcode packId}.
 *
 * @throws {TypeError} If the text is no packed identifier.
 */
export function unpackId(prefix: IdPrefix, packed: string): string {
  const bytes = decodeCanonical(packed);
  if (bytes?.length !== 16) throw new TypeError("It is no packed identifier");
  return `${prefix}_${bytes.toHex()}`;
}

/** A short value that differs from every other one: 96 random bits. */
export function newRevision(random: Random): string {
  return encode(random.bytes(12));
}

/**
 * Whether the ledger of an edge moves test money or real money. A store, its API
 * keys and the codes of its customers belong to one mode.
 */
export type Mode = "test" | "live";

/** What the API keys of a mode begin with. */
export const apiKeyPrefix = (mode: Mode): string => `ock_${mode}_`;

/** A new API key: the prefix of its mode and 256 random bits in base64url. */
export function newApiKey(random: Random, mode: Mode): string {
  return `${apiKeyPrefix(mode)}${encode(random.bytes(32))}`;
}

/**
 * SHA-256 of an API key in hex, the only form in which a key is stored. The
 * key has 256 random bits, so neither salt nor stretching is needed.
 *
 * It does not use Web Crypto, which hashes in another thread: that took 30 µs of
 * a request of 160 µs, and the hash itself takes less than one.
 */
export function hashApiKey(apiKey: string): string {
  // `crypto.hash` is one call; `createHash` first makes a stream object.
  return crypto.hash !== undefined
    ? crypto.hash("sha256", apiKey, "hex")
    : crypto.createHash("sha256").update(apiKey).digest("hex");
}
