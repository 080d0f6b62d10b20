/**
 * A process with edges that can be killed at a point of what each does: its
 * argument is a list of {@linkcode StoppableCall}s as JSON, each for an edge of
 * its own on a store of its own. Once all are at their points it prints their
 * names, or the ends of calls that did not come to their points, and stays there.
 *
 * @module
 */

import type { Settings } from "../../../../edge/boot/settings.ts";
import { startApp } from "../app.ts";
import { HoldAt, pointedLedger, pointedStore } from "./fail_points.ts";
import { openStoreAt } from "../../store/process/process_stores.ts";
import { openJournal, type Verdict } from "../../ledger/journal_ledger.ts";

/** What the process under test is asked for. */
export interface StoppableCall {
  /** Location of the store. */
  readonly store: string;
  /** The file of the journal; without it the ledger is the sandbox. */
  readonly journal?: string;
  readonly verdict: Verdict;
  readonly nowMs: number;
  /** Number of the point, from 0, or its name. */
  readonly at: number | string;
  readonly settings: Partial<Settings>;
  /**
   * Where it keeps guess permits, 0 if not given: where it met those of another
   * edge it would come to more points.
   */
  readonly place?: number;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly key: string;
    readonly body?: unknown;
  };
}

/** Starts an edge that stops at point `at` of what it does. */
export async function startStoppable(call: Omit<StoppableCall, "request">) {
  const hold = new HoldAt(call.at);
  const { journal: path } = call;
  const journal = path === undefined ? null : openJournal(path);
  if (journal !== null) journal.verdict = call.verdict;
  const app = await startApp({
    openStore: (clock) => openStoreAt(call.store, clock),
    nowMs: call.nowMs,
    place: call.place ?? 0,
    settings: call.settings,
    wrapStore: (store) => pointedStore(store, hold.reach),
    wrapLedger: (sandbox) => pointedLedger(journal ?? sandbox, hold.reach),
  });
  return { app, hold, journal };
}

/** Starts an edge and has it called; where it stopped. */
async function stop(call: StoppableCall): Promise<string> {
  const { app, hold } = await startStoppable(call);
  const { method, path, ...rest } = call.request;
  return await Promise.race([
    hold.held,
    app.api.call(method, path, rest).then(({ status }) => `end ${status}`),
  ]);
}

if (import.meta.main) {
  const calls = JSON.parse(Deno.args[0]!) as StoppableCall[];
  // Whoever waits for nothing would end.
  setInterval(() => {}, 60_000);
  const ends: string[] = [];
  // One after the other: beside others an edge comes to its points in another order.
  for (const call of calls) ends.push(await stop(call));
  console.log(JSON.stringify(ends));
}
