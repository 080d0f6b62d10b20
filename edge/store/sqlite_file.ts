/**
 * The SQLite file itself: its place, its mode, and the version of its tables.
 *
 * No descriptor of an existing file is ever opened beside SQLite's own: closing
 * one would drop the process's POSIX locks (https://sqlite.org/howtocorrupt.html).
 *
 * @module
 */

import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError } from "./store.ts";

/** Version of the tables below; kept in `PRAGMA user_version`. */
export const SCHEMA_VERSION = 1;

const SCHEMA = [
  // Rows are appended and found through the index on their name: records of
  // half a kilobyte would spread a tree ordered by name over too many pages.
  `CREATE TABLE value_record (
    name TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL,
    expires_at_ms INTEGER
  ) STRICT`,
  `CREATE INDEX value_expiry ON value_record (expires_at_ms)
    WHERE expires_at_ms IS NOT NULL`,
  `CREATE TABLE index_member (
    index_name TEXT NOT NULL,
    member TEXT NOT NULL,
    score INTEGER NOT NULL CHECK (score >= 0),
    PRIMARY KEY (index_name, member)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX member_order ON index_member (index_name, score, member)`,
];

/**
 * Makes the file and its folder where they are missing, for the owner alone,
 * and takes others' rights from files that are there.
 *
 * @throws {Error} What `node:fs` throws.
 */
export function prepareFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // SQLite gives its side files the mode of the main one.
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
  }
  for (const name of [path, `${path}-wal`, `${path}-shm`]) {
    const mode = statSync(name, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && (mode & 0o077) !== 0) {
      chmodSync(name, mode & 0o700);
    }
  }
}

/** Which file is at `path`; `null`: none. Two files never share an answer. */
export function fileIdentity(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version);
}

/**
 * Makes sure that the file holds the tables that this program knows.
 *
 * @throws {StoreUnavailableError} `refused`, if it does not.
 * @throws {Error} What `node:sqlite` throws.
 */
export function requireSchema(db: DatabaseSync): void {
  const version = versionOf(db);
  if (version !== SCHEMA_VERSION) {
    throw refused(
      `The file has schema ${version}; this program knows ${SCHEMA_VERSION}`,
    );
  }
}

/**
 * Makes the tables in an empty file; does nothing where they are.
 *
 * @throws {StoreUnavailableError} `refused`, if the file has a newer schema or
 * belongs to another program.
 * @throws {Error} What `node:sqlite` throws.
 */
export function migrate(db: DatabaseSync): void {
  if (versionOf(db) === SCHEMA_VERSION) return;
  db.prepare("BEGIN IMMEDIATE").run();
  try {
    // Another process may have made them meanwhile.
    if (versionOf(db) === 0) {
      const tables = db.prepare("SELECT 1 FROM sqlite_master LIMIT 1");
      if (tables.get() !== undefined) {
        throw refused("The file belongs to another program");
      }
      for (const sql of SCHEMA) db.prepare(sql).run();
      db.prepare(`PRAGMA user_version = ${SCHEMA_VERSION}`).run();
    }
    requireSchema(db);
    db.prepare("COMMIT").run();
  } catch (error) {
    try {
      db.prepare("ROLLBACK").run();
    } catch {
      // SQLite has rolled it back by itself.
    }
    throw error;
  }
}

function refused(reason: string): StoreUnavailableError {
  return new StoreUnavailableError("refused", { cause: new Error(reason) });
}
