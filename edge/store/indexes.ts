/**
 * Indexes above the store port. An object stands for one index, so that its name is written
 * only once.
 *
 * @module
 */

import { inCell } from "./cells.ts";
import type { Guard } from "./commit.ts";
import {
  type Home,
  type Homed,
  type IndexEntry,
  type Name,
  type RangeQuery,
  type Store,
  StoreUnavailableError,
  type Write,
} from "./store.ts";

/** The part of an index that is read. By default it is the whole index. */
export interface PageOptions {
  /** Lowest score, inclusive. */
  readonly min?: number;
  /** Highest score, inclusive. */
  readonly max?: number;
  /** Only entries that order strictly after this one. */
  readonly after?: IndexEntry | undefined;
}

/** One index. */
export class IndexPlace<H extends Home = Home> {
  readonly name: string & Homed<H>;

  constructor(name: string & Homed<H>) {
    this.name = name;
  }

  /** The write that adds a member, or changes its score. */
  put(member: string, score: number): Write<H> {
    return { kind: "index", index: this.name, member, score };
  }

  /** The same, but if the member already has a lower score, that one is kept. */
  putLower(member: string, score: number): Write<H> {
    return { ...this.put(member, score), onlyIfLower: true } as Write<H>;
  }

  /** The write that removes a member, if it is there. */
  remove(member: string): Write<H> {
    return { kind: "unindex", index: this.name, member };
  }

  /** The guard that the index has no member. */
  empty<L extends string>(label: L): Guard<L, H> {
    return { kind: "empty", index: this.name, label };
  }

  /** The query for at most `limit` entries, in order. */
  page(
    limit: number,
    { min = 0, max = Number.MAX_SAFE_INTEGER, after }: PageOptions = {},
  ): RangeQuery {
    return {
      index: this.name,
      min,
      max,
      limit,
      ...(after !== undefined && { after }),
    };
  }
}

/** The cells in which a process does due work at this moment; `null` if there is one cell. */
export type WorkCells = () => readonly number[] | null;

/** The cells of a store, each to be looked at by itself; `null` if there is one. */
export const cellsOf = ({ cells }: Pick<Store, "cells">) =>
  cells === undefined ? null : [...cells.tags.keys()];

/** An index that each cell has, in each of these cells by itself. */
export const placesIn = (
  index: IndexPlace,
  cells: readonly number[] | null,
): readonly IndexPlace[] =>
  cells === null
    ? [index]
    : cells.map((cell) => new IndexPlace(inCell(index.name, cell)));

/**
 * Whether an entry of such an index is in the cell of the record that it names. The
 * transaction that ends the work on a record removes the entry in the cell of that record,
 * so a damaged entry in another cell would be due for ever.
 */
export const isBeside = (
  { cells }: Pick<Store, "cells">,
  index: IndexPlace,
  record: string,
): boolean =>
  cells === undefined ||
  [null, cells.cellOf(record)].includes(cells.cellOf(index.name));

/** Reads pages, each of which may fail by itself. */
export const pagesOf = (
  store: Pick<Store, "range" | "pages">,
  queries: readonly RangeQuery[],
): readonly Promise<readonly IndexEntry[]>[] =>
  store.pages?.(queries) ?? queries.map((it) => store.range(it));

const encoder = new TextEncoder();

/** Orders entries by score, then by the bytes of the member. */
function compare(a: IndexEntry, b: IndexEntry): number {
  if (a.score !== b.score) return a.score - b.score;
  const [x, y] = [encoder.encode(a.member), encoder.encode(b.member)];
  for (let i = 0; i < x.length && i < y.length; i++) {
    if (x[i] !== y[i]) return x[i]! - y[i]!;
  }
  return x.length - y.length;
}

/** The first entries of several pages of one index. */
export function merge(
  pages: readonly (readonly IndexEntry[])[],
  limit: number,
): readonly IndexEntry[] {
  const found = pages.filter((it) => it.length > 0);
  if (found.length <= 1) return found[0] ?? [];
  return found.flat().sort(compare).slice(0, limit);
}

/** What the cells say that answer. */
export interface Answered {
  /** For each query the first entries of these cells. */
  readonly pages: readonly (readonly IndexEntry[])[];
  /** The number of cells that do not answer. */
  readonly silent: number;
}

/**
 * Reads pages of indexes that each cell has, from the cells that answer.
 *
 * @throws {StoreUnavailableError} If no cell answers.
 */
export async function pagesOfAnswering(
  store: Pick<Store, "range" | "pages" | "cells">,
  queries: readonly RangeQuery[],
): Promise<Answered> {
  const cells = cellsOf(store) ?? [null];
  const ends = await Promise.allSettled(
    pagesOf(
      store,
      queries.flatMap((query) =>
        cells.map((cell) =>
          cell === null ? query : { ...query, index: inCell(query.index, cell) }
        )
      ),
    ),
  );
  const failed = ends.filter((it) => it.status === "rejected");
  const bug = failed.find(({ reason }) =>
    !(reason instanceof StoreUnavailableError)
  );
  const ofQuery = (nth: number) =>
    ends.slice(nth * cells.length, (nth + 1) * cells.length);
  const silent =
    cells.filter((_, i) =>
      queries.some((_, nth) => ofQuery(nth)[i]!.status === "rejected")
    ).length;
  if (bug !== undefined) throw bug.reason;
  if (silent === cells.length) throw failed[0]!.reason;
  const pages = queries.map(({ limit }, nth) =>
    merge(
      ofQuery(nth).flatMap((it) => it.status === "fulfilled" ? [it.value] : []),
      limit,
    )
  );
  return { pages, silent };
}

/** Makes a kind of index: gives the index of a name. */
export function indexKind<Parts extends readonly unknown[], H extends Home>(
  key: (...name: Parts) => Name<H>,
): (...name: Parts) => IndexPlace<H> {
  return (...name) => new IndexPlace(key(...name));
}

/** All entries of an index with a score from `min` to `max`, read page by page. */
export async function* entriesOf(
  store: Pick<Store, "range">,
  index: string,
  limit: number,
  scores: Omit<PageOptions, "after"> = {},
): AsyncGenerator<readonly IndexEntry[]> {
  const place = new IndexPlace(index);
  yield* pagesFrom(
    store,
    place,
    limit,
    scores,
    store.range(place.page(limit, scores)),
  );
}

/**
 * Reads pages of several indexes. Each index has scores of its own, and each may fail
 * by itself.
 */
export function entriesIn(
  store: Pick<Store, "range" | "pages">,
  places: readonly IndexPlace[],
  limit: number,
  scoresOf: (place: IndexPlace) => Omit<PageOptions, "after">,
): AsyncGenerator<readonly IndexEntry[]>[] {
  const scores = places.map(scoresOf);
  const firsts = pagesOf(
    store,
    places.map((it, i) => it.page(limit, scores[i])),
  );
  return places.map((it, i) =>
    pagesFrom(store, it, limit, scores[i]!, firsts[i]!)
  );
}

async function* pagesFrom(
  store: Pick<Store, "range">,
  place: IndexPlace,
  limit: number,
  scores: Omit<PageOptions, "after">,
  first: Promise<readonly IndexEntry[]>,
): AsyncGenerator<readonly IndexEntry[]> {
  let page = await first;
  for (;;) {
    if (page.length > 0) yield page;
    const after = page.at(-1);
    if (after === undefined || page.length < limit) return;
    page = await store.range(place.page(limit, { ...scores, after }));
  }
}
