/**
 * Checks the bounds of the store port, which are the same for every engine. A request outside
 * of them is a bug of the caller: a TypeError if the form is wrong, a RangeError if a text is
 * too long, a list has too many entries, or a number is too small or too large. The messages
 * name a position and never contain a name or a value.
 *
 * @module
 */

import type {
  Check,
  RangeQuery,
  ReadRequest,
  Ref,
  Transaction,
  Write,
} from "./store.ts";

/** Longest name of a record or a field, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 512;
/** Longest value, in bytes of UTF-8. */
export const MAX_VALUE_BYTES = 262_144;
/** Longest period of a counter, in bytes of UTF-8. */
const MAX_PERIOD_BYTES = 64;
/** Longest member of an index, in bytes of UTF-8. */
export const MAX_MEMBER_BYTES = 4_096;
/** Most entries of one page. */
export const MAX_LIMIT = 100_000;
/** Longest life of a value: 100 years. */
const MAX_TTL_MS = 3_155_760_000_000;
/** Most checks, writes and reads of one request, each. */
const MAX_OPERATIONS = 1_000;

/** Distinct texts, in the order of their first use. */
export interface Places {
  readonly texts: readonly string[];
  /** The place of a text, or -1. */
  placeOf(text: string): number;
}

/** Every name of a request once, grouped by the kind of record that it is used as. */
export interface Uses {
  readonly values: Places;
  readonly maps: Places;
  /** The fields that the request names, for each map in `maps`. */
  readonly fields: readonly Places[];
  readonly indexes: Places;
  /** Names that are removed, whatever they hold. */
  readonly others: readonly string[];
  /**
   * The places of the records of all checks, writes, reads and ranges, in this order, so that
   * an engine need not search for them again. The place of a value or an index is its position
   * in the lists above; for a field see {@linkcode fieldAt}; for anything else it is 0.
   */
  readonly places: readonly number[];
}

/** More than the number of fields that a request can name. */
const FIELDS = 4_096;

/** The map and the field of a negative place. */
export const fieldAt = (place: number): { map: number; field: number } => ({
  map: Math.floor((-1 - place) / FIELDS),
  field: (-1 - place) % FIELDS,
});

const encoder = new TextEncoder();

/**
 * A position in a request, for messages: a list, a position in the list, a field. The three
 * parts are passed separately. Joining them to a text for each of the forty positions of a
 * payment took longer than all checks together.
 */
type List = "checks" | "writes" | "reads" | "keys" | "ranges" | "range";
const NO_POSITION = -1;

function place(list: List, i: number, field: string): string {
  const item = i === NO_POSITION ? list : `${list}[${i}]`;
  return field === "" ? item : `${item}.${field}`;
}

/** UTF-8 takes at most 3 bytes a code unit, so short texts need no encoding. */
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

/** Above this number of texts a map is faster than a linear search. */
const MAX_SCANNED = 24;

/**
 * Distinct texts in order. A request has a few long names, and each occurs two or three times
 * as the same string. Comparing them is therefore cheaper than hashing them.
 */
class TextPlaces implements Places {
  readonly texts: string[] = [];
  #places: Map<string, number> | null = null;

  placeOf(text: string): number {
    if (this.#places !== null) return this.#places.get(text) ?? -1;
    return this.texts.indexOf(text);
  }

  push(text: string): void {
    this.#places?.set(text, this.texts.length);
    this.texts.push(text);
    if (this.#places === null && this.texts.length > MAX_SCANNED) {
      this.#places = new Map(this.texts.map((it, i) => [it, i]));
    }
  }
}

class Names implements Uses {
  readonly values = new TextPlaces();
  readonly maps = new TextPlaces();
  readonly fields: TextPlaces[] = [];
  readonly indexes = new TextPlaces();
  readonly places: number[] = [];
  others: string[] = [];

