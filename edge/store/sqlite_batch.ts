/**
 * The records as the transactions of one batch see them: each name is looked
 * up once, every transaction sees what those before it have written, and of a
 * value only what stands at the end goes to the file.
 *
 * Changes of indexes are made at once, in their order; values wait for
 * {@linkcode SqliteBatch.flush}. Who rolls back drops the batch with it.
 *
 * @module
 */

import type {
  Decision,
  IndexChange,
  LiveRecord,
  LiveValue,
  View,
} from "./decide.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";
import { StoreUnavailableError } from "./store.ts";
import type { Uses } from "./validate.ts";

/** The records at one moment, and what is to become of them. */
export class SqliteBatch implements View {
  readonly #connection: SqliteConnection;
  readonly #nowMs: number;
  readonly #records = new Map<string, LiveRecord>();
  /** Names whose value has ended and still stands in the file. */
  readonly #expired = new Set<string>();
  /** Values that are to be written; `null`: removed. */
  readonly #values = new Map<string, LiveValue | null>();

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
    const { value, hasMembers } = this.#connection.record(name);
    if (value === null) return hasMembers ? "index" : null;
    const { expiresAtMs } = value;
    if (expiresAtMs !== null && expiresAtMs <= this.#nowMs) {
      this.#expired.add(name);
      return hasMembers ? "index" : null;
    }
    if (hasMembers) throw new StoreUnavailableError("corrupt");
    return value;
  }

  /** Makes the changes of a transaction that commits; `uses` are its names. */
  apply({ values, indexChanges }: Decision, uses: Uses): void {
    for (const name of uses.names) {
      // Where a value has ended an index may begin.
      if (this.#expired.delete(name)) this.#values.set(name, null);
    }
    for (const [name, value] of values) {
      this.#values.set(name, value);
      this.#records.set(name, value);
    }
    for (const change of indexChanges) this.#change(change);
  }

  #change(change: IndexChange): void {
    const { index } = change;
    // It is looked up again, and then must not be found in the file.
    const removed = this.#values.get(index);
    if (removed !== undefined) {
      this.#connection.put(index, removed);
      this.#values.delete(index);
    }
    this.#connection.change(change);
    if (change.kind === "index") this.#records.set(index, "index");
    else this.#records.delete(index);
  }

  /** Writes the values as they stand now; how many. */
  flush(): number {
    for (const [name, value] of this.#values) this.#connection.put(name, value);
    return this.#values.size;
  }
}
