/**
 * Every kind of store, for suites that are played over all of them.
 *
 * @module
 */

import {
  NOON_MS,
  startApp,
  type TestApp,
  type TestAppOptions,
  TestClock,
} from "../world/app.ts";
import {
  celledClusterFactory,
  restFactory,
  tcpFactory,
} from "../redis/store.ts";
import type { Store } from "../../../edge/store/store.ts";
import type { StoreFactory } from "./fixture.ts";
import { celledFactory, PLAYS_ALL } from "./cells.ts";
import { sqliteFactory } from "./sqlite.ts";

/** Every kind of one cell by its name; called once in a file of tests. */
export function everyStore(): [name: string, factory: StoreFactory][] {
  return [
    ["SQLite", sqliteFactory],
    ["Redis by TCP", tcpFactory()],
    ["Redis by REST", restFactory()],
  ];
}

/** The same in many cells, where most payments cross from one cell to another. */
export function celledStores(): [name: string, factory: StoreFactory][] {
  return [
    ["SQLite in 8 cells", celledFactory(sqliteFactory, 8)],
    ["Redis in 64 cells", celledFactory(tcpFactory(), 64)],
    ["a cluster in 64 cells", celledClusterFactory(64)],
  ];
}

/** All of them. */
export function everyStoreAndCells(): [name: string, factory: StoreFactory][] {
  return [...everyStore(), ...celledStores()];
}

/**
 * How many interleavings are played over a Redis. A seed is an interleaving of the
 * calls to the store, whatever the store is: so all are played over the fastest
 * one, and a part of them over the others, each another one.
 */
const PART = 120;
/** The same over stores of many cells, which come behind the three of one cell. */
const CELLED_PART = 20;

/** The seeds, of so many, that are played over the store with that number. */
export function seedsOf(count: number, nth: number): number[] {
  const all = Array.from({ length: count }, (_, i) => i + 1);
  if (nth === 0 || PLAYS_ALL) return all;
  const part = nth < 3 ? PART : CELLED_PART;
  const from = (nth - 1) * PART % count;
  return [...all, ...all].slice(from, from + Math.min(part, count));
}

/** Several edges on one store, each with a connection of its own. */
export interface Edges extends AsyncDisposable {
  readonly apps: readonly [TestApp, ...TestApp[]];
  readonly store: Store;
  /** Of all edges. */
  readonly clock: TestClock;
}

/** Starts `count` edges on an empty store. */
export async function startEdges(
  factory: StoreFactory,
  count: number,
  options: Omit<TestAppOptions, "clock" | "openStore"> = {},
): Promise<Edges> {
  await using starting = new AsyncDisposableStack();
  const clock = new TestClock(NOON_MS);
  const { store, reopen, dispose } = await factory(clock);
  starting.defer(dispose);
  const start = (openStore: () => Store | Promise<Store>) =>
    startApp({ ...options, clock, openStore });
  const first = await start(() => store);
  const others: TestApp[] = [];
  for (let i = 1; i < count; i++) {
    others.push(starting.use(await start(reopen!)));
  }
  const stack = starting.move();
  return {
    apps: [first, ...others],
    store,
    clock,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
