/**
 * What a mini-transaction comes to, worked out before anything is written, so
 * that an engine writes only what can no longer be refused. Pure: it sees the
 * records through a view and touches nothing.
 *
 * The order is part of the port: kinds of all names, checks, writes.
 *
 * @module
 */

import {
  type Check,
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

/** What stands at a name: a live value, an index with members, or nothing. */
export type LiveRecord = LiveValue | "index" | null;

/** The records as they are before the transaction. */
export interface View {
  record(name: string): LiveRecord;
  /** First member of an index, by score, then bytes; `null`: empty. */
  firstMember(index: string): string | null;
}

/** A change of an index, in the order in which it must be made. */
export type IndexChange =
  | Extract<Write, { kind: "index" | "unindex" }>
  | { readonly kind: "clear"; readonly index: string };

/** What is to be answered and, when it commits, to be written. */
export interface Decision {
  readonly result: TxnResult;
  /** Values as they must be afterwards; `null`: removed. */
  readonly values: ReadonlyMap<string, LiveValue | null>;
  readonly indexChanges: readonly IndexChange[];
}

/**
 * Reads a counter: a canonical decimal integer from 0 to 2^53 − 1.
 *
 * @throws {StoreUnavailableError} `corrupt`, if it is anything else.
 */
export function parseCounter(text: string): number {
  if (/^(?:0|[1-9][0-9]*)$/.test(text)) {
    const number = Number(text);
    if (Number.isSafeInteger(number)) return number;
  }
  throw new StoreUnavailableError("corrupt");
}

/**
 * Works out `transaction` on the records of `view` at `nowMs`; `uses` are its
 * names.
 *
 * @throws {StoreUnavailableError} `corrupt`, if a name holds another kind of
 * record or a counter holds no integer; `refused`, if a counter would rise
 * above 2^53 − 1.
 */
export function decide(
  transaction: Transaction,
  uses: Uses,
  view: View,
  nowMs: number,
): Decision {
  for (const [name, use] of uses) {
    const record = view.record(name);
    if (record === null || use === "either") continue;
    if ((record === "index") !== (use === "index")) {
      throw new StoreUnavailableError("corrupt");
    }
  }

  const values = new Map<string, LiveValue | null>();
  const live = (name: string): LiveValue | null => {
    const changed = values.get(name);
    if (changed !== undefined) return changed;
    const record = view.record(name);
    return record === "index" ? null : record;
  };
  const read = () =>
    (transaction.reads ?? []).map((key) => live(key)?.value ?? null);

  for (const [position, check] of transaction.checks.entries()) {
    const refusal = holds(check, view, live);
    if (refusal === HOLDS) continue;
    return {
      result: {
        committed: false,
        check: position,
        value: refusal.value,
        values: read(),
      },
      values,
      indexChanges: [],
    };
  }

  const indexChanges: IndexChange[] = [];
  for (const write of transaction.writes) {
    switch (write.kind) {
      case "set":
        values.set(write.key, {
          value: write.value,
          expiresAtMs: write.ttlMs === undefined ? null : nowMs + write.ttlMs,
        });
        break;
      case "delete": {
        const isIndex = uses.kinds[uses.placeOf(write.key)] === "index" ||
          view.record(write.key) === "index";
        if (isIndex) indexChanges.push({ kind: "clear", index: write.key });
        else values.set(write.key, null);
        break;
      }
      case "add": {
        const sum = add(live(write.counter), write, nowMs);
        if (sum !== null) values.set(write.counter, sum);
        break;
      }
      default:
        indexChanges.push(write);
    }
  }
  return { result: { committed: true, values: read() }, values, indexChanges };
}

const HOLDS = Symbol("holds");

function holds(
  check: Check,
  view: View,
  live: (name: string) => LiveValue | null,
): typeof HOLDS | { readonly value: string | null } {
  if (check.kind === "empty") {
    const value = view.firstMember(check.index);
    return value === null ? HOLDS : { value };
  }
  const value = live("key" in check ? check.key : check.counter)?.value ?? null;
  switch (check.kind) {
    case "absent":
      return value === null ? HOLDS : { value };
    case "equals":
      return value === check.value ? HOLDS : { value };
    case "below":
      return value !== null && parseCounter(value) < check.bound
        ? HOLDS
        : { value };
    case "sum-at-most": {
      // Rounding cannot hide an excess: a sum of two safe integers that is
      // above 2^53 − 1 stays above it as a double.
      const sum = (value === null ? 0 : parseCounter(value)) + check.delta;
      return sum <= check.max ? HOLDS : { value };
    }
  }
}

/** The counter after an `add`; `null`: stays as it is. */
function add(
  before: LiveValue | null,
  { delta, expiresAtMs }: Extract<Write, { kind: "add" }>,
  nowMs: number,
): LiveValue | null {
  if (before === null) {
    if (delta < 0 || expiresAtMs <= nowMs) return null;
    return { value: `${delta}`, expiresAtMs };
  }
  const sum = Math.max(0, parseCounter(before.value) + delta);
  if (sum > Number.MAX_SAFE_INTEGER) throw new StoreUnavailableError("refused");
  return { value: `${sum}`, expiresAtMs: before.expiresAtMs };
}
