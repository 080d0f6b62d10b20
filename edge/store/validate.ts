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
  IndexEntry,
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
export type Uses = ReadonlyMap<string, Use>;

const encoder = new TextEncoder();

/** Length in UTF-8 is at most 3 bytes a code unit, so most need no encoding. */
function fits(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return true;
  return text.length <= maxBytes && encoder.encode(text).length <= maxBytes;
}

function text(value: unknown, maxBytes: number, where: string): string {
  if (typeof value !== "string" || !value.isWellFormed()) {
    throw new TypeError(`${where} must be a string of well-formed Unicode`);
  }
  if (!fits(value, maxBytes)) {
    throw new RangeError(`${where} must have at most ${maxBytes} bytes`);
  }
  return value;
}

function integer(value: unknown, min: number, max: number, where: string) {
  if (typeof value !== "number") {
    throw new TypeError(`${where} must be a number`);
  }
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RangeError(
      `${where} must be an integer from ${min} to ${max}`,
    );
  }
}

const MIN = Number.MIN_SAFE_INTEGER;
const MAX = Number.MAX_SAFE_INTEGER;

class Names {
  readonly uses = new Map<string, Use>();

  add(name: unknown, use: Use, where: string): void {
    const known = text(name, MAX_NAME_BYTES, where);
    if (known === "") throw new RangeError(`${where} must not be empty`);
    const before = this.uses.get(known);
    if (before === undefined || before === "either") {
      this.uses.set(known, use);
    } else if (use !== "either" && use !== before) {
      throw new TypeError(`${where} is both a value and an index`);
    }
  }
}

function list<T>(items: readonly T[] | undefined, where: string): readonly T[] {
  if (items === undefined) return [];
  if (!Array.isArray(items)) throw new TypeError(`${where} must be an array`);
  if (items.length > MAX_OPERATIONS) {
    throw new RangeError(
      `${where} must have at most ${MAX_OPERATIONS} entries`,
    );
  }
  return items;
}

function entry(value: IndexEntry, where: string): void {
  text(value.member, MAX_MEMBER_BYTES, `${where}.member`);
  integer(value.score, 0, MAX, `${where}.score`);
}

function range(query: RangeQuery, names: Names, where: string): void {
  names.add(query.index, "index", `${where}.index`);
  integer(query.min, MIN, MAX, `${where}.min`);
  integer(query.max, MIN, MAX, `${where}.max`);
  integer(query.limit, 1, MAX_LIMIT, `${where}.limit`);
  if (query.after !== undefined) entry(query.after, `${where}.after`);
}

function check(item: Check, names: Names, where: string): void {
  switch (item.kind) {
    case "absent":
      return names.add(item.key, "value", `${where}.key`);
    case "equals":
      names.add(item.key, "value", `${where}.key`);
      text(item.value, MAX_VALUE_BYTES, `${where}.value`);
      return;
    case "below":
      names.add(item.key, "value", `${where}.key`);
      return integer(item.bound, MIN, MAX, `${where}.bound`);
    case "sum-at-most":
      names.add(item.counter, "value", `${where}.counter`);
      integer(item.delta, MIN, MAX, `${where}.delta`);
      return integer(item.max, MIN, MAX, `${where}.max`);
    case "empty":
      return names.add(item.index, "index", `${where}.index`);
    default:
      throw new TypeError(`${where}.kind is not a kind of check`);
  }
}

function write(item: Write, names: Names, where: string): void {
  switch (item.kind) {
    case "set":
      names.add(item.key, "value", `${where}.key`);
      text(item.value, MAX_VALUE_BYTES, `${where}.value`);
      if (item.ttlMs !== undefined) {
        integer(item.ttlMs, 1, MAX_TTL_MS, `${where}.ttlMs`);
      }
      return;
    case "delete":
      return names.add(item.key, "either", `${where}.key`);
    case "add":
      names.add(item.counter, "value", `${where}.counter`);
      integer(item.delta, MIN, MAX, `${where}.delta`);
      return integer(item.expiresAtMs, 0, MAX, `${where}.expiresAtMs`);
    case "index":
      names.add(item.index, "index", `${where}.index`);
      return entry(item, where);
    case "unindex":
      names.add(item.index, "index", `${where}.index`);
      text(item.member, MAX_MEMBER_BYTES, `${where}.member`);
      return;
    default:
      throw new TypeError(`${where}.kind is not a kind of write`);
  }
}

/**
 * Checks a page request and returns its name.
 *
 * @throws {TypeError | RangeError} If it is outside the port's bounds.
 */
export function validateRange(query: RangeQuery): Uses {
  const names = new Names();
  range(query, names, "range");
  return names.uses;
}

/**
 * Checks a read and returns its names.
 *
 * @throws {TypeError | RangeError} If it is outside the port's bounds.
 */
export function validateRead(request: ReadRequest): Uses {
  const names = new Names();
  list(request.keys, "keys")
    .forEach((key, i) => names.add(key, "value", `keys[${i}]`));
  list(request.ranges, "ranges")
    .forEach((query, i) => range(query, names, `ranges[${i}]`));
  return names.uses;
}

/**
 * Checks a transaction and returns its names.
 *
 * @throws {TypeError | RangeError} If it is outside the port's bounds.
 */
export function validateTransaction(transaction: Transaction): Uses {
  const names = new Names();
  list(transaction.checks, "checks")
    .forEach((item, i) => check(item, names, `checks[${i}]`));
  list(transaction.writes, "writes")
    .forEach((item, i) => write(item, names, `writes[${i}]`));
  list(transaction.reads, "reads")
    .forEach((key, i) => names.add(key, "value", `reads[${i}]`));
  return names.uses;
}