  index(name: unknown, list: List, i: number): void {
    this.places.push(this.#use(name, this.indexes, list, i, "index"));
  }

  ref(ref: Ref, list: List, i: number, at: string): void {
    if (typeof ref !== "object" || ref === null) {
      this.places.push(this.#use(ref, this.values, list, i, at));
      return;
    }
    const map = this.#use(ref.map, this.maps, list, i, "map");
    const fields = this.fields[map] ??= new TextPlaces();
    let field = fields.placeOf(ref.field);
    if (field < 0) {
      fields.push(nameOf(ref.field, list, i, "field"));
      field = fields.texts.length - 1;
    }
    this.places.push(-1 - (map * FIELDS + field));
  }

  /** A name that may hold any kind. */
  any(name: unknown, list: List, i: number, field: string): void {
    this.nothing();
    const known = nameOf(name, list, i, field);
    if (!this.#isUsed(known) && !this.others.includes(known)) {
      this.others.push(known);
    }
  }

  /** Notes an entry that is about no record, or about one whose kind is not known yet. */
  nothing(): void {
    this.places.push(0);
  }

  #isUsed(name: string): boolean {
    return this.values.placeOf(name) >= 0 || this.maps.placeOf(name) >= 0 ||
      this.indexes.placeOf(name) >= 0;
  }

  #use(
    name: unknown,
    kind: TextPlaces,
    list: List,
    i: number,
    field: string,
  ): number {
    // A known text was checked when it was first met.
    const at = kind.placeOf(name as string);
    if (at >= 0) return at;
    const known = nameOf(name, list, i, field);
    if (this.#isUsed(known)) {
      throw new TypeError(
        `${place(list, i, field)} is used as two kinds of record`,
      );
    }
    if (this.others.length > 0) {
      this.others = this.others.filter((it) => it !== known);
    }
    kind.push(known);
    return kind.texts.length - 1;
  }
}

function nameOf(name: unknown, list: List, i: number, field: string): string {
  const known = text(name, MAX_NAME_BYTES, list, i, field);
  if (known !== "") return known;
  throw new RangeError(`${place(list, i, field)} must not be empty`);
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
  names.index(query.index, list, i);
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
      return names.ref(item.key, list, i, "key");
    case "equals":
      names.ref(item.key, list, i, "key");
      text(item.value, MAX_VALUE_BYTES, list, i, "value");
      return;
    case "below":
    case "above":
      names.ref(item.key, list, i, "key");
      return integer(item.bound, MIN, MAX, list, i, "bound");
    case "within":
      names.ref(item.counter, list, i, "counter");
      text(item.period, MAX_PERIOD_BYTES, list, i, "period");
      integer(item.delta, MIN, MAX, list, i, "delta");
      return integer(item.max, MIN, MAX, list, i, "max");
    case "empty":
      return names.index(item.index, list, i);
    case "never":
      return names.nothing();
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
      names.ref(item.key, list, i, "key");
      text(item.value, MAX_VALUE_BYTES, list, i, "value");
      if (item.ttlMs !== undefined) {
        integer(item.ttlMs, 1, MAX_TTL_MS, list, i, "ttlMs");
      }
      return;
    case "delete":
      if (typeof item.key === "object") {
        return names.ref(item.key, list, i, "key");
      }
      return names.any(item.key, list, i, "key");
    case "add":
      names.ref(item.counter, list, i, "counter");
      text(item.period, MAX_PERIOD_BYTES, list, i, "period");
      return integer(item.delta, MIN, MAX, list, i, "delta");
    case "index":
      names.index(item.index, list, i);
      text(item.member, MAX_MEMBER_BYTES, list, i, "member");
      return integer(item.score, 0, MAX, list, i, "score");
    case "unindex":
      names.index(item.index, list, i);
      text(item.member, MAX_MEMBER_BYTES, list, i, "member");
      return;
    default:
      throw new TypeError(
        `${place(list, i, "kind")} is not a kind of write`,
      );
  }
}

/** Refuses a write to a record that is also removed whole, because an engine removes last. */
function refuseHalfRemoved(writes: readonly Write[]): void {
  const removed: string[] = [];
  for (const it of writes) {
    if (it.kind === "delete" && typeof it.key === "string") {
      removed.push(it.key);
    }
  }
  if (removed.length === 0) return;
  for (const [i, item] of writes.entries()) {
    const ref = "counter" in item
      ? item.counter
      : "key" in item
      ? item.key
      : { map: item.index };
    if (typeof ref === "object" && removed.includes(ref.map)) {
      throw new TypeError(
        `${place("writes", i, "")} changes what another write removes whole`,
      );
    }
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
    names.ref(keys[i]!, "keys", i, "");
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
  refuseHalfRemoved(writes);
  const reads = listOf(transaction.reads, "reads");
  for (let i = 0; i < reads.length; i++) {
    names.ref(reads[i]!, "reads", i, "");
  }
  return names;
}
