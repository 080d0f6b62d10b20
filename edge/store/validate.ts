/**
 * The bounds of the store port, the same before every engine. What is outside
 * them is a bug of the caller: a TypeError for what is not of the right form, a
 * RangeError for what is too long, too many, too small or too large. The texts
 * say where, by position, and never repeat a name or a value.
 *
 * @module
 */

import type {
  Check,
  RangeQuery,
  ReadRequest,
  Transaction,
  Write,
} from "./store.ts";

/** Longest name of a value or an index, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 512;
/** Longest value, in bytes of UTF-8. */
export const MAX_VALUE_BYTES = 65_536;
/** Longest member of an index, in bytes of UTF-8. */
export const MAX_MEMBER_BYTES = 4_096;
/** Most entries of one page. */
export const MAX_LIMIT = 100_000;
/** Longest life of a value: 100 years. */
export const MAX_TTL_MS = 3_155_760_000_000;
/** Most checks, writes and reads of one request, each. */
export const MAX_OPERATIONS = 1_000;

/** What a request takes a name for; `delete` fits both kinds. */
export type Use = "value" | "index" | "either";

/** Every name of a request, in order of first mention, with its use. */
export interface Uses extends Iterable<readonly [name: string, use: Use]> {
  readonly names: readonly string[];
  /** Of each name, at its place. */
  readonly kinds: readonly Use[];
  /** The place of a name, or -1. */
  placeOf(name: string): number;
}

const encoder = new TextEncoder();

/**
 * Where something stands in a request: a list, a position in it, a field.
 * Handed on in parts, because putting them together for each of the forty
 * places of a payment took longer than all that is checked.
 */
type List = "checks" | "writes" | "reads" | "keys" | "ranges" | "range";
const NO_POSITION = -1;

function place(list: List, i: number, field: string): string {
  const item = i === NO_POSITION ? list : `${list}[${i}]`;
  return field === "" ? item : `${item}.${field}`;
}

/** Length in UTF-8 is at most 3 bytes a code unit, so most need no encoding. */
function fits(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return true;
  return text.length <= maxBytes && encoder.encode(text).length <= maxBytes;
}

function text(
  value: unknown,
  maxBytes: number,
  list: List,
  i: number,
  field: string,
): string {
  if (typeof value !== "string" || !value.isWellFormed()) {
    throw new TypeError(
      `${place(list, i, field)} must be a string of well-formed Unicode`,
    );
  }
  if (!fits(value, maxBytes)) {
    throw new RangeError(
      `${place(list, i, field)} must have at most ${maxBytes} bytes`,
    );
  }
  return value;
}

function integer(
  value: unknown,
  min: number,
  max: number,
  list: List,
  i: number,
  field: string,
): void {
  if (typeof value !== "number") {
    throw new TypeError(`${place(list, i, field)} must be a number`);
  }
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RangeError(
      `${place(list, i, field)} must be an integer from ${min} to ${max}`,
    );
  }
}

const MIN = Number.MIN_SAFE_INTEGER;
const MAX = Number.MAX_SAFE_INTEGER;

/** Up to so many names are looked through; beyond, a map is faster. */
const MAX_SCANNED = 24;

/**
 * Names in order. A request has a handful of long ones, each met twice or
 * thrice as the same string: to compare them is cheaper than to hash them.
 */
class Names implements Uses {
  readonly names: string[] = [];
  readonly kinds: Use[] = [];
  #places: Map<string, number> | null = null;

  placeOf(name: string): number {
    if (this.#places !== null) return this.#places.get(name) ?? -1;
    return this.names.indexOf(name);
  }

  *[Symbol.iterator](): Iterator<readonly [string, Use]> {
    for (const [i, name] of this.names.entries()) yield [name, this.kinds[i]!];
  }

  #push(name: string, use: Use): void {
    this.#places?.set(name, this.names.length);
    this.names.push(name);
    this.kinds.push(use);
    if (this.#places === null && this.names.length > MAX_SCANNED) {
      this.#places = new Map(this.names.map((it, i) => [it, i]));
    }
  }

  add(name: unknown, use: Use, list: List, i: number, field: string): void {
    const known = text(name, MAX_NAME_BYTES, list, i, field);
    if (known === "") {
      throw new RangeError(`${place(list, i, field)} must not be empty`);
    }
    const at = this.placeOf(known);
    if (at < 0) return this.#push(known, use);
    const before = this.kinds[at]!;
    if (before === "either") {
      this.kinds[at] = use;
    } else if (use !== "either" && use !== before) {
      throw new TypeError(
        `${place(list, i, field)} is both a value and an index`,
      );
    }
  }
}

