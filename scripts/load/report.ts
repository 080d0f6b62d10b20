/**
 * What a run has shown, as data: the JSON report as it is, and what the tables
 * in the terminal are made from. It holds settings, figures, answers and checks;
 * no key, no code, no seed.
 *
 * @module
 */

import os from "node:os";
import type { Books } from "./books.ts";
import type { LoadOptions } from "./options.ts";
import { type Breach, type Promised, PROMISES } from "./orders.ts";
import {
  type AnswerCount,
  type LatencyFigures,
  latencyFigures,
  type Recorder,
  type Slice,
} from "./recorder.ts";
import { CURRENCY } from "../client.ts";

/** The machine that sent the load. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly deno: string;
}

/** Something that must hold. */
export interface CheckResult {
  readonly name: string;
  readonly holds: boolean;
  /** What was found, in one sentence. */
  readonly found: string;
  /** Some of what does not hold. */
  readonly examples: readonly string[];
}

/** A run, told. */
export interface LoadReport {
  readonly format: 2;
  readonly run: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly settings: LoadOptions;
  readonly machine: Machine;
  /** Whether it was ended by hand before its time. */
  readonly endedEarly: boolean;
  /** How long requests were sent. */
  readonly seconds: number;
  readonly enrolSeconds: number;
  readonly requests: {
    readonly planned: number;
    readonly ended: number;
    /** Not sent, since no wallet had a fresh code. */
    readonly skipped: number;
    /** Not sent, since the run was over before all tills were free for them. */
    readonly unsent: number;
    readonly unexpected: number;
    readonly perSecond: number;
  };
  /** From when requests should have left. */
  readonly latencyMs: LatencyFigures;
  /** From when they left. */
  readonly serviceMs: LatencyFigures;
  readonly answers: readonly AnswerCount[];
  readonly slices: readonly Slice[];
  readonly books: Books;
  readonly checks: readonly CheckResult[];
}

/** What a report is made from. */
export interface ReportParts extends
  Pick<
    LoadReport,
    | "run"
    | "startedAt"
    | "settings"
    | "endedEarly"
    | "seconds"
    | "enrolSeconds"
    | "books"
  > {
  readonly recorder: Recorder;
  readonly planned: number;
  readonly skipped: number;
  readonly unsent: number;
  readonly breaches: readonly Breach[];
}

/** Puts a report together. */
export function makeReport(parts: ReportParts): LoadReport {
  const { recorder, planned, skipped, unsent, seconds } = parts;
  const { breaches, books } = parts;
  const { run, startedAt, settings, endedEarly, enrolSeconds } = parts;
  return {
    format: 2,
    run,
    startedAt,
    settings,
    machine: machine(),
    endedEarly,
    seconds,
    enrolSeconds,
    requests: {
      planned,
      ended: recorder.ended,
      skipped,
      unsent,
      unexpected: recorder.unexpected,
      perSecond: seconds === 0 ? 0 : recorder.ended / seconds,
    },
    latencyMs: latencyFigures(recorder.intended),
    serviceMs: latencyFigures(recorder.service),
    answers: recorder.answers(),
    slices: recorder.slices(endedEarly ? seconds * 1000 : Infinity),
    books,
    checks: [...promises(breaches), ...bookChecks(books)],
  };
}

const SHOWN = 10;

const money = (minor: number) =>
  `${
    (minor / 100).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, "\u202f")
  } ${CURRENCY}`;

function promises(breaches: readonly Breach[]): CheckResult[] {
  return (Object.keys(PROMISES) as Promised[]).map((promise) => {
    const broken = breaches.filter((it) => it.promise === promise);
    return {
      name: PROMISES[promise],
      holds: broken.length === 0,
      found: broken.length === 0
        ? "Every answer agreed."
        : `${broken.length} answers did not agree.`,
      examples: broken.slice(0, SHOWN).map((it) => it.what),
    };
  });
}

function bookChecks(books: Books): CheckResult[] {
  const { accounts, beforeMinor, afterMinor, paidMinor } = books;
  const { differing, differingCount, unsureOrders, paidOrders } = books;
  return [
    {
      name: "Every order has an end",
      holds: unsureOrders === 0,
      found: unsureOrders === 0
        ? `${paidOrders} paid, ${books.reversedOrders} reversed, ${books.refusedOrders} refused.`
        : `Of ${unsureOrders} orders nobody could say whether they are paid.`,
      examples: [],
    },
    {
      name: "The books agree",
      holds: differingCount === 0,
      found: differingCount === 0
        ? `${accounts} accounts held ${money(beforeMinor)}, hold ${
          money(afterMinor)
        }, and have paid ${money(paidMinor)}.`
        : `${differingCount} of ${accounts} accounts hold something else than their orders say.`,
      examples: differing,
    },
  ];
}

function machine(): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? "unknown",
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30 * 10) / 10,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    deno: Deno.version.deno,
  };
}
