/**
 * A migration from its beginning to its end: copies, counts both stores, and ends only if both
 * hold the same.
 *
 * All records are copied from where an earlier run has come to. Each record is put as it is, so
 * that it does not matter which of them are put twice.
 *
 * @module
 */

import { lockNameOf } from "../../edge/health/migration.ts";
import type { Progress } from "../progress.ts";
import { listRecords } from "./listing.ts";
import { type Recell, refuseUndivided } from "./recell.ts";
import {
  begin,
  type Begun,
  end,
  lockCell,
  lockOf,
  noteFrom,
  type Side,
  takenOver,
} from "./stores.ts";
import { differingKinds, type Tally, tallyOf } from "./tally.ts";

const HOUR_MS = 3_600_000;
/**
 * After about this number of records and members the position is noted, so that another run
 * continues there.
 */
const NOTE_EVERY = 10_000;

/** How a migration is run. */
export interface RunOptions {
  readonly from: Side;
  readonly to: Side;
  readonly nowMs: () => number;
  /** Makes an id that no other run or process has. */
  readonly newId: () => string;
  /** Divides the records of one cell among those of the new store. */
  readonly recell?: Recell | undefined;
  /** Waits until so many records and members may have been copied. */
  readonly pace: (copied: number) => Promise<void>;
  readonly progress: Pick<Progress, "begin" | "at" | "end">;
}

/** What both stores were found to hold. */
export interface Counted {
  /** Of the old store, and of the new one. */
  readonly tallies: readonly [Tally, Tally];
  readonly kinds: readonly string[];
}

/** How a run ended. */
export type RunResult =
  /** An earlier run had moved everything. */
  | { readonly kind: "done" }
  | ({ readonly kind: "moved" } & Counted)
  /** The stores differ; the next run copies everything once more. */
  | ({ readonly kind: "differs" } & Counted);

/**
 * Runs a migration.
 *
 * @throws {InputError} If the stores must not be used for it.
 * @throws {StoreUnavailableError} If a store does not answer; another run goes on.
 */
export async function runMigration(options: RunOptions): Promise<RunResult> {
  const { from, to, nowMs, newId, recell } = options;
  if (recell !== undefined) await refuseUndivided(from.store);
  const begun = await begin(from, to, nowMs, newId, recell !== undefined);
  if (begun === null) return { kind: "done" };
  await copy(options, begun);
  const tallies = await compare(options);
  const kinds = differingKinds(...tallies);
  if (kinds.length > 0) {
    await noteFrom(to, begun, "");
    return { kind: "differs", tallies, kinds };
  }
  await end(from, to, begun, tallies[1].locks, nowMs);
  return { kind: "moved", tallies, kinds };
}

/**
 * Copies the records that no run has copied yet.
 *
 * @throws {InputError} If another process has taken the migration over.
 */
async function copy(
  { from, to, pace, recell, progress }: RunOptions,
  begun: Begun,
): Promise<void> {
  progress.begin("Copying records", 0);
  const startedMs = performance.now();
  const locked = new Set<string>();
  let copied = 0;
  let noted = 0;
  const first = begun.arriving.value!.from || undefined;
  const listed = listRecords(from.store, first, undefined, recell);
  for await (const { records, next } of listed) {
    let count = 0;
    for (const it of records) {
      count += it.kind === "index" ? it.entries.length : 1;
      const lock = lockNameOf(to.store, it.name);
      if (locked.has(lock)) continue;
      await lockCell(to, begun, lock);
      locked.add(lock);
    }
    if (!await to.store.restore(records, lockOf(begun))) {
      throw takenOver(to.told);
    }
    copied += count;
    progress.at(copied, `${copied}`);
    // Only the last records of a page say where the next one begins.
    if (typeof next === "string" && copied - noted >= NOTE_EVERY) {
      await noteFrom(to, begun, next);
      noted = copied;
    }
    await pace(copied);
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  progress.end(`${copied} records and members were copied in ${seconds} s`);
}

/** Counts both stores; both counts leave out what may end meanwhile. */
async function compare(
  { from, to, recell, progress }: RunOptions,
): Promise<[Tally, Tally]> {
  for (let hours = 1;; hours *= 4) {
    const untilMs = await to.store.timeMs() + hours * HOUR_MS;
    progress.begin("Counting both stores", 0);
    let all = 0;
    const at = (more: number) => progress.at(all += more, `${all}`);
    const tallies = await Promise.all([
      tallyOf(from.store, untilMs, at, recell),
      tallyOf(to.store, untilMs, at),
    ]);
    progress.end(`${all} records and members were counted`);
    if (await to.store.timeMs() < untilMs) return tallies;
  }
}
