/**
 * The store port: what Offcode asks of a database, and all it asks.
 *
 * Every change of state is one mini-transaction: checks, then writes, all or
 * nothing, in one round trip, the shape of etcd's `Txn` and of Deno KV's
 * `atomic()`. The rules of payments live above this port; an adapter knows
 * none of them. Two kinds of record exist: a *value* (a string, read and
 * written whole; counters are values that hold a decimal integer from 0 to
 * 2^53 − 1 without sign or leading zeros) and an *index* (members with integer
 * scores, ordered by score, then by the bytes of the member in UTF-8). One name
 * is either a value or an index, never both, and a request that uses one as
 * both is a bug. An index exists exactly while it has a member.
 *
 * Names have 1 to 512 bytes, values up to 64 KiB, members up to 4 KiB, all
 * well-formed Unicode. Numbers are safe integers. What has expired counts as
 * absent everywhere, from the very millisecond of its expiry.
 *
 * Every adapter passes `tests/contract/`.
 *
 * @module
 */

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
  /** At most so many entries, 1 to 100 000. */
  readonly limit: number;
}

/** What {@linkcode Store.read} is asked for. */
export interface ReadRequest {
  readonly keys?: readonly string[];
  readonly ranges?: readonly RangeQuery[];
}

/** One consistent view, in the order of the request. */
export interface Snapshot {
  /** The value of each key, or `null` where there is none. */
  readonly values: readonly (string | null)[];
  /** The entries of each range. */
  readonly ranges: readonly (readonly IndexEntry[])[];
}

/** A condition that must hold for a transaction to be written. */
export type Check =
  /** No value at `key`. */
  | { readonly kind: "absent"; readonly key: string }
  /** The value at `key` is exactly `value`. */
  | { readonly kind: "equals"; readonly key: string; readonly value: string }
  /** The integer at `key` is below `bound`; an absent one refuses. */
  | { readonly kind: "below"; readonly key: string; readonly bound: number }
  /** Counter (absent counts as 0) plus `delta` is at most `max`. */
  | {
    readonly kind: "sum-at-most";
    readonly counter: string;
    readonly delta: number;
    readonly max: number;
  }
  /** The index has no member. */
  | { readonly kind: "empty"; readonly index: string };

/** The check that a value is as it was read; `null`: there was none. */
export function unchanged(key: string, raw: string | null | undefined): Check {
  return raw == null
    ? { kind: "absent", key }
    : { kind: "equals", key, value: raw };
}

/** A change that a transaction makes. Later writes see earlier ones. */
export type Write =
  /**
   * Sets a value; without `ttlMs` it never expires, also if it did before.
   * `ttlMs` is 1 to 3 155 760 000 000 (100 years).
   */
  | {
    readonly kind: "set";
    readonly key: string;
    readonly value: string;
    readonly ttlMs?: number;
  }
  /** Removes a value or a whole index; nothing there is fine. */
  | { readonly kind: "delete"; readonly key: string }
  /**
   * Adds to a counter. Creating it sets `expiresAtMs` (unix milliseconds);
   * adding to a live one leaves its expiry. A negative delta on an absent
   * counter does nothing, and a counter never falls below 0. One that would
   * rise above 2^53 − 1 is a fault (`refused`), and so is nothing written.
   * With `expiresAtMs` not in the future nothing is created.
   */
  | {
    readonly kind: "add";
    readonly counter: string;
    readonly delta: number;
    readonly expiresAtMs: number;
  }
  /** Puts a member into an index; `onlyIfLower` keeps a lower score. */
  | {
    readonly kind: "index";
    readonly index: string;
    readonly member: string;
    readonly score: number;
    readonly onlyIfLower?: boolean;
  }
  /** Takes a member out of an index; nothing there is fine. */
  | {
    readonly kind: "unindex";
    readonly index: string;
    readonly member: string;
  };

/**
 * A mini-transaction, in this order: every name must hold the kind of record
 * that it is used as; the checks are made one by one; the writes are worked
 * out one by one; then all is written. A fault in any of it writes nothing.
 */
export interface Transaction {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
  /** Keys to read in the same step: after the writes, or after the refusal. */
  readonly reads?: readonly string[];
}

/** How a mini-transaction ended. */
export type TxnResult =
  | {
    readonly committed: true;
    /** The values of `reads`, in order. */
    readonly values: readonly (string | null)[];
  }
  | {
    readonly committed: false;
    /** Position of the first check, in the order given, that did not hold. */
    readonly check: number;
    /**
     * What stood there: the value or counter (`null`: none); for `empty`, the
     * first member of the index.
     */
    readonly value: string | null;
    readonly values: readonly (string | null)[];
  };

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
 * import { openSqliteStore } from "./sqlite.ts";
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
  /** Checks all, then writes all or nothing. */
  txn(transaction: Transaction): Promise<TxnResult>;
  /** The store's own clock, unix milliseconds. */
  timeMs(): Promise<number>;
  /**
   * How the database keeps records; absent where this adapter sees to it
   * itself.
   *
   * @throws {StoreUnavailableError} If it cannot be asked.
   */
  facts?(): Promise<StoreFacts>;
  /** Ends the connection. Later calls are refused. */
  close(): Promise<void>;
}

/** How a database keeps records, where it tells; `null`: it does not. */
export interface StoreFacts {
  /** Numbers parted by dots. */
  readonly version: string | null;
  /** What is dropped when the memory is full; `noeviction`: nothing. */
  readonly evictionPolicy: string | null;
  /** Whether each write goes to a file that a restart reads. */
  readonly appendOnly: boolean | null;
}

/** Why the store could not answer. */
export type StoreFault =
  /** No connection, or it broke. */
  | "unreachable"
  /** No answer in time. */
  | "timeout"
  /** Another process holds the lock. */
  | "locked"
  /** No room left. */
  | "full"
  /** It takes no writes. */
  | "read-only"
  /** A record is not of the kind that was asked for, or cannot be read. */
  | "corrupt"
  /** It was closed, or was never opened. */
  | "closed"
  /** Anything else. */
  | "refused";

/**
 * The store gave no trustworthy answer. Its message never holds a key's
 * content, a value or a command.
 */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
  /** What went wrong, for logs and metrics. */
  readonly fault: StoreFault;

  constructor(fault: StoreFault, options?: ErrorOptions) {
    super(`The store is unavailable: ${fault}`, options);
    this.fault = fault;
  }
}
