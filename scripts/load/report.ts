/**
 * What a run has shown: as data, which the JSON report is, and in tables for the
 * terminal. It holds settings, figures, answers and checks; no key, no code, no
 * seed.
 *
 * @module
 */

import { CURRENCY } from "../client.ts";
import { formatTable, readable, tableOf } from "../table.ts";
import type { Books } from "./books.ts";
import type { LoadOptions } from "./options.ts";
import { type Breach, type Promised, PROMISES } from "./orders.ts";
import type { Latencies } from "./latencies.ts";
import type { Recorder } from "./recorder.ts";

export interface ReportParts {
  readonly run: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly settings: LoadOptions;
  readonly endedEarly: boolean;
  /** How long requests were sent. */
  readonly seconds: number;
  readonly books: Books;
  readonly recorder: Recorder;
  readonly planned: number;
  /** Not sent, since no wallet had a fresh code. */
  readonly skipped: number;
  /** Not sent, since the run was over before all tills were free for them. */
  readonly unsent: number;
  readonly breaches: readonly Breach[];
}

/** The report of a run. */
export type LoadReport = ReturnType<typeof makeReport>;

export function makeReport(parts: ReportParts) {
  const { recorder, planned, skipped, unsent, breaches, ...rest } = parts;
  const { ended, unexpected } = recorder;
  return {
    format: 3,
    ...rest,
    requests: {
      ...{ planned, ended, skipped, unsent, unexpected },
      perSecond: rest.seconds === 0 ? 0 : ended / rest.seconds,
    },
    /** Latencies from the time at which requests should have left. */
    latencyMs: latencyFigures(recorder.intended),
    /** Latencies from the time at which requests left. */
    serviceMs: latencyFigures(recorder.service),
    answers: recorder.answers(),
    checks: [...promises(breaches), ...bookChecks(rest.books)],
  };
}

function latencyFigures(latencies: Latencies) {
  const at = (percent: number) => latencies.percentileMs(percent);
  return {
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: at(100),
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
    const found = broken.length === 0
      ? "Every answer agreed."
      : `${broken.length} answers did not agree.`;
    const examples = broken.slice(0, SHOWN);
    return check(PROMISES[promise], broken.length === 0, found, examples);
  });
}

function bookChecks(books: Books) {
  const { accounts, differing, differingCount, unsureOrders } = books;
  const { beforeMinor, afterMinor, paidMinor } = books;
  const [before, after, paid] = [beforeMinor, afterMinor, paidMinor].map(money);
  return [
    check(
      "Every order has an end",
      unsureOrders === 0,
      unsureOrders === 0
        ? `${books.paidOrders} paid, ${books.reversedOrders} reversed, ${books.refusedOrders} refused.`
        : `Of ${unsureOrders} orders nobody could say whether they are paid.`,
    ),
    check(
      "The books agree",
      differingCount === 0,
      differingCount === 0
        ? `${accounts} accounts held ${before}, hold ${after}, and have paid ${paid}.`
        : `${differingCount} of ${accounts} accounts hold something else than their orders say.`,
      differing,
    ),
  ];
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

/** Percentiles counted both ways, and kinds with their answers. */
function tables(report: LoadReport) {
  const { latencyMs, serviceMs, answers, requests } = report;
  const latencies = [
    { "counted from": "when they should have left", ...latencyMs },
    { "counted from": "when they left", ...serviceMs },
  ];
  const byAnswer = answers.map(({ kind, answer, asExpected, count }) => ({
    "request and answer": `${kind.padEnd(7)} ${answer}`,
    "number": count,
    "share": `${readable(count / requests.ended * 100)} %`,
    "": asExpected ? "" : "not as expected",
  }));
  return [
    tableOf("How long requests took, ms", latencies, [
      "Timers are late by a millisecond or two; where the rows differ by more, requests queued at the tills.",
    ]),
    tableOf("Answers", byAnswer),
  ].filter(({ rows }) => rows.length > 0);
}
