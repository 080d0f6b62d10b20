/**
 * What a run has shown: as data, which the JSON report is, and in tables for the
 * terminal. It holds settings, figures, answers and checks; no key, no code, no
 * seed.
 *
 * @module
 */

import os from "node:os";
import { CURRENCY } from "../client.ts";
import { formatTable, readable } from "../table.ts";
import type { Books } from "./books.ts";
import type { LoadOptions } from "./options.ts";
import { type Breach, type Promised, PROMISES } from "./orders.ts";
import { latencyFigures, type Recorder } from "./recorder.ts";

/** What a report is made from. */
export interface ReportParts {
  readonly run: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly settings: LoadOptions;
  /** Whether it was ended by hand before its time. */
  readonly endedEarly: boolean;
  /** How long requests were sent. */
  readonly seconds: number;
  readonly enrolSeconds: number;
  readonly books: Books;
  readonly recorder: Recorder;
  readonly planned: number;
  /** Not sent, since no wallet had a fresh code. */
  readonly skipped: number;
  /** Not sent, since the run was over before all tills were free for them. */
  readonly unsent: number;
  readonly breaches: readonly Breach[];
}

/** A run, told. */
export type LoadReport = ReturnType<typeof makeReport>;

/** Puts a report together. */
export function makeReport(parts: ReportParts) {
  const { recorder, planned, skipped, unsent, breaches, ...rest } = parts;
  const { seconds, endedEarly, books } = rest;
  const { ended, unexpected } = recorder;
  return {
    format: 2,
    ...rest,
    machine: machine(),
    requests: {
      ...{ planned, ended, skipped, unsent, unexpected },
      perSecond: seconds === 0 ? 0 : ended / seconds,
    },
    /** From when requests should have left. */
    latencyMs: latencyFigures(recorder.intended),
    /** From when they left. */
    serviceMs: latencyFigures(recorder.service),
    answers: recorder.answers(),
    slices: recorder.slices(endedEarly ? seconds * 1000 : Infinity),
    checks: [...promises(breaches), ...bookChecks(books)],
  };
}

const SHOWN = 10;

const money = (minor: number) =>
  `${
    (minor / 100).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, "\u202f")
  } ${CURRENCY}`;

/** Something that must hold, what was found, and some of what does not hold. */
const check = (
  name: string,
  holds: boolean,
  found: string,
  examples: readonly string[] = [],
) => ({ name, holds, found, examples });

function promises(breaches: readonly Breach[]) {
  return (Object.keys(PROMISES) as Promised[]).map((promise) => {
    const broken = breaches.filter((it) => it.promise === promise)
      .map((it) => it.what);
    return check(
      PROMISES[promise],
      broken.length === 0,
      broken.length === 0
        ? "Every answer agreed."
        : `${broken.length} answers did not agree.`,
      broken.slice(0, SHOWN),
    );
  });
}

function bookChecks(books: Books) {
  const { accounts, beforeMinor, afterMinor, paidMinor } = books;
  const { differing, differingCount, unsureOrders, paidOrders } = books;
  return [
    check(
      "Every order has an end",
      unsureOrders === 0,
      unsureOrders === 0
        ? `${paidOrders} paid, ${books.reversedOrders} reversed, ${books.refusedOrders} refused.`
        : `Of ${unsureOrders} orders nobody could say whether they are paid.`,
    ),
    check(
      "The books agree",
      differingCount === 0,
      differingCount === 0
        ? `${accounts} accounts held ${money(beforeMinor)}, hold ${
          money(afterMinor)
        }, and have paid ${money(paidMinor)}.`
        : `${differingCount} of ${accounts} accounts hold something else than their orders say.`,
      differing,
    ),
  ];
}

/** The machine that sent the load. */
function machine() {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? "unknown",
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30 * 10) / 10,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    deno: Deno.version.deno,
  };
}

/** The run in tables. */
export function summary(report: LoadReport): string {
  const { checks, endedEarly, requests } = report;
  const { ended, planned, perSecond, skipped, unsent } = requests;
  const failing = checks.filter((it) => !it.holds).length;
  const notSent = (count: number, why: string) =>
    count === 0 ? [] : [`  ${readable(count)} were not sent, since ${why}`];
  return [
    ...(endedEarly ? ["The run was ended early, by hand.", ""] : []),
    `${readable(ended)} of ${readable(planned)} requests, ${
      readable(perSecond)
    } a second`,
    ...notSent(skipped, "no wallet had a fresh code"),
    ...notSent(unsent, "the run was over before a till was free"),
    ...tables(report).flatMap((it) => ["", formatTable(it)]),
    "",
    failing === 0
      ? `All ${checks.length} checks hold`
      : `${failing} of ${checks.length} checks fail`,
    ...checks.flatMap(({ name, holds, found, examples }) => [
      `  ${holds ? "ok    " : "FAILED"}  ${name}. ${found}`,
      ...examples.map((it) => `            ${it}`),
    ]),
  ].join("\n");
}

/** Percentiles counted both ways, kinds and answers, slices of time. */
function tables(report: LoadReport) {
  const { latencyMs, serviceMs, answers, requests, slices } = report;
  const figures = (it: LoadReport["latencyMs"]) =>
    [it.p50, it.p90, it.p99, it.p999, it.max, it.mean].map(readable);
  return [{
    title: "How long requests took, ms",
    columns: ["counted from", "p50", "p90", "p99", "p99.9", "longest", "mean"],
    rows: [
      ["when they should have left", ...figures(latencyMs)],
      ["when they left", ...figures(serviceMs)],
    ],
    notes: [
      "Timers are late by a millisecond or two; where the rows differ by more, requests queued at the tills.",
    ],
  }, {
    title: "Answers",
    columns: ["request and answer", "number", "share", ""],
    rows: answers.map(({ kind, answer, asExpected, count }) => [
      `${kind.padEnd(7)} ${answer}`,
      readable(count),
      `${readable(count / requests.ended * 100)} %`,
      asExpected ? "" : "not as expected",
    ]),
  }, {
    title: "Over time, by when requests should have left",
    columns: [
      ...["seconds", "due a second", "answered a second"],
      ...["p50 ms", "p99 ms", "not as expected"],
    ],
    rows: slices.map((it) => [
      `${readable(it.fromSeconds)} to ${readable(it.toSeconds)}`,
      ...[it.intendedPerSecond, it.answeredPerSecond].map(readable),
      ...[it.p50, it.p99, it.unexpected].map(readable),
    ]),
  }];
}
