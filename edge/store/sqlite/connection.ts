/**
 * One open SQLite file with the statements of the store. It is durable by a write-ahead log
 * and an fsync on every commit. It only reads and writes records; `decide.ts` computes what a
 * transaction writes.
 *
 * @module
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { IndexChange, LiveMap, LiveValue } from "../decide.ts";
import {
  alignSideFiles,
  fileIdentity,
  isEmpty,
  migrate,
  refuseForeign,
  requireSchema,
  takeOthersRights,
} from "./file.ts";
import { fromColumn, toColumn } from "./text.ts";
import {
  type IndexEntry,
  type RangeQuery,
  type StoredMap,
  type StoredValue,
  type StoreFault,
  StoreUnavailableError,
} from "../store.ts";

/**
 * An expired value is removed from the file an hour later. If the clock jumps ahead and back
 * within that hour, the value is still there.
 */
const PURGE_GRACE_MS = 3_600_000;

/** An open file. Every method may throw the errors of `node:sqlite`. */
export class SqliteConnection {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #begin: StatementSync;
  readonly #beginImmediate: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #value: StatementSync;
  readonly #member: StatementSync;
  readonly #first: StatementSync;
  readonly #rangeFrom: StatementSync;
  readonly #rangeAfter: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #index: StatementSync;
  readonly #indexLower: StatementSync;
  readonly #unindex: StatementSync;
  readonly #clear: StatementSync;
  readonly #purge: StatementSync;
  readonly #names: StatementSync;
  /**
   * These statements are made when they are first used, because an edge uses none of
   * them.
   */
  #records: StatementSync | undefined;
  #indexName: StatementSync | undefined;

