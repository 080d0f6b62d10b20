/**
 * The store in an SQLite file. It is the default, for one machine. Several processes may share
 * the file.
 *
 * Transactions that arrive together run one after the other inside one SQLite transaction, so
 * that they share one fsync. The result of each is computed before its first write. A fault of
 * the file fails all transactions of the batch. Waiting for the lock of another process never
 * blocks the thread.
 *
 * @module
 */

import { resolve as resolvePath } from "node:path";
import { setTimeout } from "node:timers";
import type { Clock } from "../../base/clock.ts";
import { nextTurn } from "../../base/turn.ts";
import { decide, type Decision, requireKinds, textAt } from "../decide.ts";
import { SqliteBatch } from "./batch.ts";
import { SqliteConnection } from "./connection.ts";
import { sameCell } from "../keys.ts";
import { toStoreFault } from "./fault.ts";
import { prepareFile } from "./file.ts";
import {
  type IndexEntry,
  type ListableStore,
  nameOf,
  type NamePage,
  type RangeQuery,
  type ReadRequest,
  type RecordPage,
  type RestoredRecord,
  type RestoreLock,
  type Snapshot,
  StoreUnavailableError,
  type Transaction,
  type TxnResult,
} from "../store.ts";
import {
  MAX_NAME_BYTES,
  type Uses,
  validateRange,
  validateRead,
  validateTransaction,
} from "../validate.ts";

/** What {@linkcode openSqliteStore} needs. */
export interface SqliteStoreOptions {
  /** The path of the file. The file and its folder are made if they are missing. */
  readonly path: string;
  /** Decides what has expired. */
  readonly clock: Clock;
  /**
   * How long a call waits for other processes before it fails as `locked`,
   * milliseconds; 1 000 if not given.
   */
  readonly busyTimeoutMs?: number;
  /**
   * How long opening waits for processes that open or write the file, in milliseconds; 5 000 if
   * not given. It blocks the thread.
   */
  readonly openTimeoutMs?: number;
}

/** The most transactions of one batch. A fault fails all of them. */
const MAX_BATCH = 512;

/** The number of names of one page. */
const NAMES_PAGE = 1_000;

/** The number of records of one page: a value can be large. */
const RECORDS_PAGE = 500;

/**
 * The first letter of a cursor says which part of the list is read: values and maps
 * come first, then indexes.
 */
const ROWS = "r";
const INDEXES = "i";

/** The longest pause between two attempts to get the lock. */
const MAX_PAUSE_MS = 5;

/** While a file is opened: how long SQLite waits for a lock, and the pause between attempts. */
const OPEN_LOCK_MS = 250;
const OPEN_PAUSE_MS = 10;

