/**
 * The fingerprint of a store of many cells. The number of cells, the cell key and the
 * list of databases decide where a record is. An edge with a different configuration
 * would look in the wrong place, find nothing, and accept a code twice. Every cell
 * therefore stores the configuration with which it was first used, and an edge with
 * another one is refused.
 *
 * Every database also has a record, here called its mark, under the name under which a
 * store with one cell keeps its mode. An edge that was started without cells reads the
 * mark instead of a mode, and refuses the store. In the same way this file finds the
 * mode of a store that was first used with one cell.
 *
 * @module
 */

import { commit } from "../commit.ts";
import { CELL_KEY, MODE_KEY } from "../keys.ts";
import { json, plainText, readRecords, recordKind } from "../record.ts";
import type { Cells, Store } from "../store.ts";

/** The configuration with which a cell was first used. */
interface Fingerprint {
  readonly cells: number;
  readonly cell: number;
  /** Hash of the cell key. */
  readonly key: string;
  /** The two digits that route codes to this wallet. */
  readonly prefix: string;
}

/** The names of the parts of the configuration, for messages. */
const WORDS: Readonly<Record<keyof Fingerprint, string>> = {
  cells: "the number of cells (OFFCODE_CELLS)",
  cell: "the list of databases (OFFCODE_UPSTASH_DATABASES)",
  key: "the cell key (OFFCODE_CELL_KEY)",
  prefix: "the prefix of codes (OFFCODE_PREFIX)",
};

const fingerprints = recordKind({
  key: (stored: string) => stored,
  form: json<Fingerprint>(),
});
const marks = recordKind({ key: () => MODE_KEY, form: plainText });

/**
 * The mark of a database: the number of all cells, and the first and the last cell of
 * this database.
 */
const MARK = /^cells:(\d+) (\d+)-(\d+)$/;

/**
 * The number of cells in a mark; `null` if the text is the mode of a store with one
 * cell.
 */
export const cellsIn = (mode: string): string | null =>
  MARK.exec(mode)?.[1] ?? null;

/**
 * Compares the fingerprints of the cells `own` with the configuration, and writes those
 * that are missing. `database` names all cells of the database, of which `own` may be a
 * part. Returns a sentence about the differences, or `null` if there are none.
 *
 * @throws {StoreUnavailableError} If the database does not answer.
 */
export async function fingerprintFault(
  store: Store,
  cells: Cells,
  own: readonly number[],
  database: readonly number[],
  prefix: string,
): Promise<string | null> {
  const mark = marks();
  const text = `cells:${cells.count} ${database[0]}-${database.at(-1)}`;
  const end = await commit(store, {
    guards: [mark.absent("mark")],
    writes: [mark.set(text)],
  });
  const found = end.committed ? text : end.value!;
  const count = cellsIn(found);
  if (count === null) {
    return "The store was first used with one cell: it cannot be divided.";
  }
  const wanted = own.map((cell): Fingerprint => ({
    ...{ cells: cells.count, cell, key: cells.keyHash, prefix },
  }));
  const places = own.map((cell) => fingerprints(cells.stored(CELL_KEY, cell)));
  const held = await readRecords(store, places);
  for (const [i, it] of held.entries()) {
    const fault = differences(it.value, wanted[i]!);
    if (fault !== null) return fault;
  }
  if (found !== text) {
    return sentence([Number(count) === cells.count ? "cell" : "cells"]);
  }
  for (const [i, it] of held.entries()) {
    if (!it.isAbsent) continue;
    const made = await commit(store, {
      guards: [it.unchanged("cell")],
      writes: [it.set(wanted[i]!)],
    });
    if (made.committed) continue;
    const fault = differences(it.again(made.value).value, wanted[i]!);
    if (fault !== null) return fault;
  }
  return null;
}

function differences(
  found: Fingerprint | null,
  wanted: Fingerprint,
): string | null {
  if (found === null) return null;
  const names = (Object.keys(WORDS) as (keyof Fingerprint)[])
    .filter((it) => found[it] !== wanted[it]);
  return names.length === 0 ? null : sentence(names);
}

const sentence = (names: readonly (keyof Fingerprint)[]): string =>
  `The store was first used with another configuration; this differs: ${
    names.map((it) => WORDS[it]).join(", ")
  }.`;
