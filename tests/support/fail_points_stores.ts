/**
 * Stores for processes that are killed: each has a location that a process of
 * its own can open, and one that was prepared can be copied.
 *
 * @module
 */

import type { Clock } from "../../edge/clock.ts";
import { openSqliteStore } from "../../edge/store/sqlite.ts";
import type { Store } from "../../edge/store/store.ts";

/** One kind of store. */
export interface KillStores {
  /** A new, empty store in `folder`; its location. */
  create(folder: string): Promise<string>;
  /** A copy of a store that nobody has open, in `folder`; its location. */
  copy(location: string, folder: string): Promise<string>;
  open(location: string, clock: Clock): Promise<Store>;
  remove(location: string): Promise<void>;
}

const SQLITE = "sqlite:";

/** SQLite files, each in a folder of its own. */
const sqlite: KillStores = {
  create: (folder) => Promise.resolve(`${SQLITE}${folder}/offcode.db`),
  async copy(location, folder) {
    // With the write-ahead log, if there is one.
    for (const suffix of ["", "-wal"]) {
      await Deno.copyFile(
        location.slice(SQLITE.length) + suffix,
        `${folder}/offcode.db${suffix}`,
      ).catch((error) => {
        if (suffix === "") throw error;
      });
    }
    return `${SQLITE}${folder}/offcode.db`;
  },
  open: (location, clock) =>
    Promise.resolve(
      openSqliteStore({ path: location.slice(SQLITE.length), clock }),
    ),
  // It goes with its folder.
  remove: () => Promise.resolve(),
};

/** Every kind; the scheme of a location names it. */
export const KILL_STORES: Readonly<Record<string, KillStores>> = { sqlite };

/** The kind of store at a location. */
export function storesOf(location: string): KillStores {
  const stores = KILL_STORES[new URL(location).protocol.slice(0, -1)];
  if (stores === undefined) throw new TypeError("No such kind of store");
  return stores;
}
