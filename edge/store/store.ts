/**
 * The store port: everything that Offcode needs from a database.
 *
 * Every change of state is one mini-transaction in one round trip: first the checks, then the
 * writes, all or nothing, like etcd's `Txn` and Deno KV's `atomic()`. The rules of payments are
 * above this port; an adapter knows none of them. There are three kinds of records:
 * - a *value*: a string, read and written whole;
 * - a *map*: named fields, each a string, read, checked and written one by
 *   one, which expire together; it exists exactly while it has a field;
 * - an *index*: members with integer scores, ordered by score, then by the
 *   bytes of the member in UTF-8; it exists exactly while it has a member.
 *
 * A name holds one kind of record. A request that uses a name as two kinds is a bug. If
 * the store holds a record of another kind than the request expects, an engine must
 * answer with a fault (`corrupt`) in three cases: the request expects a map, it expects
 * an index, or it expects a value that a check finds absent and that is the first value
 * the transaction sets. In all other cases an engine may treat such a record as an
 * absent value, and a `set` without a check may replace it.
 *
 * Names have 1 to 512 bytes, fields the same, values of both up to 256 KiB,
 * members up to 4 KiB, all well-formed Unicode. Numbers are safe integers. What
 * has expired counts as absent everywhere, from the very millisecond of its
 * expiry.
 *
 * Every adapter passes `tests/contract/`.
 *
 * @module
 */

/**
 * By what a name tells the cell of its record: by a merchant's id, by an account, by a device, or
 * by the reference of a verification. `whole` is cell 0. `local` is the cell of the others.
 */
export type Home =
  | "merchant"
  | "account"
  | "device"
  | "reference"
  | "whole"
  | "local";

/** Something whose record has one of these homes. Only the types know that; there is no value. */
export interface Homed<H extends Home> {
  readonly home?: H;
}

/** A name whose record has one of these homes. */
export type Name<H extends Home> = string & Homed<H>;

/** A field of a map. */
export interface Field<H extends Home = Home> extends Homed<H> {
  readonly map: string;
  readonly field: string;
}

/**
 * A reference to what is checked, written or read: the value of a name, or a
 * map's field.
 */
export type Ref = string | Field;

/** The name of the record that a reference is to. */
export function nameOf(ref: Ref): string {
  return typeof ref === "string" ? ref : ref.map;
}

/** Whether two references are the same. */
export function isSameRef(a: Ref, b: Ref): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return a.map === b.map && a.field === b.field;
}

/** A member of an index with its score. Scores are safe integers >= 0. */
export interface IndexEntry {
  readonly score: number;
  readonly member: string;
}

/** A page of an index: entries with `min <= score <= max`, in order. */
export interface RangeQuery {
  readonly index: string;
  /** Lowest score, inclusive. */
  readonly min: number;
  /** Highest score, inclusive. */
  readonly max: number;
  /** Only entries that order strictly after this one. */
  readonly after?: IndexEntry;
  /** The most entries, 1 to 100 000. */
  readonly limit: number;
}

/** A request of {@linkcode Store.read}. */
export interface ReadRequest {
  readonly keys?: readonly Ref[];
  readonly ranges?: readonly RangeQuery[];
}

/** One snapshot, in the order of the request. */
export interface Snapshot {
  /** The value of each key, or `null` if there is none. */
  readonly values: readonly (string | null)[];
  /** The entries of each range. */
  readonly ranges: readonly (readonly IndexEntry[])[];
}

/**
 * A condition that must hold for a transaction to be written. A refusal names the check by its
 * label.
 *
 * A *counter* is a text `period:amount`. The periods of one counter have the same
 * length and sort by time as their bytes do; a counter without time has the period `0`.
 * An absent counter and one of an earlier period have the amount 0. If the stored
 * period is later than the period of the request, another edge is past midnight
 * already. The stored period is then kept: a positive amount is added to it, and a
 * negative amount is dropped. Two clocks that differ by a second can therefore not
 * reset a limit.
 */
