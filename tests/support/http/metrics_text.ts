/**
 * Reads the text format of Prometheus, strictly: what is there twice is a fault.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

/** A series: its name, its labels and its value. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What an edge says of itself. */
export interface ReadMetrics {
  /** Help and type of each metric. */
  readonly families: ReadonlyMap<
    string,
    { readonly help: string; readonly type: string }
  >;
  /** By name and labels as they are spelled. */
  readonly series: ReadonlyMap<string, Series>;
}

const LINE = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-z_]+)="([^"\\]*)"(?:,|$)/y;

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const found = LABEL.exec(text);
    assert(found !== null, `No labels: ${text}`);
    assert(!Object.hasOwn(labels, found[1]!), `A label twice: ${text}`);
    labels[found[1]!] = found[2]!;
  }
  return labels;
}

/** The labels in an order of their own, without `le`. */
function labelsText({ labels }: Series): string {
  const { le: _, ...rest } = labels;
  return JSON.stringify(Object.entries(rest).sort());
}

/**
 * Reads a text.
 *
 * @throws {AssertionError} If it has a series or a metric twice, a series without
 * its metric, or a bucket that is less than the one before it.
 */
export function readMetrics(text: string): ReadMetrics {
  const families = new Map<string, { help: string; type: string }>();
  const series = new Map<string, Series>();
  assert(text.endsWith("\n"));
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, help, helpText] = /^# HELP (\S+) (.+)$/.exec(line) ?? [];
    const [, typed, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (help !== undefined) {
      assert(!families.has(help), `A metric twice: ${help}`);
      families.set(help, { help: helpText!, type: "" });
    } else if (typed !== undefined) families.get(typed)!.type = type!;
    else {
      const [, name, labels = "", value] = LINE.exec(line) ?? [];
      assert(name !== undefined, `No series: ${line}`);
      const one = { name, labels: readLabels(labels), value: Number(value) };
      const key = `${name} ${
        JSON.stringify(Object.entries(one.labels).sort())
      }`;
      assert(!series.has(key), `A series twice: ${line}`);
      assert(Number.isFinite(one.value), line);
      assert(familyOf(families, name) !== undefined, `No metric: ${line}`);
      series.set(key, one);
    }
  }
  checkBuckets({ families, series });
  return { families, series };
}

/** The metric that a series belongs to. */
function familyOf(
  families: ReadMetrics["families"],
  name: string,
): string | undefined {
  if (families.has(name)) return name;
  const base = name.replace(/_(bucket|sum|count)$/, "");
  return families.get(base)?.type === "histogram" ? base : undefined;
}

/** Buckets that rise, with `+Inf` as the last one, which is the count. */
function checkBuckets({ families, series }: ReadMetrics): void {
  for (const [name, { type }] of families) {
    if (type !== "histogram") continue;
    const all = [...series.values()];
    const groups = Map.groupBy(
      all.filter((it) => it.name === `${name}_bucket`),
      labelsText,
    );
    for (const [labels, buckets] of groups) {
      const bounds = buckets.map((it) =>
        Number(it.labels["le"]!.replace("+Inf", "Infinity"))
      );
      assertEquals(bounds, bounds.toSorted((a, b) => a - b), name);
      assertEquals(new Set(bounds).size, bounds.length, name);
      assertEquals(bounds.at(-1), Infinity, name);
      const counts = buckets.map(({ value }) => value);
      assertEquals(counts, counts.toSorted((a, b) => a - b), name);
      const count = all.filter((it) =>
        it.name === `${name}_count` && labelsText(it) === labels
      );
      assertEquals(count.map(({ value }) => value), [counts.at(-1)], name);
    }
  }
}

/** The value of a series; 0 where there is none. */
export function valueOf(
  { series }: ReadMetrics,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const key = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
  return series.get(key)?.value ?? 0;
}
