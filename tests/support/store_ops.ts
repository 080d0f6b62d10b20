/**
 * Short makers of the store port's checks, writes and questions, for tests.
 *
 * @module
 */

import type {
  Check,
  IndexEntry,
  RangeQuery,
  Write,
} from "../../edge/store/store.ts";

export const absent = (key: string): Check => ({ kind: "absent", key });

export const equals = (key: string, value: string): Check => ({
  kind: "equals",
  key,
  value,
});

export const below = (key: string, bound: number): Check => ({
  kind: "below",
  key,
  bound,
});

export const sumAtMost = (
  counter: string,
  delta: number,
  max: number,
): Check => ({ kind: "sum-at-most", counter, delta, max });

export const empty = (index: string): Check => ({ kind: "empty", index });

export const set = (key: string, value: string, ttlMs?: number): Write => ({
  kind: "set",
  key,
  value,
  ...(ttlMs !== undefined && { ttlMs }),
});

export const del = (key: string): Write => ({ kind: "delete", key });

export const add = (
  counter: string,
  delta: number,
  expiresAtMs: number = Number.MAX_SAFE_INTEGER,
): Write => ({ kind: "add", counter, delta, expiresAtMs });

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