export type Check =
  & { readonly label?: string }
  & (
    /** There is no value. */
    | { readonly kind: "absent"; readonly key: Ref }
    /** The value is exactly `value`. */
    | { readonly kind: "equals"; readonly key: Ref; readonly value: string }
    /** The value is an integer below `bound`; an absent one refuses. */
    | { readonly kind: "below"; readonly key: Ref; readonly bound: number }
    /** The value is an integer above `bound`; an absent one refuses. */
    | { readonly kind: "above"; readonly key: Ref; readonly bound: number }
    /** The amount of the counter after an `add` of `delta` is at most `max`. */
    | {
      readonly kind: "within";
      readonly counter: Ref;
      readonly period: string;
      readonly delta: number;
      readonly max: number;
    }
    /** The index has no member. */
    | { readonly kind: "empty"; readonly index: string }
    /**
     * Always refuses, at its position among the checks. It is for a limit that needs no
     * record.
     */
    | { readonly kind: "never" }
  );

/**
 * A change that a transaction makes. Later writes see earlier ones. All writes to one map are
 * made as one change, and the map's expiry is that of the last `set` with `ttlMs`.
 */
export type Write<H extends Home = Home> =
  & Homed<H>
  & (
    /**
     * Sets a value or a field. A value without `ttlMs` never expires, even if it had an expiry
     * before. A field with `ttlMs` sets the expiry of its map; a field without it does not
     * change that expiry. `ttlMs` is 1 to 3 155 760 000 000 (100 years).
     */
    | {
      readonly kind: "set";
      readonly key: Ref;
      readonly value: string;
      readonly ttlMs?: number;
    }
    /**
     * Removes a value, a field, a whole map or a whole index, if it exists. A record that is
     * removed whole must have no other write in the same transaction.
     */
    | { readonly kind: "delete"; readonly key: Ref }
    /**
     * Adds to a counter. The expiry of the counter, or of its map, is not changed. A counter
     * never falls below 0. If it would rise above 2^53 − 1, that is a fault (`refused`) and
     * nothing of the transaction is written.
     */
    | {
      readonly kind: "add";
      readonly counter: Ref;
      readonly period: string;
      readonly delta: number;
    }
    /** Puts a member into an index; `onlyIfLower` keeps a lower score. */
    | {
      readonly kind: "index";
      readonly index: string;
      readonly member: string;
      readonly score: number;
      readonly onlyIfLower?: boolean;
    }
    /** Removes a member from an index, if it is there. */
    | {
      readonly kind: "unindex";
      readonly index: string;
      readonly member: string;
    }
  );

/**
 * A mini-transaction. It is made in this order: all records are read, the checks are made one
 * by one, the writes are computed one by one, then everything is written. After a fault
 * nothing is written, with one exception: after `corrupt` an index may contain a member that
 * the transaction was to add. A reader of an index therefore ignores a member whose record is
 * missing.
 */
export interface Transaction {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
  /**
   * Values that are read in the same step: after the writes, or, if a check refuses, instead
   * of them.
   */
  readonly reads?: readonly Ref[];
}

/** The result of a mini-transaction. */
export type TxnResult =
  | {
    readonly committed: true;
    /** The values of `reads`, in order. */
    readonly values: readonly (string | null)[];
  }
  | {
    readonly committed: false;
    /** The label of the first check, in the order given, that did not hold. */
    readonly label?: string;
    /**
     * Its position. Only `commit` needs it: other checks may have the label of the
     * first one, but only the first one can have found the commit's own writing.
     */
    readonly check: number;
    /**
     * What the check found: the value or counter, or `null` if there was none; for `empty`, the
     * first member of the index; for `never`, `null`.
     */
    readonly value: string | null;
    readonly values: readonly (string | null)[];
  };

