/**
 * The fingerprint of a store of many cells. The number of cells, the cell key and the
 * list of databases decide where a record is. An edge with a different configuration
 * would look in the wrong place, find nothing, and accept a code twice. Every cell
 * therefore stores the configuration with which it was first used, and an edge with
 * another one is refused.
 *
 * Once every cell has its fingerprint, two of the cells keep that this is so. From then on a cell
 * without a fingerprint has lost its records, or its database is another one, and is refused as
 * well: it would not know who was revoked and what was paid.
 *
 * Every database also has a record, here called its mark, under the name under which a
 * store with one cell keeps its mode. An edge that was started without cells reads the
 * mark instead of a mode, and refuses the store. In the same way this file finds the
 * mode of a store that was first used with one cell.
 *
 * In a cluster the mark is on one node and most cells are on others. A fingerprint is
 * written only after the mark was found to fit, so a fingerprint that fits says the same
 * as the mark. While the node with the mark does not answer, a cell whose fingerprint fits
 * is therefore used, and the mark is compared as soon as its node answers.
 *
 * @module
 */

import { commit } from "../commit.ts";
import { secondCell } from "../cells.ts";
import { CELL_KEY, CELLS_USED_KEY, MODE_KEY } from "../keys.ts";
import { json, plainText, readRecords, recordKind } from "../record.ts";
import {
  type Cells,
  type ListableStore,
  type Store,
  StoreUnavailableError,
} from "../store.ts";

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
const allUsed = recordKind({
  key: (stored: string) => stored,
  form: plainText,
});

/** A deployment of several cells, as it is configured. */
export interface Deployment {
  readonly cells: Cells;
  /** The database of each cell, in order. */
  readonly stores: readonly Store[];
  /** The two digits that route codes to this wallet. */
  readonly prefix: string;
}

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

/** The two places that keep that every cell was used. */
const allUsedPlaces = ({ cells, stores }: Deployment) =>
  [0, secondCell(cells)].map((cell) => ({
    store: stores[cell]!,
    place: allUsed(cells.stored(CELLS_USED_KEY, cell)),
  }));

/**
 * Keeps that every cell has its fingerprint. A place that does not answer is left to another
 * process.
 */
export async function keepAllUsed(deployment: Deployment): Promise<void> {
  await Promise.all(
    allUsedPlaces(deployment).map(async ({ store, place }) => {
      try {
        const [held] = await readRecords(store, [place]);
        if (!held.isAbsent) return;
        await commit(store, {
          guards: [place.absent("used")],
          writes: [place.set("1")],
        });
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
      }
    }),
  );
}

/**
 * Whether every cell was used before. One of the two places may have lost its records, so the
 * other one is asked as well.
 *
 * @throws {StoreUnavailableError} If that is not known.
 */
async function wereAllUsed(deployment: Deployment): Promise<boolean> {
  const ends = await Promise.allSettled(
    allUsedPlaces(deployment).map(async ({ store, place }) =>
      (await readRecords(store, [place]))[0]
    ),
  );
  if (ends.some((it) => it.status === "fulfilled" && !it.value.isAbsent)) {
    return true;
  }
  const away = ends.find((it) => it.status === "rejected");
  if (away !== undefined) throw away.reason;
  return false;
}

/**
 * A sentence about those of the cells `own` that have lost their fingerprints, or `null` if there
 * are none.
 *
 * @throws {StoreUnavailableError} If that is not known.
 */
export async function lossOf(
  deployment: Deployment,
  own: readonly number[],
): Promise<string | null> {
  const { cells, stores } = deployment;
  const places = own.map((cell) => fingerprints(cells.stored(CELL_KEY, cell)));
  const missing = async () => {
    const held = await readRecords(stores[own[0]!]!, places);
    return own.filter((_, i) => held[i]!.isAbsent);
  };
  if ((await missing()).length === 0) return null;
  if (!await wereAllUsed(deployment)) return null;
  // Another process may have written them, and that every cell was used, in between.
  const lost = await missing();
  if (lost.length === 0) return null;
  const names = allUsedPlaces(deployment).map(({ place }) => place.ref);
  const which = lost.length === 1
    ? `cell ${lost[0]}`
    : `cells ${lost.join(", ")}`;
  return `The store has used all its cells, and has no record of ${which}: the ` +
    "database is another one, or has lost its records. Name the right one, or put " +
    `its backup back. If there is none, stop all edges, delete ${
      names.join(" and ")
    }, and start them.`;
}

/**
 * Compares the mark of a database with its cells, and writes it if it is missing. Returns
 * a sentence about the difference, or `null` if there is none.
 *
 * @throws {StoreUnavailableError} If the node with the mark does not answer.
 */
export async function markFault(
  store: Store,
  cells: Cells,
  database: readonly number[],
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
  return found === text
    ? null
    : sentence([Number(count) === cells.count ? "cell" : "cells"]);
}

/**
 * Compares the fingerprints of the cells `own` with the configuration, and writes those
 * that are missing. Returns a sentence about the differences, or `null` if there are none.
 * `readMark` compares the mark of the database; it is told whether all these fingerprints
 * exist already.
 *
 * @throws {StoreUnavailableError} If the database does not answer.
 */
export async function fingerprintFault(
  deployment: Deployment,
  own: readonly number[],
  readMark: (areKnown: boolean) => Promise<string | null>,
): Promise<string | null> {
  const { cells, stores, prefix } = deployment;
  const store = stores[own[0]!]!;
  const loss = await lossOf(deployment, own);
  if (loss !== null) return loss;
  const wanted = own.map((cell): Fingerprint => ({
    ...{ cells: cells.count, cell, key: cells.keyHash, prefix },
  }));
  const places = own.map((cell) => fingerprints(cells.stored(CELL_KEY, cell)));
  const held = await readRecords(store, places);
  for (const [i, it] of held.entries()) {
    const fault = differences(it.value, wanted[i]!);
    if (fault !== null) return fault;
  }
  // No fingerprint is written before the mark is known to fit.
  const other = await readMark(held.every((it) => !it.isAbsent));
  if (other !== null) return other;
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

/**
 * Why a store must not be used with these settings, as far as its cells are concerned, or `null`.
 *
 * @throws {StoreUnavailableError} If no database of the store answers.
 */
export async function cellsFault(store: ListableStore): Promise<string | null> {
  const fault = await store.refusal?.() ?? null;
  if (fault !== null || store.cells !== undefined) return fault;
  const [{ value }] = await readRecords(store, [marks()]);
  const count = value === null ? null : cellsIn(value);
  return count === null
    ? null
    : `The store has ${count} cells: set OFFCODE_CELLS and OFFCODE_CELL_KEY as ` +
      "the edges have them.";
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
