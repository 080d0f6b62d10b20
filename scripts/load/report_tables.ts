/**
 * The figures of the HTML report: tiles, tables, and lists of names and values.
 *
 * @module
 */

import { html as markup } from "hono/html";
import type { Markup } from "./charts.ts";
import type { LatencyFigures } from "./recorder.ts";
import type { LoadReport } from "./report.ts";
import { readable } from "./scale.ts";

const KIND_NAMES = {
  pay: "payment",
  bad: "wrong code",
  repeat: "order again",
  query: "question",
  reverse: "reversal",
} as const;

/** The few figures that come first. */
export function tiles(report: LoadReport): Markup {
  const { requests, latencyMs, settings, answers } = report;
  const paid = answers.filter((it) => it.kind === "pay" && it.asExpected)
    .reduce((sum, it) => sum + it.count, 0);
  const unexpected = requests.ended === 0
    ? 0
    : requests.unexpected / requests.ended;
  const unsent = requests.skipped + requests.unsent;
  const all = [
    [
      readable(requests.perSecond),
      "answers a second",
      `${readable(settings.rate)} intended`,
    ],
    [readable(paid), "payments", `of ${readable(requests.ended)} requests`],
    [`${readable(latencyMs.p50)} ms`, "p50", "half were faster"],
    [
      `${readable(latencyMs.p99)} ms`,
      "p99",
      `longest ${readable(latencyMs.max)} ms`,
    ],
    [
      percent(unexpected),
      "not as expected",
      unsent === 0
        ? `${readable(requests.unexpected)} answers`
        : `and ${readable(unsent)} not sent`,
    ],
  ];
  return markup`${
    all.map(([value, name, more]) =>
      markup`<div><b>${value}</b><span>${name}</span><small>${more}</small></div>`
    )
  }`;
}

/** Percentiles, counted both ways. */
export function percentilesTable({ latencyMs, serviceMs }: LoadReport): Markup {
  const names = ["p50", "p90", "p99", "p999", "max", "mean"] as const;
  const row = (figures: LatencyFigures) =>
    names.map((it) => readable(figures[it]));
  return table(
    [["ms"], ["p50", "p90", "p99", "p99.9", "longest", "mean"]],
    [
      { texts: ["since it should have left"], numbers: row(latencyMs) },
      { texts: ["since it left"], numbers: row(serviceMs) },
    ],
  );
}

/** Which kind got which answer, how often. */
export function answersTable({ answers, requests }: LoadReport): Markup {
  return table(
    [["request", "answer", ""], ["number", "share"]],
    answers.map(({ kind, answer, asExpected, count }) => ({
      texts: [KIND_NAMES[kind], answer, asExpected ? "" : "not as expected"],
      numbers: [readable(count), percent(count / requests.ended)],
      isOdd: !asExpected,
    })),
  );
}

/** What the charts over time are drawn from. */
export function slicesTable({ slices }: LoadReport): Markup {
  return table(
    [["seconds"], [
      "should have left, a second",
      "answered, a second",
      "p50 ms",
      "p99 ms",
      "not as expected",
    ]],
    slices.map((it) => ({
      texts: [`${readable(it.fromSeconds)} to ${readable(it.toSeconds)}`],
      numbers: [
        it.intendedPerSecond,
        it.answeredPerSecond,
        it.p50,
        it.p99,
        it.unexpected,
      ].map(readable),
    })),
  );
}

/** What was asked for. */
export function settingsPairs(report: LoadReport): Markup {
  const { settings, enrolSeconds, seconds } = report;
  const { shares } = settings;
  return pairs([
    ["server", settings.origin],
    ["wallets", readable(settings.wallets)],
    ["enrolled in", `${readable(enrolSeconds)} s`],
    ["tills", `${settings.tills}`],
    ["merchants", `${settings.merchants}`],
    ["rate", `${readable(settings.rate)} a second, ${settings.spacing}`],
    ["time", `${readable(seconds)} of ${readable(settings.seconds)} s`],
    ["wrong codes", percent(shares.bad)],
    ["orders again", percent(shares.repeat)],
    ["questions", percent(shares.query)],
    ["reversals", percent(shares.reverse)],
    ["an answer may take", `${readable(settings.timeoutSeconds)} s`],
  ]);
}

/** What it was asked for on. */
export function machinePairs({ machine }: LoadReport): Markup {
  return pairs([
    ["processor", machine.cpu],
    ["cores", `${machine.cores}`],
    ["memory", `${machine.memoryGb} GB`],
    ["system", machine.system],
    ["Deno", machine.deno],
  ]);
}

function pairs(all: readonly (readonly [string, string])[]): Markup {
  return markup`<dl>${
    all.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)
  }</dl>`;
}

interface Row {
  readonly texts: readonly string[];
  readonly numbers: readonly string[];
  /** Whether it is one to look at. */
  readonly isOdd?: boolean;
}

/** Texts on the left, then numbers. */
function table(
  [texts, numbers]: readonly [readonly string[], readonly string[]],
  rows: readonly Row[],
): Markup {
  const cells = ({ texts, numbers }: Row) =>
    markup`${texts.map((it) => markup`<th>${it}</th>`)}${
      numbers.map((it) => markup`<td>${it}</td>`)
    }`;
  return markup`<div class="scroll"><table><thead><tr>${
    cells({ texts, numbers })
  }</tr></thead><tbody>${
    rows.map((row) =>
      markup`<tr class="${row.isOdd ? "odd" : ""}">${cells(row)}</tr>`
    )
  }</tbody></table></div>`;
}

const percent = (part: number) => `${readable(part * 100)} %`;
