/**
 * Time and memory from a thousand to a million credentials in the 10 000
 * buckets of the default profile, as a table and as `scale.svg`, which the page
 * of figures shows. Ten millions are on paper: the straight line through the
 * last two sizes that were measured.
 *
 * @module
 */

import type { Suite, Table } from "../../table.ts";
import { chartSvg } from "./chart.ts";
import { BUCKETS, type ScaleFigures } from "./measure.ts";
import { openScaleWorld } from "./world.ts";

const SIZES = [1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6];
const ON_PAPER = 1e7;
const CHART_URL = new URL("../scale.svg", import.meta.url);

type Figure = (it: ScaleFigures) => number;

const CORE_MB: Figure = (it) => it.coreBytes / 1e6;
const SCRIPT_MB: Figure = (it) => it.scriptBytes / 1e6;

/** Columns of the table beside the number of credentials, with their digits. */
const COLUMNS: readonly (readonly [string, Figure, number])[] = [
  ["cold µs", (it) => it.coldMicroseconds, 1],
  ["warm µs", (it) => it.warmMicroseconds, 2],
  ["load s", (it) => it.loadSeconds, 2],
  ["core alone s", (it) => it.coreLoadSeconds, 2],
  ["core MB", CORE_MB, 1],
  ["JavaScript MB", SCRIPT_MB, 1],
  ["core B each", (it) => it.coreBytes / it.credentials, 1],
  ["JS B each", (it) => it.scriptBytes / it.credentials, 1],
];

/** Panels of the drawing: title, unit and lines. */
const PANELS: readonly (readonly [string, string, Record<string, Figure>])[] = [
  ["Search of one code", "µs of CPU", {
    "cold": (it) => it.coldMicroseconds,
    "warm": (it) => it.warmMicroseconds,
  }],
  ["Loading all of them", "s of CPU", {
    "from sealed entries": (it) => it.loadSeconds,
    "core alone": (it) => it.coreLoadSeconds,
  }],
  ["Memory of an edge", "MB", { "core": CORE_MB, "JavaScript": SCRIPT_MB }],
];

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
  const part = (credentials - more.credentials) /
    (more.credentials - less.credentials);
  const names = Object.keys(more) as (keyof ScaleFigures)[];
  const figures = names.map((it) => [
    it,
    more[it] + (more[it] - less[it]) * part,
  ]);
  return Object.fromEntries(figures) as ScaleFigures;
}

/** The figures as a table; the last ones were not measured. */
export function scaleTable(
  measured: readonly ScaleFigures[],
  paper: ScaleFigures,
): Table {
  const row = (name: string, it: ScaleFigures) => [
    name,
    ...COLUMNS.map(([, of, digits]) => of(it).toFixed(digits)),
  ];
  return {
    title:
      `Credentials in ${BUCKETS} buckets: one code's search, loading them all, memory`,
    columns: ["credentials", ...COLUMNS.map(([name]) => name)],
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
  const point = (of: Figure) => (it: ScaleFigures) =>
    [it.credentials, of(it)] as const;
  return chartSvg(
    `Search, loading and memory by the number of credentials, in ${BUCKETS} buckets; dashed: on paper`,
    PANELS.map(([title, yLabel, lines]) => ({
      ...{ title, yLabel, xLabel: "credentials" },
      lines: Object.entries(lines).map(([name, of]) => ({
        name,
        points: measured.map(point(of)),
        beyond: point(of)(paper),
      })),
    })),
  );
}

/** From a thousand to a million; writes the chart. */
export const scaleSuite: Suite = async () => {
  const measured = await measureScale(SIZES);
  const paper = onPaper(measured.at(-2)!, measured.at(-1)!, ON_PAPER);
  await Deno.writeTextFile(CHART_URL, scaleChart(measured, paper));
  return [scaleTable(measured, paper)];
};
