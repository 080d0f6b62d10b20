/**
 * Figures for people: tables with aligned columns, and numbers in few digits.
 * Every task that measures prints its figures with this.
 *
 * @module
 */

/** A table of figures, ready to print. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** One text per column; the first is aligned left, the others right. */
  readonly rows: readonly (readonly string[])[];
  /** What a reader must know to trust the figures. */
  readonly notes?: readonly string[];
}

/** A row by the names of its columns; numbers become {@linkcode readable}. */
export type Row = Readonly<Record<string, string | number>>;

/** A table whose columns are the names in its rows, which are all the same. */
export function tableOf(
  title: string,
  rows: readonly Row[],
  notes: readonly string[] = [],
): Table {
  const cell = (it: string | number) =>
    typeof it === "number" ? readable(it) : it;
  return {
    title,
    columns: Object.keys(rows[0] ?? {}),
    rows: rows.map((row) => Object.values(row).map(cell)),
    notes,
  };
}

/** The table as text, columns aligned. */
export function formatTable(
  { title, columns, rows, notes = [] }: Table,
): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, c) =>
    Math.max(...all.map((row) => row[c]!.length))
  );
  const line = (row: readonly string[]) =>
    "  " +
    row.map((cell, c) =>
      c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)
    ).join("  ").trimEnd();
  const rule = "  " + widths.map((width) => "─".repeat(width)).join("  ");
  return [
    title,
    line(columns),
    rule,
    ...rows.map(line),
    ...notes.map((note) => `  ${note}`),
  ].join("\n");
}

/** A number in three digits at most, with spaces between thousands. */
export function readable(value: number): string {
  if (value !== 0 && Math.abs(value) < 100) {
    return `${Number(value.toPrecision(3))}`;
  }
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** A figure per second: `7.58 M`, `512 k`, `940`. */
export function perSecond(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(0)} k`;
  return value.toFixed(0);
}

/** The median of the values: the middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[half]!
    : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** A suite of the bench: it measures, and says what it found. */
export type Suite = () => Promise<readonly Table[]>;
