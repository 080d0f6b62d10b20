/**
 * Pages that are asked for together go to each database in one request. A store of tests
 * that counts, delays or loses operations takes them for one operation.
 *
 * @module
 */

import type { RangeQuery, Store } from "../../../edge/store/store.ts";

/** Makes `pages` of a store in front of another one that has it. */
export function pagesInOne(
  store: Store,
  run: <T>(
    first: RangeQuery | undefined,
    operation: () => Promise<T>,
  ) => Promise<T>,
): Pick<Store, "pages"> {
  if (store.pages === undefined) return {};
  return {
    pages(queries) {
      const ends = run(
        queries[0],
        () => Promise.allSettled(store.pages!(queries)),
      );
      return queries.map(async (_, i) => {
        const end = (await ends)[i]!;
        if (end.status === "rejected") throw end.reason;
        return end.value;
      });
    },
  };
}