/** The cells of a deployment that has more than one. */
export interface Cells {
  readonly count: number;
  /**
   * SHA-256 of the cell key in base64url. Two edges compare it to find out whether they
   * have the same key.
   */
  readonly keyHash: string;
  /** The hash tags, by cell. */
  readonly tags: readonly string[];
  /**
   * The place of a record, 0 to 1023; `null` if the record is local.
   *
   * @throws {TypeError} If the name is not one of `keys.ts`.
   */
  placeOf(name: string): number | null;
  /** The cell of a record; `null` if the record is local. */
  cellOf(name: string): number | null;
  /** The name by which the store knows a record that is in `cell`. */
  stored(name: string, cell: number): string;
  /**
   * The inverse of `stored`: the name for a stored name. The name of a local record
   * contains its cell. `null` if the stored name belongs to none of these cells.
   */
  named(stored: string): string | null;
}

/**
 * The store port.
 *
 * Arguments outside their bounds (an empty name, a score that is not a safe
 * integer >= 0, a limit out of range) are bugs: the promise is rejected with a
 * TypeError or RangeError. A record of the wrong kind, a counter that holds no
 * integer, and everything that goes wrong between here and the disk is a
 * {@linkcode StoreUnavailableError}. After one from `txn` nobody knows whether
 * it was written, except that a part of it never is. So a caller makes the
 * first check see its own attempt, and may repeat it.
 *
 * @example
 * ```ts
 * import { openSqliteStore } from "./sqlite/sqlite.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * const store = openSqliteStore({ path, clock: { nowMs: () => 0 } });
 * const claim = (attempt: string) =>
 *   store.txn({
 *     checks: [{ kind: "absent", key: "order:7" }],
 *     writes: [{ kind: "set", key: "order:7", value: attempt }],
 *   });
 * assertEquals((await claim("a")).committed, true);
 * const again = await claim("a");
 * assertEquals(!again.committed && again.value, "a"); // It is this attempt.
 * await store.close();
 * await Deno.remove(path);
 * ```
 */
export interface Store {
  /** Reads values and ranges as one snapshot, always from the primary. */
  read(request: ReadRequest): Promise<Snapshot>;
  /** Reads one page of one index. */
  range(query: RangeQuery): Promise<readonly IndexEntry[]>;
  /**
   * Reads pages with one request to each database; absent if there is one cell. A database that
   * does not answer fails the pages of its own indexes only.
   */
  pages?(
    queries: readonly RangeQuery[],
  ): readonly Promise<readonly IndexEntry[]>[];
  /** Checks all, then writes all or nothing. */
  txn(transaction: Transaction): Promise<TxnResult>;
  /** The store's own clock, unix milliseconds. */
  timeMs(): Promise<number>;
  /**
   * The settings of each database that decide whether records are safe; absent if the adapter
   * makes these settings itself.
   *
   * @throws {StoreUnavailableError} If a database does not answer.
   */
  facts?(): Promise<readonly StoreFacts[]>;
  /** Ends the connection. Later calls are refused. */
  close(): Promise<void>;
  /**
   * The cells among which the records are divided; absent if there is one cell. A transaction
   * whose records are in two cells is a bug (TypeError), and a read is one snapshot only of what
   * is in one database.
   */
  readonly cells?: Cells;
  /**
   * Why the store must not be used with this configuration, or `null`; absent if any may be used.
   *
   * @throws {StoreUnavailableError} If the store has not answered yet.
   */
  refusal?(): Promise<string | null>;
}

/** A page of names, in no particular order. */
export interface NamePage {
  readonly names: readonly string[];
  /** Where the next page begins; `null` if this was the last one. */
  readonly next: string | null;
}

/**
 * A value with the time when it expires, in unix milliseconds by the store's clock;
 * `null` if it never expires.
 */
export interface StoredValue {
  readonly kind: "value";
  readonly name: string;
  readonly value: string;
  readonly expiresAtMs: number | null;
}

