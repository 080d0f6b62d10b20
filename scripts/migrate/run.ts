/**
 * A migration from its beginning to its end: copies, counts both stores, and ends only if both
 * hold the same.
 *
 * @module
 */

import type { Progress } from "../progress.ts";
import { copyRecords } from "./copy.ts";
import { type Recell, refuseUndivided } from "./recell.ts";
import { begin, type Begun, end, noteFrom, type Side } from "./stores.ts";
import { differingKinds, type Tally, tallyOf } from "./tally.ts";

const HOUR_MS = 3_600_000;

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
  /** The kinds of records that differ. */
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
  const beginning = await begin(from, to, nowMs, newId, recell !== undefined);
  if (beginning.kind === "done") return beginning;
  const { begun } = beginning;
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

/** Copies, and shows how far it is. */
async function copy(
  { from, to, pace, recell, progress }: RunOptions,
  begun: Begun,
): Promise<void> {
  progress.begin("Copying records", 0);
  const startedMs = performance.now();
  let copied = 0;
  await copyRecords(from, to, begun, {
    ...{ pace, recell },
    at(count) {
      copied = count;
      progress.at(copied, `${copied}`);
    },
  });
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
    const count = ({ store }: Side, as?: Recell) => {
      let before = 0;
      return tallyOf(store, untilMs, (counted) => {
        all += counted - before;
        before = counted;
        progress.at(all, `${all}`);
      }, as);
    };
    const tallies = await Promise.all([count(from, recell), count(to)]);
    progress.end(`${all} records and members were counted`);
    if (await to.store.timeMs() < untilMs) return tallies;
  }
}
