/**
 * The store of tasks that look into it beside the edges, by the settings that the server
 * reads.
 *
 * @module
 */

import { systemClock } from "../edge/base/clock.ts";
import { type Config, readConfig } from "../edge/boot/config.ts";
import { withMasterKeysFile } from "../edge/boot/master_keys_file.ts";
import type { StoreConfig } from "../edge/boot/store_config.ts";
import { openStore, startFault } from "../edge/main.ts";
import {
  type ListableStore,
  StoreUnavailableError,
} from "../edge/store/store.ts";
import { InputError } from "./command.ts";

/**
 * The server's configuration.
 *
 * @throws {InputError} If a setting cannot be used.
 */
export async function readServerConfig(): Promise<Config> {
  try {
    return readConfig(await withMasterKeysFile(Deno.env.toObject()));
  } catch (error) {
    throw new InputError(startFault(error));
  }
}

/**
 * Gives a store to some work and closes it afterwards.
 *
 * @param onFault What the person who typed is told to do after a fault of the store.
 * @throws {InputError} If the file of the store is not there, because a store that is made
 * by looking at it would hold nothing; and if the store does not answer.
 */
export async function withStore<T>(
  config: StoreConfig,
  work: (store: ListableStore) => Promise<T>,
  onFault = "start again",
): Promise<T> {
  if (config.kind === "sqlite") {
    await Deno.stat(config.path).catch(() => {
      throw new InputError("OFFCODE_STORE names a file that is not there");
    });
  }
  try {
    const store = await openStore(config, systemClock);
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    throw new InputError(`${error.message}; ${onFault}`);
  }
}
