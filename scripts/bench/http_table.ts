/**
 * The table of a race: a row for each server, and the columns that say the same
 * in every bench.
 *
 * @module
 */

import {
  CODES_PER_PHONE,
  type HttpFigures,
  type HttpSize,
} from "./http_race.ts";
import type { Table } from "../table.ts";

/** What a column shows of a server; `first` is that of the first row. */
type Cell = (it: HttpFigures, first: HttpFigures) => string;

const CELLS = {
  "req/s": (it) => it.requestsPerSecond.toFixed(0),
  "÷ 1 thread": (it, first) =>
    (it.requestsPerSecond / first.requestsPerSecond).toFixed(2),
  "p50 ms": (it) => it.p50Ms.toFixed(2),
  "p99 ms": (it) => it.p99Ms.toFixed(2),
  // Another answer than the expected one would have failed the race.
  "errors": () => "0",
  "edge ÷ this": (it, first) =>
    (first.requestsPerSecond / it.requestsPerSecond).toFixed(2),
  "p99 edge ÷ this": (it, first) => (first.p99Ms / it.p99Ms).toFixed(2),
  "CPU µs": (it) => it.cpuMicroseconds.toFixed(0),
  "Redis µs": (it) => it.storeCpuMicroseconds.toFixed(0),
} satisfies Record<string, Cell>;

/** A column beside the name. */
export type RaceColumn = keyof typeof CELLS;

/** What a race beside bare handlers over Redis shows. */
export const REDIS_COLUMNS: readonly RaceColumn[] = [
  ...["req/s", "p50 ms", "p99 ms", "errors"] as const,
  ...["edge ÷ this", "p99 edge ÷ this", "CPU µs", "Redis µs"] as const,
];

/** The figures of a race as a table. */
export function raceTable(
  { figures, title, names = "handler", columns, notes }: {
    readonly figures: readonly HttpFigures[];
    readonly title: string;
    /** What the names in the first column are of. */
    readonly names?: string;
    readonly columns: readonly RaceColumn[];
    readonly notes: readonly string[];
  },
): Table {
  const cells = columns.map((column): Cell => CELLS[column]);
  return {
    title,
    columns: [names, ...columns],
    rows: figures.map((it) => [
      it.name,
      ...cells.map((cell) => cell(it, figures[0]!)),
    ]),
    notes,
  };
}

/** `median of 14 interleaved slices of 1000 requests from 32 clients`. */
export function slicesNote(
  { rounds, phonesPerRound }: HttpSize,
  what: string,
  clients: number,
): string {
  const slices = rounds * CODES_PER_PHONE;
  return `median of ${slices} interleaved slices of ${phonesPerRound} ${what} from ${clients} clients`;
}
