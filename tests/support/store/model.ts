/**
 * The store port in its simplest form: three maps in memory, no sharing with any
 * adapter. What it does is what an adapter must do. It takes its arguments for
 * valid.
 *
 * @module
 */

import type { Clock } from "../../../edge/base/clock.ts";
import {
  type Check,
  type IndexEntry,
  type RangeQuery,
  type ReadRequest,
  type Ref,
  type Snapshot,
  type Store,
  StoreUnavailableError,
  type Transaction,
  type TxnResult,
  type Write,
} from "../../../edge/store/store.ts";

interface Value {
  text: string;
  endsAtMs: number;
}

interface Fields {
  texts: Map<string, string>;
  endsAtMs: number;
}

interface Records {
  values: Map<string, Value>;
  maps: Map<string, Fields>;
  indexes: Map<string, Map<string, number>>;
}

const bytes = (text: string) => new TextEncoder().encode(text);

function compareBytes(a: string, b: string): number {
  const [left, right] = [bytes(a), bytes(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] !== right[i]) return left[i]! - right[i]!;
  }
  return left.length - right.length;
}

const compareEntries = (a: IndexEntry, b: IndexEntry): number =>
  a.score - b.score || compareBytes(a.member, b.member);

const corrupt = () => new StoreUnavailableError("corrupt");

