/**
 * Indexes above the store port: what is asked of one, and written to it, without
 * its name being spelled at every use.
 *
 * @module
 */

import type { Guard } from "./commit.ts";
import type { IndexEntry, RangeQuery, Store, Write } from "./store.ts";

/** Which part of an index is read; all of it if not given. */
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

  /** Puts a member in, or gives it another score. */
  put(member: string, score: number): Write {
    return { kind: "index", index: this.name, member, score };
  }

  /** The same, but a lower score that the member has already is kept. */
  putLower(member: string, score: number): Write {
    return {
      kind: "index",
      index: this.name,
      member,
      score,
      onlyIfLower: true,
    };
  }

  /** Takes a member out; none there is fine. */
  remove(member: string): Write {
    return { kind: "unindex", index: this.name, member };
  }

  /** The guard that it has no member. */
  empty<L extends string>(label: L): Guard<L> {
    return { kind: "empty", index: this.name, label };
  }

  /** Asks for at most `limit` entries, in order. */
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

/** All entries of an index with a score up to `max`, read page by page. */
export async function* entriesOf(
  store: Pick<Store, "range">,
  index: string,
  limit: number,
  max?: number,
): AsyncGenerator<readonly IndexEntry[]> {
  const place = new IndexPlace(index);
  let after: IndexEntry | undefined;
  do {
    const page = await store.range(
      place.page(limit, { after, ...(max !== undefined && { max }) }),
    );
    after = page.length < limit ? undefined : page.at(-1);
    if (page.length > 0) yield page;
  } while (after !== undefined);
}
