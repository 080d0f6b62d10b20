/**
 * Keys that HKDF-SHA-256 (RFC 5869) derives from master keys, one for each use. They are
 * cached, because deriving a key takes as long as opening several seeds.
 *
 * @module
 */

import { hkdfSync } from "node:crypto";
import { type Field, fields } from "./fields.ts";
import type { RingKey } from "./keyring.ts";

const KEY_BYTES = 32;

/** What a key is for; no two uses share a key. */
export type Use = readonly Field[];

/** A cache of derived keys. It wipes the oldest to make room. */
export class DerivedKeys {
  readonly #most: number;
  readonly #keys = new Map<string, Uint8Array>();

  /** At most `most` keys are kept, 1 or more. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The key of a use. The next call may wipe it. */
  derive(ringKey: RingKey, use: Use): Uint8Array {
    return this.deriveNamed(nameOf(ringKey, use), ringKey, use);
  }

  /**
   * The same as `derive`, for a caller that has kept the {@linkcode nameOf} of
   * the use.
   */
  deriveNamed(name: string, ringKey: RingKey, use: Use): Uint8Array {
    let key = this.#keys.get(name);
    if (key === undefined) {
      // RFC 5869 §3.1: a uniformly random input key needs no salt.
      key = new Uint8Array(
        hkdfSync("sha256", ringKey.secret, "", fields(use), KEY_BYTES),
      );
      for (const [oldest, old] of this.#keys) {
        if (this.#keys.size < this.#most) break;
        old.fill(0);
        this.#keys.delete(oldest);
      }
      this.#keys.set(name, key);
    }
    return key;
  }
}

/** The name of a derived key in the cache. */
export function nameOf(ringKey: RingKey, use: Use): string {
  return JSON.stringify([ringKey.kid, ...use]);
}
