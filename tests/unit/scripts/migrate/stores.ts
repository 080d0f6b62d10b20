/**
 * Two stores to move records between, and a process that dies in the middle.
 *
 * @module
 */

import type {
  ListableStore,
  RestoredRecord,
  RestoreLock,
  Transaction,
} from "../../../../edge/store/store.ts";
import { createCelledStore } from "../../../../edge/store/celled/celled.ts";
import { openSqliteStore } from "../../../../edge/store/sqlite/sqlite.ts";
import {
  runMigration,
  type RunResult,
} from "../../../../scripts/migrate/run.ts";
import type { Recell } from "../../../../scripts/migrate/recell.ts";
import type { Side } from "../../../../scripts/migrate/stores.ts";
import { tallyOf } from "../../../../scripts/migrate/tally.ts";
import { testCells } from "../../../support/store/cells.ts";
import { ManualClock } from "../../../support/store/fixture.ts";
import { count, field, index, set } from "../../../support/store/ops.ts";

const HOUR_MS = 3_600_000;

/** Two stores, closed and removed together. */
export interface Pair extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly from: Side;
  readonly to: Side;
  /** The databases under both. */
  readonly raw: readonly [ListableStore, ListableStore];
}

/** Opens two empty stores, each of so many cells. */
export async function openPair(
  toClock?: ManualClock,
  cellsOf: readonly [number, number] = [1, 1],
): Promise<Pair> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-migrate-" });
  const clock = new ManualClock();
  const raw: ListableStore[] = [];
  const open = (told: string, clock: ManualClock, count: number): Side => {
    const store = openSqliteStore({ path: `${folder}/${told}`, clock });
    raw.push(store);
    if (count === 1) return { told, store };
    const stores = new Array(count).fill(store);
    const cells = testCells(count);
    return { told, store: createCelledStore({ cells, stores, prefix: "90" }) };
  };
  const from = open("old.db", clock, cellsOf[0]);
  const to = open("new.db", toClock ?? clock, cellsOf[1]);
  return {
    ...{ clock, from, to, raw: [raw[0]!, raw[1]!] as const },
    async [Symbol.asyncDispose]() {
      await from.store.close();
      await to.store.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Writes records of every kind, some with ends, so many of each. */
export async function fill({ store }: Side, howMany = 40): Promise<void> {
  const all = Array.from({ length: howMany }, (_, i) => i);
  for (let at = 0; at < howMany; at += 100) {
    await store.txn({
      checks: [],
      writes: all.slice(at, at + 100).flatMap((i) => [
        set(`oc:{0}:order:${i}`, `order ${i}`),
        set(`oc:{0}:verification:${i}`, `${i}`, 90 * HOUR_MS + i),
        set(`oc:{0}:double-scan:${i}`, `${i}`, 60_000),
        set(field(`oc:{0}:account:${i}`, "mark"), `${i}`),
        count(field(`oc:{0}:account:${i}`, "count"), "2026-06-01", 1 + i),
        set(field(`oc:{0}:guesses:${i}`, "day"), `${i}`, 24 * HOUR_MS),
        index(`oc:{0}:bucket:${i % 3}`, `entry ${i}`, i),
        index("oc:{0}:due-orders", `${i}`, 1_000 * i),
      ]),
    });
  }
}

let lastId = 0;

/** Runs a migration of a pair. */
export function run(
  { clock, from, to }: Pick<Pair, "clock" | "from" | "to">,
  recell?: Recell,
): Promise<RunResult> {
  return runMigration({
    ...{ from, to, recell },
    nowMs: () => clock.ms,
    newId: () => `${++lastId}`,
    pace: () => Promise.resolve(),
    progress: { begin() {}, at() {}, end() {} },
  });
}

/** What a store holds that lasts. */
export const tallyNow = async ({ store }: Side, clock: ManualClock) =>
  (await tallyOf(store, clock.ms + HOUR_MS, () => {})).counts;

/** A side with some methods of its store replaced. */
export const withMethods = (
  { store, told }: Side,
  methods: Partial<ListableStore>,
): Side => ({
  told,
  store: new Proxy(store, {
    get(target, name) {
      const own = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof own === "function" ? own.bind(target) : own;
    },
  }),
});

/** Thrown in a process that is dead. */
export class Killed extends Error {}

/** A process that dies at one of its writes, before it is made or after it. */
export class Process {
  /** The writes that were made. */
  writes = 0;

  constructor(readonly dies: { at: number; after: boolean }) {}

  /** A side, as this process uses it. */
  side(side: Side): Side {
    const { store } = side;
    const write = async <T>(work: () => Promise<T>): Promise<T> => {
      const { at, after } = this.dies;
      if (this.writes > at || (this.writes === at && !after)) {
        this.writes = Infinity;
        throw new Killed();
      }
      const result = await work();
      if (this.writes++ === at) throw new Killed();
      return result;
    };
    return withMethods(side, {
      txn: (transaction: Transaction) => write(() => store.txn(transaction)),
      restore: (records: readonly RestoredRecord[], lock: RestoreLock) =>
        write(() => store.restore(records, lock)),
    });
  }
}
