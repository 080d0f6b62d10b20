/**
 * Indexes above the store port. An object stands for one index, so that its name is written
 * only once.
 *
 * @module
 */

import type { Guard } from "./commit.ts";
import type { IndexEntry, RangeQuery, Store, Write } from "./store.ts";

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
export class IndexPlace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** The write that adds a member, or changes its score. */
  put(member: string, score: number): Write {
    return { kind: "index", index: this.name, member, score };
  }

  /** The same, but if the member already has a lower score, that one is kept. */
  putLower(member: string, score: number): Write {
    return {
      kind: "index",
      index: this.name,
      member,
      score,
      onlyIfLower: true,
    };
  }

  /** The write that removes a member, if it is there. */
  remove(member: string): Write {
    return { kind: "unindex", index: this.name, member };
  }

  /** The guard that the index has no member. */
  empty<L extends string>(label: L): Guard<L> {
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

/** Makes a kind of index: gives the index of a name. */
export function indexKind<Name extends readonly unknown[]>(
  key: (...name: Name) => string,
): (...name: Name) => IndexPlace {
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
  let after: IndexEntry | undefined;
  do {
    const page = await store.range(place.page(limit, { ...scores, after }));
    after = page.length < limit ? undefined : page.at(-1);
    if (page.length > 0) yield page;
  } while (after !== undefined);
}