/** A map with all of its fields, in no particular order. It expires as a value does. */
export interface StoredMap {
  readonly kind: "map";
  readonly name: string;
  readonly fields: readonly (readonly [field: string, value: string])[];
  readonly expiresAtMs: number | null;
}

/** An index; `range` reads its members. */
export interface StoredIndex {
  readonly kind: "index";
  readonly name: string;
}

/** A record as it is stored. */
export type StoredRecord = StoredValue | StoredMap | StoredIndex;

/** A page of records, in no particular order. */
export interface RecordPage {
  readonly records: readonly StoredRecord[];
  /** Where the next page begins; `null` if this was the last one. */
  readonly next: string | null;
}

/**
 * A record that `restore` writes as it was listed. An index may come in several parts,
 * each with some of its members.
 */
export type RestoredRecord =
  | StoredValue
  | StoredMap
  | (StoredIndex & { readonly entries: readonly IndexEntry[] });

/**
 * The lock that a process must hold to restore records: a record with this value. The
 * name of the lock is `key` with the hash tag of the restored record, because a lock in
 * another cell could not be checked in the same step.
 */
export interface RestoreLock {
  readonly key: string;
  readonly value: string;
}

/**
 * A store whose records can be listed and copied. All adapters can do this; audits and
 * migrations need it. The edge itself only uses names that it knows.
 */
export interface ListableStore extends Store {
  /**
   * Lists the names of values that begin with `prefix`, page by page. It reads the whole
   * store, so it is for work that no customer waits for. A name that exists from the first
   * page to the last is listed at least once, perhaps more often. A name that is made or
   * removed meanwhile may be listed or not. `from` is `next` of the page before.
   */
  names(prefix: string, from?: string): Promise<NamePage>;
  /**
   * Lists all records whose names begin with `prefix`, as `names` lists values. A record
   * that is of none of the three kinds is a fault (`corrupt`).
   */
  records(prefix: string, from?: string): Promise<RecordPage>;
  /**
   * Writes records as they were listed, with their expiry, if the lock of their cell
   * has the right value. A value or a map replaces the record of that name; members are
   * added to their index. Returns whether all locks had the right value. Nothing is
   * written in a cell whose lock did not have it.
   */
  restore(
    records: readonly RestoredRecord[],
    lock: RestoreLock,
  ): Promise<boolean>;
}

/** The settings of a database; `null` where it does not say. */
export interface StoreFacts {
  /** Numbers separated by dots. */
  readonly version: string | null;
  /**
   * Which records are dropped when the memory is full; `noeviction` means none.
   */
  readonly evictionPolicy: string | null;
  /**
   * Whether each write is also written to a file that is read after a restart.
   */
  readonly appendOnly: boolean | null;
}

/** Why the store could not answer. */
export type StoreFault =
  /** There was no connection, or it broke. */
  | "unreachable"
  /** There was no answer in time. */
  | "timeout"
  /** Another process holds the lock. */
  | "locked"
  /** There is no room left. */
  | "full"
  /** The store accepts no writes. */
  | "read-only"
  /** A record is of another kind than expected, or cannot be read. */
  | "corrupt"
  /** The store was closed, or was never opened. */
  | "closed"
  /** Any other fault. */
  | "refused";

/**
 * The store gave no trustworthy answer. The message never contains a value or a command.
 */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
  /** The kind of fault, for logs and metrics. */
  readonly fault: StoreFault;
  /**
   * The cause in one word, if it is known; it contains nothing of what was
   * sent.
   */
  readonly reason?: string;

  constructor(
    fault: StoreFault,
    options?: ErrorOptions & { readonly reason?: string },
  ) {
    super(`The store is unavailable: ${fault}`, options);
    this.fault = fault;
    if (options?.reason !== undefined) this.reason = options.reason;
  }

  /** The fields that a log may contain. */
  get details(): { readonly fault: StoreFault; readonly reason?: string } {
    return {
      fault: this.fault,
      ...(this.reason !== undefined && { reason: this.reason }),
    };
  }
}
