/**
 * The store of tasks that look into it beside the edges, by the settings that the server
 * reads.
 *
 * @module
 */

import { systemClock, systemRandom } from "../edge/base/clock.ts";
import { type Config, readConfig } from "../edge/boot/config.ts";
import { withMasterKeysFile } from "../edge/boot/master_keys_file.ts";
import type { StoreConfig } from "../edge/boot/store_config.ts";
import { createPresence } from "../edge/health/presence.ts";
import { openStore, startFault } from "../edge/main.ts";
import {
  type ListableStore,
  type Store,
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
 * @param isNew Whether the store may be made.
 * @throws {InputError} If the file of the store is not there, because a store that is made
 * by looking at it would hold nothing; and if the store does not answer.
 */
export async function withStore<T>(
  config: StoreConfig,
  work: (store: ListableStore) => Promise<T>,
  { onFault = "start again", isNew = false }: {
    readonly onFault?: string;
    readonly isNew?: boolean;
  } = {},
): Promise<T> {
  if (config.kind === "sqlite" && !isNew) {
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

/** At the presence; see `main.ts`. */
const PRESENCE_EVERY_MS = 5_000;

/**
 * Says in the store that this task uses it while it does some work.
 *
 * @throws {InputError} If the records are being moved, or are in another store.
 */
export async function whilePresent<T>(
  store: Store,
  work: () => Promise<T>,
): Promise<T> {
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
    return await work();
  } finally {
    clearInterval(timer);
    await presence.end();
  }
}
