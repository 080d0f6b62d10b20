/**
 * The keyring: the master keys under which all stored secrets are sealed. The first key seals,
 * and every key opens. A key is rotated by putting a new one in front of it, and is retired by
 * removing it.
 *
 * Keys are held as `KeyObject`s, which no log statement can print.
 *
 * @module
 */

import { createSecretKey, type KeyObject } from "node:crypto";
import { decodeBase64, encodeBase64 } from "@std/encoding/base64";

/** A master key and its name. */
export interface RingKey {
  /** 1 to 16 of `A–Z a–z 0–9 _ -`; every sealed text names its key by this. */
  readonly kid: string;
  /** 256 bits. */
  readonly secret: KeyObject;
}

/** At least one master key; the first one seals. */
export type Keyring = readonly [RingKey, ...RingKey[]];

/**
 * The text does not describe a usable keyring. The message contains no key
 * material.
 */
export class KeyringError extends Error {
  override readonly name = "KeyringError";
  /** One sentence per fault. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The keyring is not usable: ${faults.join("; ")}`);
    this.faults = faults;
  }
}

/**
 * Reads `kid:base64[,kid:base64…]`, keys of 32 bytes in padded base64
 * (RFC 4648 §4); spaces around an entry are ignored.
 *
 * @throws {KeyringError} With all faults. An entry is named by its position, and by its kid only
 * if that is well-formed: a misplaced key would not be.
 */
export function parseKeyring(text: string): Keyring {
  const faults: string[] = [];
  const keys: RingKey[] = [];
  const kids = new Set<string>();
  text.split(",").forEach((part, i) => {
    const entry = part.trim();
    const colon = entry.indexOf(":");
    const kid = entry.slice(0, Math.max(colon, 0));
    if (!/^[A-Za-z0-9_-]{1,16}$/.test(kid)) {
      faults.push(
        `entry ${
          i + 1
        } must be kid:base64, the kid 1 to 16 letters, digits, _ or -`,
      );
      return;
    }
    if (kids.has(kid)) faults.push(`entry ${i + 1} repeats the kid ${kid}`);
    kids.add(kid);
    const bytes = decodeKey(entry.slice(colon + 1));
    if (bytes === undefined) {
      faults.push(
        `entry ${i + 1} (${kid}) must hold 32 bytes in padded base64`,
      );
      return;
    }
    const secret = createSecretKey(bytes);
    bytes.fill(0);
    // KeyObject compares in constant time.
    // deno-lint-ignore offcode/secret-comparison
    const same = keys.find((key) => key.secret.equals(secret));
    if (same !== undefined && same.kid !== kid) {
      faults.push(`entry ${i + 1} (${kid}) is the same key as ${same.kid}`);
    }
    keys.push({ kid, secret });
  });
  const [first, ...others] = keys;
  if (faults.length > 0 || first === undefined) throw new KeyringError(faults);
  return [first, ...others];
}

/**
 * 32 bytes; `undefined` if the text has another length or is not canonical
 * base64.
 */
function decodeKey(base64: string): Uint8Array | undefined {
  try {
    const bytes = decodeBase64(base64);
    const exact = bytes.length === 32 && encodeBase64(bytes) === base64;
    return exact ? bytes : undefined;
  } catch {
    return undefined;
  }
}
