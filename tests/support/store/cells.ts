/**
 * Stores of many cells for tests. `TEST_CELLS` says how many cells every
 * store of a test has that does not ask for a number itself; 1 by default.
 *
 * @module
 */

import { createCells } from "../../../edge/store/cells.ts";
import { withCells } from "../../../edge/store/celled/celled.ts";
import type { Cells, Store } from "../../../edge/store/store.ts";
import type { StoreFactory } from "./fixture.ts";

/** How many cells a store has unless a test says so. */
export const USUAL_CELLS = Number(Deno.env.get("TEST_CELLS") ?? 1);

const KEY = new Uint8Array(32).fill(11);
const made = new Map<number, Cells>();

/** Cells under the key of tests. */
export function testCells(count: number): Cells {
  let cells = made.get(count);
  if (cells === undefined) made.set(count, cells = createCells(count, KEY));
  return cells;
}

/** The same store in so many cells; itself if that is one, or if it has cells. */
export function inCells(store: Store, count: number = USUAL_CELLS): Store {
  if (count === 1 || store.cells !== undefined) return store;
  const stores = new Array<Store>(count).fill(store);
  return withCells({ cells: testCells(count), stores });
}

/** Makes stores in so many cells. */
export function celledFactory(
  factory: StoreFactory,
  count: number,
): StoreFactory {
  return async (clock) => {
    const { store, reopen, ...fixture } = await factory(clock);
    return {
      ...fixture,
      store: inCells(store, count),
      ...(reopen && { reopen: async () => inCells(await reopen(), count) }),
    };
  };
}
