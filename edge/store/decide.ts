/**
 * Computes the result of a mini-transaction before anything is written, so an engine writes
 * only what can no longer be refused. This file reads records through a `RecordReader` and writes none.
 *
 * The order is part of the port: first the kinds of all names are checked, then the checks are
 * made, then the writes are computed.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  type Check,
  nameOf,
  type Ref,
  StoreUnavailableError,
  type Transaction,
  type TxnResult,
  type Write,
} from "./store.ts";
import type { Uses } from "./validate.ts";

/** A live value and when it ends, unix milliseconds; `null`: never. */
export interface LiveValue {
  readonly value: string;
  readonly expiresAtMs: number | null;
}

/** A live map, which has a field, and when it ends. */
export interface LiveMap {
  readonly fields: ReadonlyMap<string, string>;
  readonly expiresAtMs: number | null;
}

/** The record at a name: a live value or map, an index with members, or none. */
export type LiveRecord = LiveValue | LiveMap | "index" | null;

/** Reads the records as they were before the transaction. */
export interface RecordReader {
  record(name: string): LiveRecord;
  /** First member of an index, by score, then bytes; `null`: empty. */
  firstMember(index: string): string | null;
}

/** A change of an index, in the order in which it must be made. */
export type IndexChange =
  | Extract<Write, { kind: "index" | "unindex" }>
  | { readonly kind: "clear"; readonly index: string };

/** The result of a transaction and, if it commits, what to write. */
export interface Decision {
  readonly result: TxnResult;
  /** Values and maps as they must be afterwards; `null`: removed. */
  readonly records: ReadonlyMap<string, LiveValue | LiveMap | null>;
  readonly indexChanges: readonly IndexChange[];
}

/**
 * Reads an integer: canonical decimal, from 0 to 2^53 − 1.
 *
 * @throws {StoreUnavailableError} `corrupt`, if it is anything else.
 */
export function parseInteger(text: string): number {
  if (/^(?:0|[1-9][0-9]*)$/.test(text)) {
    const number = Number(text);
    if (Number.isSafeInteger(number)) return number;
  }
  throw new StoreUnavailableError("corrupt");
}

/** The text at `ref` in a record; `null`: none. */
export function textAt(record: LiveRecord, ref: Ref): string | null {
  if (record === null || record === "index") return null;
  if ("value" in record) return typeof ref === "string" ? record.value : null;
  return typeof ref === "string" ? null : record.fields.get(ref.field) ?? null;
}

/**
 * Makes sure that each name in `uses` holds a record of the kind that it is used as.
 *
 * @throws {StoreUnavailableError} `corrupt`, if one does not.
 */
export function requireKinds(uses: Uses, reader: RecordReader): void {
  const require = (
    names: readonly string[],
    isKind: (record: Exclude<LiveRecord, null>) => boolean,
  ) => {
    for (const name of names) {
      const record = reader.record(name);
      if (record !== null && !isKind(record)) {
        throw new StoreUnavailableError("corrupt");
      }
    }
  };
  require(uses.values.texts, (it) => it !== "index" && "value" in it);
  require(uses.maps.texts, (it) => it !== "index" && "fields" in it);
  require(uses.indexes.texts, (it) => it === "index");
}

/** The answer when the check at `position` found `value` and did not hold. */
export function refusedBy(
  checks: readonly Check[],
  position: number,
  value: string | null,
  values: readonly (string | null)[],
): TxnResult {
  const label = checks[position]?.label;
  return {
    committed: false,
    ...(label !== undefined && { label }),
    check: position,
    value,
    values,
  };
}

/**
 * Computes the result of `transaction` on the records of `reader` at `nowMs`; `uses` are its
 * names.
 *
 * @throws {StoreUnavailableError} `corrupt`, if a name holds another kind of
 * record or a counter is none; `refused`, if a counter would rise above
 * 2^53 − 1.
 */
export function decide(
  transaction: Transaction,
  uses: Uses,
  reader: RecordReader,
  nowMs: number,
): Decision {
  requireKinds(uses, reader);
  const next = new NextRecords(reader);
  const read = () => (transaction.reads ?? []).map((ref) => next.text(ref));

  for (const [position, check] of transaction.checks.entries()) {
    const refusal = holds(check, reader, next);
    if (refusal === HOLDS) continue;
    const { checks } = transaction;
    return {
      result: refusedBy(checks, position, refusal.value, read()),
      records: next.records,
      indexChanges: [],
    };
  }

  const indexChanges: IndexChange[] = [];
  for (const write of transaction.writes) {
    switch (write.kind) {
      case "set": {
        const { ttlMs } = write;
        next.set(write.key, write.value, ttlMs && nowMs + ttlMs);
        break;
      }
      case "delete": {
        const { key } = write;
        const isIndex = typeof key === "string" &&
          (uses.indexes.placeOf(key) >= 0 || reader.record(key) === "index");
        if (isIndex) indexChanges.push({ kind: "clear", index: key });
        else next.remove(key);
        break;
      }
      case "add":
        next.add(write);
        break;
      default:
        indexChanges.push(write);
    }
  }
  next.dropEmptyMaps();
  return {
    result: { committed: true, values: read() },
    records: next.records,
    indexChanges,
  };
}

