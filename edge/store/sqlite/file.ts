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
import { StoreUnavailableError } from "../store.ts";

/** Version of the tables below; kept in `PRAGMA user_version`. */
export const SCHEMA_VERSION = 2;

const SCHEMA = [
  // Rows are appended, and found by an index on their name: a tree ordered by
  // name would spread new records over as many pages. A map is one row with its
  // fields as JSON, so that it is read and written at once.
  `CREATE TABLE value_record (
    name TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL,
    is_map INTEGER NOT NULL DEFAULT 0,
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
 * Makes the file and its folder if they are missing. Only their owner may use them.
 *
 * @throws {StoreUnavailableError} `refused`, if there is a log without its file.
 * @throws {Error} What `node:fs` throws.
 */
export function prepareFile(path: string): void {
  const there = statOf(path);
  if (there !== undefined && !there.isFile()) {
    throw new StoreUnavailableError("unreachable", {
      cause: new Error("The path is not that of a file"),
    });
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite deletes a log without its file, and so the transactions of a file that was moved
  // away. The log is checked first, so that a file that another process makes at this moment is
  // not taken for a missing one.
  const hasLog = (statOf(`${path}-wal`)?.size ?? 0) > 0;
  if (hasLog && (statOf(path)?.size ?? 0) === 0) {
    throw refused("There is a log at the path, but not its file");
  }
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
  }
}

/**
 * Gives SQLite's side files the mode of the file. SQLite does so when it makes them, but the
 * mode of the file may have changed since.
 *
 * @throws {Error} What `node:fs` throws.
 */
export function alignSideFiles(path: string): void {
  const mode = (statOf(path)?.mode ?? 0) & 0o777;
  for (const name of [`${path}-wal`, `${path}-shm`]) setMode(name, mode);
}

/**
 * Takes the rights of other users from a file that is known to be a store.
 *
 * @throws {Error} What `node:fs` throws.
 */
export function takeOthersRights(path: string): void {
  setMode(path, (statOf(path)?.mode ?? 0) & 0o700);
  alignSideFiles(path);
}

function setMode(path: string, mode: number): void {
  const stat = statOf(path);
  if (stat !== undefined && (stat.mode & 0o777) !== mode) chmodSync(path, mode);
}

function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false });
}

/**
 * The identity of the file at `path`, which is unique while the file is open; `null` if there
 * is none.
 *
 * @throws {Error} What `node:fs` throws.
 */
export function fileIdentity(path: string): string | null {
  const stat = statOf(path);
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}

/** Whether the file is empty. */
export function isEmpty(path: string): boolean {
  return statOf(path)?.size === 0;
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version);
}

/**
 * Makes sure that the file has the tables that this program knows.
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
 * Refuses a file of another program, so that it is not changed. A file is a store if it is
 * empty or has the tables of one.
 *
 * @throws {StoreUnavailableError} `refused`, if it is not ours or is newer.
 * @throws {Error} What `node:sqlite` throws.
 */
export function refuseForeign(db: DatabaseSync): void {
  // Both questions are asked in one transaction, because another process could make the tables
  // between them.
  db.prepare("BEGIN").run();
  try {
    requireOurs(db);
  } finally {
    db.prepare("ROLLBACK").run();
  }
}

function requireOurs(db: DatabaseSync): void {
  if (versionOf(db) !== 0) return requireSchema(db);
  const tables = db.prepare("SELECT 1 FROM sqlite_master LIMIT 1");
  if (tables.get() !== undefined) {
    throw refused("The file belongs to another program");
  }
}

/**
 * Makes the tables in an empty file. Also checks that the file can be written, because an edge
 * that can only read must not start.
 *
 * @throws {StoreUnavailableError} `refused`, if the file has a newer schema or
 * belongs to another program.
 * @throws {Error} What `node:sqlite` throws.
 */
export function migrate(db: DatabaseSync): void {
  db.prepare("BEGIN IMMEDIATE").run();
  try {
    requireOurs(db);
    if (versionOf(db) === 0) {
      for (const sql of SCHEMA) db.prepare(sql).run();
    }
    // The version is written even if it is right, because only a write shows that the file can
    // be written.
    db.prepare(`PRAGMA user_version = ${SCHEMA_VERSION}`).run();
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
