/**
 * The store of tasks that look into it beside the edges, by the settings that the server
 * reads.
 *
 * @module
 */

import { systemClock, systemRandom } from "../edge/base/clock.ts";
import { type Config, readConfig } from "../edge/boot/config.ts";
import { withMasterKeysFile } from "../edge/boot/master_keys_file.ts";
import {
  type Environment,
  misspelledSettings,
  settingsOf,
} from "../edge/boot/setting_table.ts";
import { readStore, type StoreConfig } from "../edge/boot/store_config.ts";
import { PRESENCE_EVERY_MS } from "../edge/boot/background.ts";
import { createPresence } from "../edge/health/presence.ts";
import { openStore, startFault } from "../edge/main.ts";
import { cellsFault } from "../edge/store/celled/fingerprint.ts";
import {
  type ListableStore,
  StoreUnavailableError,
} from "../edge/store/store.ts";
import { InputError } from "./command.ts";

/**
 * The settings of the store alone.
 *
 * @throws {InputError} If one cannot be used; it names each.
 */
export function readStoreConfig(env: Environment): StoreConfig {
  const faults = misspelledSettings(env);
  const config = readStore(settingsOf(env), faults);
  if (faults.length > 0) throw new InputError(faults.join("\n"));
  return config;
}

/**
 * The same as {@linkcode withNewStore} for a store that must exist already.
 *
 * @param absent The message if its file does not exist. The file is not made, because a new
 * store would hold no records.
 * @throws {InputError} If its file is not there.
 */
export async function withStore<T>(
  config: StoreConfig,
  work: (store: ListableStore) => Promise<T>,
  absent = "OFFCODE_STORE names a file that is not there",
): Promise<T> {
  if (config.kind === "sqlite") {
    await Deno.stat(config.path).catch(() => {
      throw new InputError(absent);
    });
  }
  return await withNewStore(config, work);
}

/**
 * As {@linkcode withStore}, for a store whose cells must be as the settings say.
 *
 * @throws {InputError} If its file is not there, or its cells are others.
 */
export async function withFitStore<T>(
  config: StoreConfig,
  work: (store: ListableStore) => Promise<T>,
): Promise<T> {
  return await withStore(config, async (store) => {
    const fault = await cellsFault(store);
    if (fault !== null) throw new InputError(`OFFCODE_STORE: ${fault}`);
    return await work(store);
  });
}

/**
 * Opens a store, or makes it, calls `work` with it, and closes it afterwards.
 *
 * @throws {InputError} If the store does not answer.
 */
export async function withNewStore<T>(
  config: StoreConfig,
  work: (store: ListableStore) => Promise<T>,
): Promise<T> {
  try {
    const store = await openStore(config, systemClock);
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    throw new InputError(`${error.message}; start again`);
  }
}

/**
 * Opens the server's store, calls `work` with it, and closes it afterwards. Meanwhile a
 * record in the store says that this task uses it.
 *
 * @throws {InputError} If a setting cannot be used, and if the records are being moved, or
 * are in another store.
 */
export async function withServerStore<T>(
  work: (store: ListableStore, config: Config) => Promise<T>,
): Promise<T> {
  let config: Config;
  try {
    config = readConfig(await withMasterKeysFile(Deno.env.toObject()));
  } catch (error) {
    throw new InputError(startFault(error));
  }
  return await withFitStore(config.store, async (store) => {
    const presence = createPresence({
      store,
      random: systemRandom,
      monotonicMs: () => performance.now(),
      log: () => {},
      place: `${Deno.hostname()}, process ${Deno.pid}`,
    });
    const moved = await presence.refusal();
    if (moved !== null) throw new InputError(moved);
    const renew = () => void presence.refusal().catch(() => {});
    const timer = setInterval(renew, PRESENCE_EVERY_MS);
    try {
      return await work(store, config);
    } finally {
      clearInterval(timer);
      await presence.end();
    }
  });
}
