/**
 * Stores of many cells for tests. `TEST_CELLS` says how many cells every
 * store of a test has that does not ask for a number itself; 1 by default.
 *
 * @module
 */

import { createCells, inCell } from "../../../edge/store/cells.ts";
import { withCells } from "../../../edge/store/celled/celled.ts";
import { CELL } from "../../../edge/store/keys.ts";
import type {
  Cells,
  Check,
  RangeQuery,
  Ref,
  Store,
  Write,
} from "../../../edge/store/store.ts";
import type { StoreFactory } from "./fixture.ts";

/** How many cells a store has unless a test says so. */
const USUAL_CELLS = Number(Deno.env.get("TEST_CELLS") ?? 1);

/**
 * Whether every suite plays all of its seeds and kills over every store. Otherwise stores of many
 * cells and Redis get a part of them each, another one each, because all take an hour.
 */
export const PLAYS_ALL = Deno.env.get("TEST_ALL") === "1";

/** The cell key of tests. */
export const TEST_CELL_KEY = new Uint8Array(32).fill(11);
const made = new Map<number, Cells>();

/** Cells under the key of tests. */
export function testCells(count: number): Cells {
  let cells = made.get(count);
  if (cells === undefined) {
    made.set(count, cells = createCells(count, TEST_CELL_KEY));
  }
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

/**
 * One cell of such a store at a time, another one for each test, for suites that know no cells:
 * whatever a name is, its record is in that cell.
 */
export function pinnedFactory(factory: StoreFactory): StoreFactory {
  let made = 0;
  return async (clock) => {
    const fixture = await factory(clock);
    const { store, reopen } = fixture;
    const cell = 5 * made++ % store.cells!.count;
    return {
      ...fixture,
      store: pinned(store, cell),
      ...(reopen && { reopen: async () => pinned(await reopen(), cell) }),
    };
  };
}

function pinned(store: Store, cell: number): Store {
  const named = (name: string) => inCell(`${CELL}:${name}`, cell);
  const of = (ref: Ref): Ref =>
    typeof ref === "string"
      ? named(ref)
      : { map: named(ref.map), field: ref.field };
  const moved = <T extends Check | Write>(it: T): T => ({
    ...it,
    ...("key" in it && { key: of(it.key) }),
    ...("counter" in it && { counter: of(it.counter) }),
    ...("index" in it && { index: named(it.index) }),
  });
  const asked = (query: RangeQuery) => ({
    ...query,
    index: named(query.index),
  });
  return {
    read: ({ keys, ranges }) =>
      store.read({
        ...(keys && { keys: keys.map(of) }),
        ...(ranges && { ranges: ranges.map(asked) }),
      }),
    range: (query) => store.range(asked(query)),
    txn: ({ checks, writes, reads }) =>
      store.txn({
        checks: checks.map(moved),
        writes: writes.map(moved),
        ...(reads && { reads: reads.map(of) }),
      }),
    timeMs: () => store.timeMs(),
    close: () => store.close(),
  };
}