function listOf<T>(items: readonly T[] | undefined, list: List): readonly T[] {
  if (items === undefined) return [];
  if (!Array.isArray(items)) throw new TypeError(`${list} must be an array`);
  if (items.length > MAX_OPERATIONS) {
    throw new RangeError(
      `${list} must have at most ${MAX_OPERATIONS} entries`,
    );
  }
  return items;
}

function range(query: RangeQuery, names: Names, list: List, i: number): void {
  names.add(query.index, "index", list, i, "index");
  integer(query.min, MIN, MAX, list, i, "min");
  integer(query.max, MIN, MAX, list, i, "max");
  integer(query.limit, 1, MAX_LIMIT, list, i, "limit");
  if (query.after === undefined) return;
  text(query.after.member, MAX_MEMBER_BYTES, list, i, "after.member");
  integer(query.after.score, 0, MAX, list, i, "after.score");
}

function check(item: Check, names: Names, i: number): void {
  const list = "checks";
  switch (item.kind) {
    case "absent":
      return names.add(item.key, "value", list, i, "key");
    case "equals":
      names.add(item.key, "value", list, i, "key");
      text(item.value, MAX_VALUE_BYTES, list, i, "value");
      return;
    case "below":
      names.add(item.key, "value", list, i, "key");
      return integer(item.bound, MIN, MAX, list, i, "bound");
    case "sum-at-most":
      names.add(item.counter, "value", list, i, "counter");
      integer(item.delta, MIN, MAX, list, i, "delta");
      return integer(item.max, MIN, MAX, list, i, "max");
    case "empty":
      return names.add(item.index, "index", list, i, "index");
    default:
      throw new TypeError(
        `${place(list, i, "kind")} is not a kind of check`,
      );
  }
}

function write(item: Write, names: Names, i: number): void {
  const list = "writes";
  switch (item.kind) {
    case "set":
      names.add(item.key, "value", list, i, "key");
      text(item.value, MAX_VALUE_BYTES, list, i, "value");
      if (item.ttlMs !== undefined) {
        integer(item.ttlMs, 1, MAX_TTL_MS, list, i, "ttlMs");
      }
      return;
    case "delete":
      return names.add(item.key, "either", list, i, "key");
    case "add":
      names.add(item.counter, "value", list, i, "counter");
      integer(item.delta, MIN, MAX, list, i, "delta");
      return integer(item.expiresAtMs, 0, MAX, list, i, "expiresAtMs");
    case "index":
      names.add(item.index, "index", list, i, "index");
      text(item.member, MAX_MEMBER_BYTES, list, i, "member");
      return integer(item.score, 0, MAX, list, i, "score");
    case "unindex":
      names.add(item.index, "index", list, i, "index");
      text(item.member, MAX_MEMBER_BYTES, list, i, "member");
      return;
    default:
      throw new TypeError(
        `${place(list, i, "kind")} is not a kind of write`,
      );
  }
}

/**
 * Checks a page request and returns its name.
 *
 * @throws {TypeError | RangeError} If it is outside the port's bounds.
 */
export function validateRange(query: RangeQuery): Uses {
  const names = new Names();
  range(query, names, "range", NO_POSITION);
  return names;
}

/**
 * Checks a read and returns its names.
 *
 * @throws {TypeError | RangeError} If it is outside the port's bounds.
 */
export function validateRead(request: ReadRequest): Uses {
  const names = new Names();
  const keys = listOf(request.keys, "keys");
  for (let i = 0; i < keys.length; i++) {
    names.add(keys[i], "value", "keys", i, "");
  }
  const ranges = listOf(request.ranges, "ranges");
  for (let i = 0; i < ranges.length; i++) range(ranges[i]!, names, "ranges", i);
  return names;
}

/**
 * Checks a transaction and returns its names.
 *
 * @throws {TypeError | RangeError} If it is outside the port's bounds.
 */
export function validateTransaction(transaction: Transaction): Uses {
  const names = new Names();
  const checks = listOf(transaction.checks, "checks");
  for (let i = 0; i < checks.length; i++) check(checks[i]!, names, i);
  const writes = listOf(transaction.writes, "writes");
  for (let i = 0; i < writes.length; i++) write(writes[i]!, names, i);
  const reads = listOf(transaction.reads, "reads");
  for (let i = 0; i < reads.length; i++) {
    names.add(reads[i], "value", "reads", i, "");
  }
  return names;
}