/** The reference model of the store port. */
export class ModelStore implements Store {
  #records: Records = {
    values: new Map(),
    maps: new Map(),
    indexes: new Map(),
  };

  constructor(readonly clock: Clock) {}

  read({ keys = [], ranges = [] }: ReadRequest): Promise<Snapshot> {
    return attempt(() => {
      const now = this.#live();
      return {
        values: keys.map((key) => textAt(now, key)),
        ranges: ranges.map((query) => pageOf(now, query)),
      };
    });
  }

  range(query: RangeQuery): Promise<readonly IndexEntry[]> {
    return attempt(() => pageOf(this.#live(), query));
  }

  txn({ checks, writes, reads = [] }: Transaction): Promise<TxnResult> {
    return attempt(() => {
      const next = structuredClone(this.#live());
      const read = () => reads.map((key) => textAt(next, key));

      for (const item of [...checks, ...writes]) {
        const isWhole = item.kind === "delete" && typeof item.key === "string";
        const ref = refOf(item);
        if (ref !== null && !isWhole) textAt(next, ref);
        if ("index" in item) entriesOf(next, item.index);
      }
      read();

      for (const [position, check] of checks.entries()) {
        const refusal = refusalOf(next, check);
        if (refusal === null) continue;
        return {
          committed: false,
          ...(check.label !== undefined && { label: check.label }),
          check: position,
          value: refusal.value,
          values: read(),
        };
      }
      for (const write of writes) apply(next, write, this.clock.nowMs());
      for (const [name, { texts }] of next.maps) {
        if (texts.size === 0) next.maps.delete(name);
      }
      this.#records = next;
      return { committed: true, values: read() };
    });
  }

  timeMs(): Promise<number> {
    return Promise.resolve(this.clock.nowMs());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The records without what has expired. */
  #live(): Records {
    for (const records of [this.#records.values, this.#records.maps]) {
      for (const [key, { endsAtMs }] of records) {
        if (endsAtMs <= this.clock.nowMs()) records.delete(key);
      }
    }
    return this.#records;
  }
}

function attempt<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

function refOf(item: Check | Write): Ref | null {
  return "key" in item ? item.key : "counter" in item ? item.counter : null;
}

function textAt({ values, maps, indexes }: Records, ref: Ref): string | null {
  if (typeof ref === "string") {
    if (indexes.has(ref) || maps.has(ref)) throw corrupt();
    return values.get(ref)?.text ?? null;
  }
  if (indexes.has(ref.map) || values.has(ref.map)) throw corrupt();
  return maps.get(ref.map)?.texts.get(ref.field) ?? null;
}

function entriesOf(
  { values, maps, indexes }: Records,
  index: string,
): IndexEntry[] {
  if (values.has(index) || maps.has(index)) throw corrupt();
  const members = indexes.get(index) ?? new Map<string, number>();
  return [...members].map(([member, score]) => ({ score, member }))
    .sort(compareEntries);
}

function pageOf(records: Records, query: RangeQuery): IndexEntry[] {
  const { index, min, max, after, limit } = query;
  return entriesOf(records, index)
    .filter(({ score }) => score >= min && score <= max)
    .filter((entry) => after === undefined || compareEntries(entry, after) > 0)
    .slice(0, limit);
}

function integer(text: string): bigint {
  if (!/^\d+$/.test(text) || `${BigInt(text)}` !== text) throw corrupt();
  if (BigInt(text) > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt();
  return BigInt(text);
}

/** What a counter holds for one who is in `period`. */
function counterAt(
  text: string | null,
  period: string,
): { period: string; amount: bigint } {
  if (text === null) return { period, amount: 0n };
  const parts = /^(.*):(\d+)$/s.exec(text);
  if (parts === null) throw corrupt();
  const [stored, amount] = [parts[1]!, integer(parts[2]!)];
  if (bytes(stored).length !== bytes(period).length) throw corrupt();
  return compareBytes(stored, period) < 0
    ? { period, amount: 0n }
    : { period: stored, amount };
}

function refusalOf(
  records: Records,
  check: Check,
): { value: string | null } | null {
  if (check.kind === "never") return { value: null };
  if (check.kind === "empty") {
    const first = entriesOf(records, check.index)[0];
    return first === undefined ? null : { value: first.member };
  }
  const value = textAt(records, refOf(check)!);
  return holds(check, value) ? null : { value };
}

function holds(
  check: Exclude<Check, { kind: "never" | "empty" }>,
  value: string | null,
): boolean {
  switch (check.kind) {
    case "absent":
      return value === null;
    case "equals":
      return value === check.value;
    case "below":
      return value !== null && integer(value) < BigInt(check.bound);
    case "above":
      return value !== null && integer(value) > BigInt(check.bound);
    case "within": {
      const { period, amount } = counterAt(value, check.period);
      const isDropped = period !== check.period && check.delta < 0;
      return amount + BigInt(isDropped ? 0 : check.delta) <= BigInt(check.max);
    }
  }
}

/** The counter after an `add`; `null`: as it was. */
function counterAfter(
  before: string | null,
  period: string,
  delta: number,
): string | null {
  const at = counterAt(before, period);
  if (delta < 0 && (at.period !== period || at.amount === 0n)) return null;
  return `${at.period}:${sumOf(at.amount, delta)}`;
}

function sumOf(amount: bigint, delta: number): bigint {
  const sum = amount + BigInt(delta);
  if (sum > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new StoreUnavailableError("refused");
  }
  return sum < 0n ? 0n : sum;
}

function mapAt({ maps }: Records, name: string): Fields {
  const map = maps.get(name) ?? { texts: new Map(), endsAtMs: Infinity };
  maps.set(name, map);
  return map;
}

function setText(
  records: Records,
  ref: Ref,
  text: string,
  endsAtMs: number | undefined,
): void {
  if (typeof ref === "string") {
    records.values.set(ref, { text, endsAtMs: endsAtMs ?? Infinity });
    return;
  }
  const map = mapAt(records, ref.map);
  map.texts.set(ref.field, text);
  if (endsAtMs !== undefined) map.endsAtMs = endsAtMs;
}

function apply(records: Records, write: Write, nowMs: number): void {
  const { values, maps, indexes } = records;
  if (write.kind === "set") {
    const { key, value, ttlMs } = write;
    setText(records, key, value, ttlMs === undefined ? ttlMs : nowMs + ttlMs);
  } else if (write.kind === "delete") {
    const { key } = write;
    if (typeof key === "object") {
      mapAt(records, key.map).texts.delete(key.field);
    } else for (const kind of [values, maps, indexes]) kind.delete(key);
  } else if (write.kind === "add") {
    const { counter, period, delta } = write;
    const after = counterAfter(textAt(records, counter), period, delta);
    if (after === null) return;
    const end = typeof counter === "string" && values.get(counter)?.endsAtMs;
    setText(records, counter, after, end || undefined);
  } else if (write.kind === "index") {
    const { index, member, score, onlyIfLower } = write;
    const members = indexes.get(index) ?? new Map<string, number>();
    const before = members.get(member);
    if (onlyIfLower && before !== undefined && before <= score) return;
    indexes.set(index, members.set(member, score));
  } else {
    const members = indexes.get(write.index);
    members?.delete(write.member);
    if (members?.size === 0) indexes.delete(write.index);
  }
}