  /**
   * Opens the file at the absolute `path`, which must exist. With `create` the tables are made
   * in an empty file. Waits at most `timeoutMs` for other processes that open the file, and
   * blocks the thread meanwhile.
   */
  constructor(path: string, { create = false, timeoutMs = 0 } = {}) {
    this.#path = path;
    const file = fileIdentity(path);
    if (file === null) throw fault("unreachable", "The file is not there");
    this.#file = file;
    // A log beside an empty file belongs to a file that was moved away. SQLite would delete
    // that log.
    if (!create && isEmpty(path)) throw fault("refused", "The file is empty");
    alignSideFiles(path);
    this.#db = new DatabaseSync(path);
    try {
      const sql = (text: string) => this.#db.prepare(text);
      sql(`PRAGMA busy_timeout = ${timeoutMs}`).get();
      // This is the first access to the file. If the statements below were the first one, a
      // fault would come from prepare(), whose error has no result code on Deno 2.5.
      sql("PRAGMA user_version").get();
      refuseForeign(this.#db);
      takeOthersRights(path);
      const mode = sql("PRAGMA journal_mode = WAL").get();
      if (mode?.journal_mode !== "wal") {
        throw fault("refused", "The file system bears no write-ahead log");
      }
      sql("PRAGMA synchronous = FULL").run();
      // Deleted content is overwritten, so that no sealed seed remains in a free part of the
      // file.
      sql("PRAGMA secure_delete = ON").get();
      this.#begin = sql("BEGIN");
      this.#beginImmediate = sql("BEGIN IMMEDIATE");
      this.#commit = sql("COMMIT");
      this.#rollback = sql("ROLLBACK");
      if (create) migrate(this.#db);
      else requireSchema(this.#db);
      // From here on waiting for a lock must not block the thread.
      sql("PRAGMA busy_timeout = 0").get();

      // The name is bound twice, because Deno 2.5 cannot use a numbered parameter
      // in two places.
      this.#value = sql(`SELECT value, is_map, expires_at_ms,
          EXISTS (SELECT 1 FROM index_member WHERE index_name = ?) AS members
        FROM value_record WHERE name = ?`);
      this.#member = sql(`SELECT 1 FROM index_member
        WHERE index_name = ? LIMIT 1`);
      this.#first = sql(`SELECT member FROM index_member
        WHERE index_name = ? ORDER BY score, member LIMIT 1`);
      this.#rangeFrom = inArrays(sql(`SELECT score, member FROM index_member
        WHERE index_name = ? AND score >= ? AND score <= ?
        ORDER BY score, member LIMIT ?`));
      this.#rangeAfter = inArrays(sql(`SELECT score, member FROM index_member
        WHERE index_name = ? AND (score, member) > (?, ?) AND score <= ?
        ORDER BY score, member LIMIT ?`));
      this.#put = sql(`INSERT INTO value_record
          (name, value, is_map, expires_at_ms)
        VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE
        SET value = excluded.value, is_map = excluded.is_map,
          expires_at_ms = excluded.expires_at_ms`);
      this.#remove = sql("DELETE FROM value_record WHERE name = ?");
      const index = `INSERT INTO index_member (index_name, member, score)
        VALUES (?, ?, ?) ON CONFLICT (index_name, member) DO UPDATE
        SET score = excluded.score`;
      this.#index = sql(index);
      this.#indexLower = sql(`${index} WHERE excluded.score < score`);
      this.#unindex = sql(`DELETE FROM index_member
        WHERE index_name = ? AND member = ?`);
      this.#clear = sql("DELETE FROM index_member WHERE index_name = ?");
      this.#purge = sql(`DELETE FROM value_record WHERE rowid IN (
        SELECT rowid FROM value_record WHERE expires_at_ms <= ?
        ORDER BY expires_at_ms LIMIT ?)`);
      this.#names = sql(`SELECT name FROM value_record
        WHERE name >= ? AND name > ? AND name <= ? AND is_map = 0
          AND (expires_at_ms IS NULL OR expires_at_ms > ?)
        ORDER BY name LIMIT ?`);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Whether the file at the path is still the one that is open. */
  isInPlace(): boolean {
    return fileIdentity(this.#path) === this.#file;
  }

  /** Starts a snapshot. */
  begin(): void {
    this.#begin.run();
  }

  /** Starts a transaction and takes the write lock, or throws at once. */
  beginImmediate(): void {
    this.#beginImmediate.run();
  }

  /** Commits. The writes are on the disk when this returns. */
  commit(): void {
    this.#commit.run();
  }

  /** Rolls back, unless SQLite has done so by itself, as it does after some faults. */
  rollback(): void {
    try {
      this.#rollback.run();
    } catch {
      // No transaction is open.
    }
  }

  /** Closes the file. The connection must not be used afterwards. */
  close(): void {
    try {
      this.#db.close();
    } catch {
      // It was closed before, so there is nothing to free.
    }
  }

  /** The record at a name in the file, also if it has expired. */
  record(
    name: string,
  ): { record: LiveValue | LiveMap | null; hasMembers: boolean } {
    const column = toColumn(name);
    const row = this.#value.get(column, column) as {
      value: string;
      is_map: number;
      expires_at_ms: number | null;
      members: number;
    } | undefined;
    if (row === undefined) {
      const hasMembers = this.#member.get(column) !== undefined;
      return { record: null, hasMembers };
    }
    const hasMembers = row.members === 1;
    const expiresAtMs = row.expires_at_ms;
    if (row.is_map === 0) {
      return {
        record: { value: fromColumn(row.value), expiresAtMs },
        hasMembers,
      };
    }
    const fields = fieldsOf(row.value);
    return { record: { fields, expiresAtMs }, hasMembers };
  }

  /** First member of an index, by score, then bytes; `null`: empty. */
  firstMember(index: string): string | null {
    const row = this.#first.get(toColumn(index));
    return row === undefined ? null : fromColumn(row.member as string);
  }

  /** One page of an index. */
  range({ index, min, max, after, limit }: RangeQuery): IndexEntry[] {
    const name = toColumn(index);
    // An `after` below the lowest score excludes nothing.
    const rows = after !== undefined && after.score >= min
      ? this.#rangeAfter
        .all(name, after.score, toColumn(after.member), max, limit)
      : this.#rangeFrom.all(name, min, max, limit);
    return (rows as unknown as Row[]).map(toEntry);
  }

  /** Names of live values from `first` to `last`, after `after`, by bytes. */
  names(
    first: string,
    after: string,
    last: string,
    nowMs: number,
    limit: number,
  ): string[] {
    const [from, past, to] = [first, after, last].map(toColumn);
    return this.#names.all(from!, past!, to!, nowMs, limit)
      .map((row) => fromColumn(row.name as string));
  }

  /**
   * Live values and maps with names from `first` to `last`, in the order of their rows, after
   * the row `after`.
   */
  records(
    { first, last, nowMs, limit }: Listing,
    after: number,
  ): { row: number; record: StoredValue | StoredMap }[] {
    // The plus keeps SQLite from using the index on names, which would return the rows
    // in another order.
    this.#records ??= this.#db.prepare(`SELECT rowid, name, value, is_map,
        expires_at_ms FROM value_record
      WHERE rowid > ? AND +name >= ? AND +name <= ?
        AND (expires_at_ms IS NULL OR expires_at_ms > ?)
      ORDER BY rowid LIMIT ?`);
    const [from, to] = [first, last].map(toColumn);
    const rows = this.#records.all(after, from!, to!, nowMs, limit);
    return (rows as unknown as RecordRow[]).map((row) => ({
      row: row.rowid,
      record: {
        name: fromColumn(row.name),
        expiresAtMs: row.expires_at_ms,
        ...row.is_map === 0
          ? { kind: "value", value: fromColumn(row.value) }
          : { kind: "map", fields: [...fieldsOf(row.value)] },
      },
    }));
  }

  /** Names of indexes from `first` to `last`, after `after`, by bytes. */
  indexes({ first, last, limit }: Listing, after: string): string[] {
    // The next name is searched for one by one, because a query for several distinct
    // names would read all members.
    this.#indexName ??= this.#db.prepare(`SELECT index_name FROM index_member
      WHERE index_name >= ? AND index_name > ? AND index_name <= ?
      ORDER BY index_name LIMIT 1`);
    const [from, to] = [first, last].map(toColumn);
    const found: string[] = [];
    let past = toColumn(after);
    while (found.length < limit) {
      const row = this.#indexName.get(from!, past, to!);
      if (row === undefined) break;
      past = row.index_name as string;
      found.push(fromColumn(past));
    }
    return found;
  }

  /** Writes or removes one value or map. */
  put(name: string, record: LiveValue | LiveMap | null): void {
    const column = toColumn(name);
    if (record === null) this.#remove.run(column);
    else if ("value" in record) {
      this.#put.run(column, toColumn(record.value), 0, record.expiresAtMs);
    } else {
      // A JSON text contains no NUL, because control characters are escaped in it.
      const fields = JSON.stringify(Object.fromEntries(record.fields));
      this.#put.run(column, fields, 1, record.expiresAtMs);
    }
  }

  /** Makes one change of an index. */
  change(change: IndexChange): void {
    const index = toColumn(change.index);
    switch (change.kind) {
      case "clear":
        this.#clear.run(index);
        break;
      case "unindex":
        this.#unindex.run(index, toColumn(change.member));
        break;
      case "index": {
        const put = change.onlyIfLower === true
          ? this.#indexLower
          : this.#index;
        put.run(index, toColumn(change.member), change.score);
      }
    }
  }

  /** Removes up to `limit` values that have expired long before `nowMs`. */
  purge(nowMs: number, limit: number): void {
    this.#purge.run(nowMs - PURGE_GRACE_MS, limit);
  }
}

/** Which records are listed. */
export interface Listing {
  readonly first: string;
  readonly last: string;
  readonly nowMs: number;
  readonly limit: number;
}

interface RecordRow {
  readonly rowid: number;
  readonly name: string;
  readonly value: string;
  readonly is_map: number;
  readonly expires_at_ms: number | null;
}

/** The fields of a map's row. */
function fieldsOf(json: string): ReadonlyMap<string, string> {
  try {
    return new Map(Object.entries<string>(JSON.parse(json)));
  } catch {
    // The parser's error quotes the text, so it is not passed on.
    throw new StoreUnavailableError("corrupt");
  }
}

/** A row of a page, which begins with the score. */
type Row = [number, string] | { score: number; member: string };

/**
 * Lets a statement return rows as arrays, which take a third less time than objects. Deno 2.5
 * still returns objects.
 */
function inArrays(statement: StatementSync): StatementSync {
  const { setReturnArrays } = statement as {
    setReturnArrays?: (enabled: boolean) => void;
  };
  setReturnArrays?.call(statement, true);
  return statement;
}

function toEntry(row: Row): IndexEntry {
  const [score, member] = Array.isArray(row) ? row : [row.score, row.member];
  return { score, member: fromColumn(member) };
}

function fault(fault: StoreFault, reason: string): StoreUnavailableError {
  return new StoreUnavailableError(fault, { cause: new Error(reason) });
}
