/**
 * The store port in its simplest form: two maps in memory, no sharing with any
 * adapter. What it does is what an adapter must do. It takes its arguments for
 * valid.
 *
 * @module
 */

import type { Clock } from "../../edge/clock.ts";
import {
  type Check,
  type IndexEntry,
  type RangeQuery,
  type ReadRequest,
  type Snapshot,
  type Store,
  StoreUnavailableError,
  type Transaction,
  type TxnResult,
  type Write,
} from "../../edge/store/store.ts";

interface Value {
  text: string;
  endsAtMs: number;
}

interface Records {
  values: Map<string, Value>;
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
  #records: Records = { values: new Map(), indexes: new Map() };

  constructor(readonly clock: Clock) {}

  read({ keys = [], ranges = [] }: ReadRequest): Promise<Snapshot> {
    return attempt(() => {
      const now = this.#live();
      return {
        values: keys.map((key) => valueAt(now, key)),
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
      const read = () => reads.map((key) => valueAt(next, key));

      for (const item of [...checks, ...writes]) {
        const isValue = "counter" in item ||
          ("key" in item && item.kind !== "delete");
        if (isValue) valueAt(next, "key" in item ? item.key : item.counter);
        if ("index" in item) entriesOf(next, item.index);
      }
      read();

      for (const [position, check] of checks.entries()) {
        const refusal = refusalOf(next, check);
        if (refusal === null) continue;
        return {
          committed: false,
          check: position,
          value: refusal.value,
          values: read(),
        };
      }
      for (const write of writes) apply(next, write, this.clock.nowMs());
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
    for (const [key, { endsAtMs }] of this.#records.values) {
      if (endsAtMs <= this.clock.nowMs()) this.#records.values.delete(key);
    }
    return this.#records;
  }
}

function attempt<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

function valueAt({ values, indexes }: Records, key: string): string | null {
  if (indexes.has(key)) throw corrupt();
  return values.get(key)?.text ?? null;
}

function entriesOf({ values, indexes }: Records, index: string): IndexEntry[] {
  if (values.has(index)) throw corrupt();
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

function refusalOf(
  records: Records,
  check: Check,
): { value: string | null } | null {
  if (check.kind === "empty") {
    const first = entriesOf(records, check.index)[0];
    return first === undefined ? null : { value: first.member };
  }
  const key = "key" in check ? check.key : check.counter;
  const value = valueAt(records, key);
  let holds: boolean;
  if (check.kind === "absent") holds = value === null;
  else if (check.kind === "equals") holds = value === check.value;
  else if (check.kind === "below") {
    holds = value !== null && integer(value) < BigInt(check.bound);
  } else {
    holds = integer(value ?? "0") + BigInt(check.delta) <= BigInt(check.max);
  }
  return holds ? null : { value };
}

function apply(records: Records, write: Write, nowMs: number): void {
  const { values, indexes } = records;
  if (write.kind === "set") {
    const endsAtMs = nowMs + (write.ttlMs ?? Infinity);
    values.set(write.key, { text: write.value, endsAtMs });
  } else if (write.kind === "delete") {
    values.delete(write.key);
    indexes.delete(write.key);
  } else if (write.kind === "add") {
    const { counter, delta, expiresAtMs } = write;
    const before = values.get(counter);
    if (before === undefined) {
      if (delta < 0 || expiresAtMs <= nowMs) return;
      values.set(counter, { text: `${delta}`, endsAtMs: expiresAtMs });
      return;
    }
    const sum = integer(before.text) + BigInt(delta);
    if (sum > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new StoreUnavailableError("refused");
    }
    before.text = `${sum < 0n ? 0n : sum}`;
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
