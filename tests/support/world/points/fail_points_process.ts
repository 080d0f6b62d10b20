/**
 * An edge in a process of its own that carries out one call and can be killed
 * at a point of it: its argument is a {@linkcode StoppableCall} as JSON. It prints
 * the name of the point and stays there, or the end of the call.
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
    settings: call.settings,
    wrapStore: (store) => pointedStore(store, hold.reach),
    wrapLedger: (sandbox) => pointedLedger(journal ?? sandbox, hold.reach),
  });
  return { app, hold, journal };
}

if (import.meta.main) {
  const call = JSON.parse(Deno.args[0]!) as StoppableCall;
  const { app, hold } = await startStoppable(call);
  // Whoever waits for nothing would end.
  setInterval(() => {}, 60_000);
  const { method, path, ...rest } = call.request;
  const end = await Promise.race([
    hold.held,
    app.api.call(method, path, rest).then(({ status }) => `end ${status}`),
  ]);
  console.log(end);
}
