/**
 * SQLite stores in folders of their own, for tests.
 *
 * @module
 */

import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import type { StoreFactory } from "./fixture.ts";

/** Makes a store in a new folder. */
export const sqliteFactory: StoreFactory = async (clock) => {
  const folder = await Deno.makeTempDir({ prefix: "offcode-store-" });
  const open = () => openSqliteStore({ path: `${folder}/store.db`, clock });
  const store = open();
  return {
    store,
    reopen: () => Promise.resolve(open()),
    dispose: async () => {
      await store.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
};

/** Runs `body` with the path of a file that is not there yet. */
export async function withStorePath<T>(
  body: (path: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-store-" });
  try {
    return await body(`${folder}/store.db`, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
