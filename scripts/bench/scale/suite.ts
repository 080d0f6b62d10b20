/**
 * Time and memory from a thousand to a million credentials in the 10 000
 * buckets of the default profile, as a table and as `scale.svg` beside the
 * README, which the page of figures shows. Ten millions are on paper: the straight line
 * through the last two sizes that were measured.
 *
 * @module
 */

import { chartSvg, type Line } from "./chart.ts";
import { BUCKETS, type ScaleFigures } from "./measure.ts";
import { openScaleWorld } from "./world.ts";
import type { Suite, Table } from "../../table.ts";

const SIZES = [1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6];
const ON_PAPER = 1e7;
const CHART_URL = new URL("../scale.svg", import.meta.url);

/** Measures a store that grows from each size to the next. */
export async function measureScale(
  sizes: readonly number[],
): Promise<ScaleFigures[]> {
  await using world = await openScaleWorld();
  const all: ScaleFigures[] = [];
  for (const size of sizes) {
    await world.fill(size);
    all.push(await world.measure());
  }
  return all;
}

/** What `credentials` would take, by the slope between two measured sizes. */
export function onPaper(
  less: ScaleFigures,
  more: ScaleFigures,
  credentials: number,
): ScaleFigures {
  const line = (of: (it: ScaleFigures) => number) => {
    const slope = (of(more) - of(less)) / (more.credentials - less.credentials);
    return of(more) + slope * (credentials - more.credentials);
  };
  return {
    credentials,
    buckets: more.buckets,
    loadSeconds: line((it) => it.loadSeconds),
    coreLoadSeconds: line((it) => it.coreLoadSeconds),
    coldMicroseconds: line((it) => it.coldMicroseconds),
    warmMicroseconds: line((it) => it.warmMicroseconds),
    coreBytes: line((it) => it.coreBytes),
    scriptBytes: line((it) => it.scriptBytes),
  };
}

/** The figures as a table; the last ones were not measured. */
export function scaleTable(
  measured: readonly ScaleFigures[],
  paper: ScaleFigures,
): Table {
  const row = (name: string, it: ScaleFigures) => [
    name,
    it.coldMicroseconds.toFixed(1),
    it.warmMicroseconds.toFixed(2),
    it.loadSeconds.toFixed(2),
    it.coreLoadSeconds.toFixed(2),
    (it.coreBytes / 1e6).toFixed(1),
    (it.scriptBytes / 1e6).toFixed(1),
    (it.coreBytes / it.credentials).toFixed(1),
    (it.scriptBytes / it.credentials).toFixed(1),
  ];
  return {
    title:
      `Credentials in ${BUCKETS} buckets: one code's search, loading them all, memory`,
    columns: [
      "credentials",
      "cold µs",
      "warm µs",
      "load s",
      "core alone s",
      "core MB",
      "JavaScript MB",
      "core B each",
      "JS B each",
    ],
    rows: [
      ...measured.map((it) => row(`${it.credentials}`, it)),
      row(`${paper.credentials}, on paper`, paper),
    ],
    notes: [
      "Times are CPU time. A search is of a customer's bucket drawn at random, three steps;",
      "loading is from sealed entries in SQLite, and of the core alone from seeds in memory.",
    ],
  };
}

/** The figures as a drawing. */
export function scaleChart(
  measured: readonly ScaleFigures[],
  paper: ScaleFigures,
): string {
  const line = (name: string, of: (it: ScaleFigures) => number): Line => ({
    name,
    points: measured.map((it) => [it.credentials, of(it)]),
    beyond: [paper.credentials, of(paper)],
  });
  const xLabel = "credentials";
  return chartSvg(
    `Search, loading and memory by the number of credentials, in ${BUCKETS} buckets; dashed: on paper`,
    [
      {
        title: "Search of one code",
        xLabel,
        yLabel: "µs of CPU",
        lines: [
          line("cold", (it) => it.coldMicroseconds),
          line("warm", (it) => it.warmMicroseconds),
        ],
      },
      {
        title: "Loading all of them",
        xLabel,
        yLabel: "s of CPU",
        lines: [
          line("from sealed entries", (it) => it.loadSeconds),
          line("core alone", (it) => it.coreLoadSeconds),
        ],
      },
      {
        title: "Memory of an edge",
        xLabel,
        yLabel: "MB",
        lines: [
          line("core", (it) => it.coreBytes / 1e6),
          line("JavaScript", (it) => it.scriptBytes / 1e6),
        ],
      },
    ],
  );
}

/** From a thousand to a million; writes the chart. */
export const scaleSuite: Suite = async () => {
  const measured = await measureScale(SIZES);
  const paper = onPaper(measured.at(-2)!, measured.at(-1)!, ON_PAPER);
  await Deno.writeTextFile(CHART_URL, scaleChart(measured, paper));
  return [scaleTable(measured, paper)];
};
