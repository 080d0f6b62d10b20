/**
 * Keys for a first start without any settings. They are made once, kept in a file
 * that only its owner may read, and never used if real keys are set.
 *
 * @module
 */

import { encodeBase64 } from "@std/encoding/base64";
import type { Random } from "../base/clock.ts";
import type { ServerKeys } from "./config.ts";
import { newApiKey, newId } from "../base/ids.ts";
import { parseKeyring } from "../vault/keyring.ts";

/** Development keys, and the file that holds them. */
export interface DevelopmentKeys {
  readonly keys: ServerKeys;
  /** Whether this start made them. */
  readonly made: boolean;
  readonly path: string;
}

interface KeyFile {
  readonly admin_key: string;
  readonly master_keys: string;
}

/**
 * Reads the development keys, or makes them if there are none. If several processes
 * start at the same moment, the first file in place is used by all of them.
 */
export async function developmentKeys(
  path: string,
  random: Random,
): Promise<DevelopmentKeys> {
  const fresh: KeyFile = {
    admin_key: newApiKey(random, "test"),
    master_keys: `development:${encodeBase64(random.bytes(32))}`,
  };
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  // The file is written under another name and then linked, so that no other
  // process can read a half-written file.
  const draft = `${path}.${newId("req", random)}`;
  await Deno.writeTextFile(draft, `${JSON.stringify(fresh, null, 2)}\n`, {
    createNew: true,
    mode: 0o600,
  });
  let made = true;
  try {
    await Deno.link(draft, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    made = false;
  } finally {
    await Deno.remove(draft);
  }
  return { keys: await readKeys(path), made, path };
}

/**
 * The file of development keys is damaged. The text shows none of its content.
 */
export class DevelopmentKeysError extends Error {
  override readonly name = "DevelopmentKeysError";

  constructor(path: string, options?: ErrorOptions) {
    super(
      `${path} holds no development keys: repair it, or remove it together ` +
        "with the store that was sealed under them",
      options,
    );
  }
}

async function readKeys(path: string): Promise<ServerKeys> {
  try {
    const file: KeyFile = JSON.parse(await Deno.readTextFile(path));
    if (!/^[\x21-\x7e]{32,512}$/.test(file.admin_key)) {
      throw new TypeError("The admin key is none");
    }
    return {
      adminKey: file.admin_key,
      keyring: parseKeyring(file.master_keys),
    };
  } catch {
    // The parser's error quotes the file, so it is not the cause of ours.
    throw new DevelopmentKeysError(path);
  }
}
