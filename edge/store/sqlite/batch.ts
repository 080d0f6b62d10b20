/**
 * The records as the transactions of one batch see them. Each name is looked up once. Every
 * transaction sees the writes of those before it. Only the last state of a record is written to
 * the file.
 *
 * Indexes are changed at once, in order. Values and maps are written by
 * {@linkcode SqliteBatch.flush}. After a rollback the batch must not be used any more.
 *
 * @module
 */

import type {
  Decision,
  IndexChange,
  LiveMap,
  LiveRecord,
  LiveValue,
  RecordReader,
} from "../decide.ts";
import type { SqliteConnection } from "./connection.ts";
import { StoreUnavailableError } from "../store.ts";
import type { Uses } from "../validate.ts";

/** The records of an open transaction, and the changes that are not written yet. */
export class SqliteBatch implements RecordReader {
  readonly #connection: SqliteConnection;
  readonly #nowMs: number;
  readonly #records = new Map<string, LiveRecord>();
  /** Names whose value has expired but is still in the file. */
  readonly #expired = new Set<string>();
  /** Values and maps that are to be written; `null`: removed. */
  readonly #written = new Map<string, LiveValue | LiveMap | null>();

  /** The records of an open transaction of `connection` at `nowMs`. */
  constructor(connection: SqliteConnection, nowMs: number) {
    this.#connection = connection;
    this.#nowMs = nowMs;
  }

  record(name: string): LiveRecord {
    let record = this.#records.get(name);
    if (record === undefined) {
      record = this.#lookUp(name);
      this.#records.set(name, record);
    }
    return record;
  }

  firstMember(index: string): string | null {
    return this.#connection.firstMember(index);
  }

  #lookUp(name: string): LiveRecord {
    const { record, hasMembers } = this.#connection.record(name);
    if (record === null) return hasMembers ? "index" : null;
    const { expiresAtMs } = record;
    if (expiresAtMs !== null && expiresAtMs <= this.#nowMs) {
      this.#expired.add(name);
      return hasMembers ? "index" : null;
    }
    if (hasMembers) throw new StoreUnavailableError("corrupt");
    return record;
  }

  /** Makes the changes of a transaction that commits. `uses` are the names in it. */
  apply({ records, indexChanges }: Decision, uses: Uses): void {
    for (const name of this.#expired.size === 0 ? [] : namesOf(uses)) {
      // An index may be made under the name of a value that has expired.
      if (this.#expired.delete(name)) this.#written.set(name, null);
    }
    for (const [name, record] of records) {
      this.#written.set(name, record);
      this.#records.set(name, record);
    }
    for (const change of indexChanges) this.#change(change);
  }

  #change(change: IndexChange): void {
    const { index } = change;
    // The next look-up of the name must not find the old row in the file.
    const removed = this.#written.get(index);
    if (removed !== undefined) {
      this.#connection.put(index, removed);
      this.#written.delete(index);
    }
    this.#connection.change(change);
    if (change.kind === "index") this.#records.set(index, "index");
    else this.#records.delete(index);
  }

  /** Writes the records as they are now. Returns how many were written. */
  flush(): number {
    for (const [name, record] of this.#written) {
      this.#connection.put(name, record);
    }
    return this.#written.size;
  }
}

function namesOf({ values, maps, indexes, others }: Uses): readonly string[] {
  return [...values.texts, ...maps.texts, ...indexes.texts, ...others];
}
