/**
 * Everything that stands in a store's SQLite file, past the port: for tests
 * that nothing was changed, or that something is nowhere.
 *
 * @module
 */

import { LimitedCommand } from "../http/command.ts";
import { DatabaseSync } from "node:sqlite";

/** Every row of every table, as JSON, in a fixed order. */
export function dumpStore(path: string): string[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = db.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    ).all().map((row) => row.name as string);
    return tables.flatMap((table) =>
      db.prepare(`SELECT * FROM ${table}`).all()
        .map((row) => `${table} ${JSON.stringify(row)}`).sort()
    );
  } finally {
    db.close();
  }
}

/**
 * The bytes of the file, of its log and of the log's index, read by another
 * process: closing a descriptor here would drop this process's locks on the
 * file.
 */
export async function storeBytes(path: string): Promise<Uint8Array> {
  const { success, stdout } = await new LimitedCommand("cat", {
    args: [path, `${path}-wal`, `${path}-shm`],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("The store's files cannot be read");
  return stdout;
}