interface Waiting {
  readonly transaction: Transaction;
  readonly uses: Uses;
  readonly resolve: (result: TxnResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Opens the store in the file at `path`.
 *
 * @throws {StoreUnavailableError} If the file cannot be opened, is no store, or
 * has a newer schema.
 */
export function openSqliteStore(
  options: SqliteStoreOptions,
): ListableStore {
  const path = resolvePath(options.path);
  let leftMs = options.openTimeoutMs ?? 5_000;
  while (true) {
    const timeoutMs = Math.min(leftMs, OPEN_LOCK_MS);
    try {
      prepareFile(path);
      const connection = new SqliteConnection(path, {
        create: true,
        timeoutMs,
      });
      return new SqliteStore(path, connection, options);
    } catch (error) {
      const fault = toStoreFault(error);
      if (fault.fault !== "locked" || leftMs <= 0) throw fault;
      // Switching a new file to the write-ahead log fails at once if another process does it,
      // whatever the busy timeout is.
      const never = new Int32Array(new SharedArrayBuffer(4));
      Atomics.wait(never, 0, 0, OPEN_PAUSE_MS);
      leftMs -= timeoutMs + OPEN_PAUSE_MS;
    }
  }
}

class SqliteStore implements ListableStore {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #busyTimeoutMs: number;
  /** `null` after a fault. The next call opens the file again. */
  #connection: SqliteConnection | null;
  #closed = false;
  #queue: Waiting[] = [];
  /** Not `null` while transactions wait or are written. */
  #flushing: Promise<void> | null = null;

  constructor(
    path: string,
    connection: SqliteConnection,
    { clock, busyTimeoutMs = 1_000 }: SqliteStoreOptions,
  ) {
    this.#path = path;
    this.#connection = connection;
    this.#clock = clock;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  async read(request: ReadRequest): Promise<Snapshot> {
    this.#refuseIfClosed();
    return await this.#read(request, validateRead(request));
  }

  async range(query: RangeQuery): Promise<readonly IndexEntry[]> {
    this.#refuseIfClosed();
    const uses = validateRange(query);
    const { ranges } = await this.#read({ ranges: [query] }, uses);
    return ranges[0]!;
  }

  async txn(transaction: Transaction): Promise<TxnResult> {
    this.#refuseIfClosed();
    const uses = validateTransaction(transaction);
    return await new Promise((resolve, reject) => {
      this.#queue.push({ transaction, uses, resolve, reject });
      this.#flushing ??= this.#flushAll();
    });
  }

  async names(prefix: string, from = ""): Promise<NamePage> {
    this.#refuseIfClosed();
    const last = lastWith(prefix);
    const names = await this.#patiently(() =>
      this.#withConnection((connection) =>
        connection.names(prefix, from, last, this.#nowMs(), NAMES_PAGE)
      )
    );
    return { names, next: names.length < NAMES_PAGE ? null : names.at(-1)! };
  }

  async records(prefix: string, from = `${ROWS}0`): Promise<RecordPage> {
    this.#refuseIfClosed();
    const listing = {
      ...{ first: prefix, last: lastWith(prefix), limit: RECORDS_PAGE },
      nowMs: this.#nowMs(),
    };
    const after = from.slice(1);
    return await this.#patiently(() =>
      this.#withConnection((connection) => {
        if (from.startsWith(ROWS)) {
          const found = connection.records(listing, Number(after));
          const isLast = found.length < listing.limit;
          return {
            records: found.map(({ record }) => record),
            next: isLast ? INDEXES : `${ROWS}${found.at(-1)!.row}`,
          };
        }
        const names = connection.indexes(listing, after);
        const isLast = names.length < listing.limit;
        return {
          records: names.map((name) => ({ kind: "index", name })),
          next: isLast ? null : INDEXES + names.at(-1)!,
        };
      })
    );
  }

  async restore(
    records: readonly RestoredRecord[],
    lock: RestoreLock,
  ): Promise<boolean> {
    this.#refuseIfClosed();
    return await this.#patiently(() =>
      this.#withConnection((connection) => {
        connection.beginImmediate();
        const state = new SqliteBatch(connection, this.#nowMs());
        let isHeld = true;
        for (const record of records) {
          const key = sameCell(lock.key, record.name);
          if (textAt(state.record(key), key) !== lock.value) isHeld = false;
          else restore(connection, record);
        }
        connection.commit();
        return isHeld;
      })
    );
  }

  // deno-lint-ignore require-await -- a bug of the clock rejects, not throws
  async timeMs(): Promise<number> {
    this.#refuseIfClosed();
    return this.#nowMs();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
    this.#connection?.close();
    this.#connection = null;
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new StoreUnavailableError("closed");
  }

  #nowMs(): number {
    const now = this.#clock.nowMs();
    // With NaN as the time nothing would ever expire.
    if (!Number.isSafeInteger(now)) {
      throw new RangeError("The clock must give an integer");
    }
    return now;
  }

  /** Tries until no other process holds a lock, or for `busyTimeoutMs`. */
  async #patiently<T>(attempt: () => T): Promise<T> {
    for (let waitedMs = 0, pauseMs = 1;;) {
      try {
        return attempt();
      } catch (error) {
        if (isBug(error)) throw error;
        const fault = toStoreFault(error);
        if (fault.fault !== "locked" || waitedMs >= this.#busyTimeoutMs) {
          throw fault;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      waitedMs += pauseMs;
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    }
  }

  /**
   * Runs `work` on the connection. After a fault of the file the connection is closed, and the
   * next call opens it again. After a fault from which SQLite recovers it stays open.
   */
  #withConnection<T>(work: (connection: SqliteConnection) => T): T {
    // If the file was moved away, a write would be acknowledged and lost.
    if (this.#connection?.isInPlace() === false) this.#dropConnection();
    const connection = this.#connection ??= new SqliteConnection(this.#path);
    try {
      return work(connection);
    } catch (error) {
      connection.rollback();
      if (isBug(error) || error instanceof StoreUnavailableError) throw error;
      const { fault } = toStoreFault(error);
      if (fault !== "locked" && fault !== "full") this.#dropConnection();
      throw error;
    }
  }

  #dropConnection(): void {
    this.#connection?.close();
    this.#connection = null;
  }

  async #read(request: ReadRequest, uses: Uses): Promise<Snapshot> {
    // Writes that wait are made first. Otherwise reads without a pause would delay them for ever.
    if (this.#flushing !== null) await nextTurn();
    return await this.#patiently(() => this.#readNow(request, uses));
  }

  #readNow({ keys = [], ranges = [] }: ReadRequest, uses: Uses): Snapshot {
    // The store may have been closed while the call waited.
    this.#refuseIfClosed();
    return this.#withConnection((connection) => {
      connection.begin();
      const state = new SqliteBatch(connection, this.#nowMs());
      requireKinds(uses, state);
      const snapshot = {
        values: keys.map((ref) => textAt(state.record(nameOf(ref)), ref)),
        ranges: ranges.map((query) => connection.range(query)),
      };
      connection.commit();
      return snapshot;
    });
  }

  async #flushAll(): Promise<void> {
    while (this.#queue.length > 0) {
      // Transactions that are ready in this turn of the event loop join the batch.
      await nextTurn();
      const batch = this.#queue.splice(0, MAX_BATCH);
      try {
        const answers = await this.#patiently(() => this.#write(batch));
        for (const answer of answers) answer();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#flushing = null;
  }

  /** Writes a batch. Returns its answers, which may be given only when all of it is on the disk. */
  #write(batch: Waiting[]): (() => void)[] {
    return this.#withConnection((connection) => {
      connection.beginImmediate();
      // Transactions that arrived during the wait for the lock join the batch.
      batch.push(...this.#queue.splice(0, MAX_BATCH - batch.length));
      const nowMs = this.#nowMs();
      const state = new SqliteBatch(connection, nowMs);
      const answers: (() => void)[] = [];
      for (const { transaction, uses, resolve, reject } of batch) {
        let decision: Decision;
        try {
          decision = decide(transaction, uses, state, nowMs);
        } catch (error) {
          if (!(error instanceof StoreUnavailableError)) throw error;
          answers.push(() => reject(error));
          continue;
        }
        const { result } = decision;
        answers.push(() => resolve(result));
        if (!result.committed || transaction.writes.length === 0) continue;
        state.apply(decision, uses);
      }
      const written = state.flush();
      // Expired values are removed: up to twice as many as the batch has written, so
      // that their number cannot grow.
      if (written > 0) connection.purge(nowMs, 2 * written);
      connection.commit();
      return answers;
    });
  }
}

/** A text that is greater than every name that begins with the prefix. */
const lastWith = (prefix: string): string =>
  prefix + "\u{10ffff}".repeat(MAX_NAME_BYTES / 4);

/** Writes one record in an open transaction. */
function restore(connection: SqliteConnection, record: RestoredRecord): void {
  const { name, kind } = record;
  if (kind === "index") {
    for (const entry of record.entries) {
      connection.change({ kind: "index", index: name, ...entry });
    }
    return;
  }
  const { expiresAtMs } = record;
  connection.put(
    name,
    kind === "value"
      ? { value: record.value, expiresAtMs }
      : { fields: new Map(record.fields), expiresAtMs },
  );
}

function isBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError;
}
