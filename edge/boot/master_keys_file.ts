/**
 * Reads master keys from a file, for operators whose secrets are mounted as files.
 * A file is safer than the environment, which `ps`, crash reports and every child
 * process can show.
 *
 * @module
 */

import { ConfigError } from "./config.ts";
import type { Environment } from "./setting_table.ts";

const NAME = "OFFCODE_MASTER_KEYS_FILE";
/** The permission bits of the group and of all others. */
const OTHERS = 0o077;

/**
 * The environment with `OFFCODE_MASTER_KEYS` taken from the file that
 * `OFFCODE_MASTER_KEYS_FILE` names: the same text, with a comma or a line end
 * between keys. Without that variable it is unchanged.
 *
 * @throws {ConfigError} If both variables are set, the file cannot be read, or
 * anybody but its owner may read it. Its text is never shown.
 */
export async function withMasterKeysFile(
  env: Environment,
): Promise<Environment> {
  const path = env[NAME];
  if (!path) return env;
  if (env.OFFCODE_MASTER_KEYS) {
    throw new ConfigError([`Set OFFCODE_MASTER_KEYS or ${NAME}, not both`]);
  }
  let text: string;
  try {
    using file = await Deno.open(path);
    // The open file is asked, so that the file cannot be exchanged between the check
    // and the read.
    const { mode } = await file.stat();
    if (mode !== null && (mode & OTHERS) !== 0) {
      throw new ConfigError([
        `${NAME}: others than the owner may read the file: chmod 400 it`,
      ]);
    }
    text = await new Response(file.readable).text();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`${NAME}: the file cannot be read`]);
  }
  const keys = text.trim().replace(/\s*\n\s*/g, ",");
  if (keys === "") throw new ConfigError([`${NAME}: the file is empty`]);
  return { ...env, OFFCODE_MASTER_KEYS: keys };
}