/** A map that is being changed. */
interface NextMap {
  readonly fields: Map<string, string>;
  expiresAtMs: number | null;
}

/** The values and maps as they are after the writes so far. */
class NextRecords {
  readonly records = new Map<string, LiveValue | NextMap | null>();
  readonly #reader: RecordReader;

  constructor(reader: RecordReader) {
    this.#reader = reader;
  }

  #record(name: string): LiveRecord {
    const changed = this.records.get(name);
    return changed === undefined ? this.#reader.record(name) : changed;
  }

  text(ref: Ref): string | null {
    return textAt(this.#record(nameOf(ref)), ref);
  }

  /** The map of a field. It is copied before its first change. */
  #map(name: string): NextMap {
    const changed = this.records.get(name);
    if (changed != null && "fields" in changed) return changed;
    const record = this.#record(name);
    const map = record !== null && record !== "index" && "fields" in record
      ? { ...record, fields: new Map(record.fields) }
      : { fields: new Map<string, string>(), expiresAtMs: null };
    this.records.set(name, map);
    return map;
  }

  /** Without `expiresAtMs` a value never expires, and the expiry of a map is not changed. */
  set(ref: Ref, value: string, expiresAtMs?: number): void {
    if (typeof ref === "string") {
      this.records.set(ref, { value, expiresAtMs: expiresAtMs ?? null });
      return;
    }
    const map = this.#map(ref.map);
    map.fields.set(ref.field, value);
    if (expiresAtMs !== undefined) map.expiresAtMs = expiresAtMs;
  }

  remove(ref: Ref): void {
    if (typeof ref === "string") this.records.set(ref, null);
    else this.#map(ref.map).fields.delete(ref.field);
  }

  add(write: Extract<Write, { kind: "add" }>): void {
    const { counter: ref, delta } = write;
    const before = this.text(ref);
    const { period, amount } = counterAt(before, write.period);
    if (delta < 0 && (amount === 0 || period !== write.period)) return;
    this.#keep(ref, `${period}:${sumOf(amount, delta)}`);
  }

  /** Sets a counter. The expiry of its record is not changed. */
  #keep(ref: Ref, value: string): void {
    const record = typeof ref === "string" ? this.#record(ref) : null;
    const end = record !== null && record !== "index"
      ? record.expiresAtMs
      : null;
    this.set(ref, value, end ?? undefined);
  }

  dropEmptyMaps(): void {
    for (const [name, record] of this.records) {
      if (record !== null && "fields" in record && record.fields.size === 0) {
        this.records.set(name, null);
      }
    }
  }
}

/**
 * The amount of a counter for a caller whose clock is in `period`, and the period under which
 * a sum is stored: the stored period if that is later, otherwise `period`.
 */
function counterAt(
  text: string | null,
  period: string,
): { period: string; amount: number } {
  if (text === null) return { period, amount: 0 };
  const colon = text.lastIndexOf(":");
  const amount = parseInteger(text.slice(colon + 1));
  const stored = text.slice(0, Math.max(0, colon));
  if (stored === period && colon >= 0) return { period, amount };
  const [was, is] = [Buffer.from(stored), Buffer.from(period)];
  if (colon < 0 || was.length !== is.length) {
    throw new StoreUnavailableError("corrupt");
  }
  return Buffer.compare(was, is) < 0
    ? { period, amount: 0 }
    : { period: stored, amount };
}

function sumOf(amount: number, delta: number): number {
  const sum = Math.max(0, amount + delta);
  if (sum > Number.MAX_SAFE_INTEGER) throw new StoreUnavailableError("refused");
  return sum;
}

const HOLDS = Symbol("holds");

function holds(
  check: Check,
  reader: RecordReader,
  next: NextRecords,
): typeof HOLDS | { readonly value: string | null } {
  if (check.kind === "never") return { value: null };
  if (check.kind === "empty") {
    const value = reader.firstMember(check.index);
    return value === null ? HOLDS : { value };
  }
  const value = next.text("key" in check ? check.key : check.counter);
  return isMet(check, value) ? HOLDS : { value };
}

function isMet(
  check: Exclude<Check, { kind: "never" | "empty" }>,
  value: string | null,
): boolean {
  switch (check.kind) {
    case "absent":
      return value === null;
    case "equals":
      return value === check.value;
    case "below":
      return value !== null && parseInteger(value) < check.bound;
    case "above":
      return value !== null && parseInteger(value) > check.bound;
    case "within": {
      const { period, amount } = counterAt(value, check.period);
      // An amount that is given back to an earlier period than the stored one is dropped.
      const delta = period === check.period
        ? check.delta
        : Math.max(0, check.delta);
      // Rounding cannot hide an excess: a sum of two safe integers that is
      // above 2^53 − 1 stays above it as a double.
      return amount + delta <= check.max;
    }
  }
}
