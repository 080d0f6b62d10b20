/**
 * Short makers of the store port's checks, writes and questions, for tests.
 *
 * @module
 */

import {
  type Check,
  type Field,
  type IndexEntry,
  nameOf,
  type RangeQuery,
  type Ref,
  type TxnResult,
  type Write,
} from "../../../edge/store/store.ts";

/** The name of the record that is written. */
export const writtenName = (write: Write): string =>
  nameOf(
    "key" in write
      ? write.key
      : "counter" in write
      ? write.counter
      : write.index,
  );

/** The answer to a transaction that was committed and reads nothing. */
export const HOLDS: TxnResult = { committed: true, values: [] };

/** The answer when the first check found `value` and did not hold. */
export const refusal = (value: string | null): TxnResult => ({
  committed: false,
  check: 0,
  value,
  values: [],
});

export const field = (map: string, field: string): Field => ({ map, field });

/** A check with a label. */
export const labelled = (label: string, check: Check): Check => ({
  ...check,
  label,
});

export const absent = (key: Ref): Check => ({ kind: "absent", key });

export const equals = (key: Ref, value: string): Check => ({
  kind: "equals",
  key,
  value,
});

export const below = (key: Ref, bound: number): Check => ({
  kind: "below",
  key,
  bound,
});

export const above = (key: Ref, bound: number): Check => ({
  kind: "above",
  key,
  bound,
});

export const within = (
  counter: Ref,
  period: string,
  delta: number,
  max: number,
): Check => ({ kind: "within", counter, period, delta, max });

export const never = (label: string): Check => ({ kind: "never", label });

export const empty = (index: string): Check => ({ kind: "empty", index });

export const set = (key: Ref, value: string, ttlMs?: number): Write => ({
  kind: "set",
  key,
  value,
  ...(ttlMs !== undefined && { ttlMs }),
});

export const del = (key: Ref): Write => ({ kind: "delete", key });

/** Adds to a counter without time. */
export const add = (counter: Ref, delta: number): Write =>
  count(counter, "0", delta);

/** Adds to a counter that has periods. */
export const count = (counter: Ref, period: string, delta: number): Write => ({
  kind: "add",
  counter,
  period,
  delta,
});

export const index = (
  index: string,
  member: string,
  score: number,
  onlyIfLower?: boolean,
): Write => ({
  kind: "index",
  index,
  member,
  score,
  ...(onlyIfLower !== undefined && { onlyIfLower }),
});

export const unindex = (index: string, member: string): Write => ({
  kind: "unindex",
  index,
  member,
});

/** A page of an index; everything of it unless told otherwise. */
export const page = (
  index: string,
  options: Partial<Omit<RangeQuery, "index">> = {},
): RangeQuery => ({
  index,
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  limit: 100_000,
  ...options,
});

export const entry = (score: number, member: string): IndexEntry => ({
  score,
  member,
});
