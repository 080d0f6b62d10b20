/**
 * Environments and what is wrong with them.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import { ConfigError, readConfig } from "../../../edge/boot/config.ts";

/** An admin key. */
export const ADMIN_KEY = "0123456789abcdef0123456789abcdef";

/** A keyring of one key. */
export const MASTER_KEYS = `k1:${encodeBase64(new Uint8Array(32).fill(1))}`;

/** The keys that a server on more than one machine must be given. */
export const KEYS = {
  OFFCODE_ADMIN_KEY: ADMIN_KEY,
  OFFCODE_MASTER_KEYS: MASTER_KEYS,
};

/** The faults of an environment, none where it can be used. */
export function faults(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults;
  }
}
