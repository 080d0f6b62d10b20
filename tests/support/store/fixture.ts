/**
 * What every suite of the store port is run against: a fresh, empty store and
 * a clock that moves only when told.
 *
 * @module
 */

import { assertInstanceOf, assertStrictEquals } from "@std/assert";
import type { Clock } from "../../../edge/base/clock.ts";
import {
  type Store,
  type StoreFault,
  StoreUnavailableError,
} from "../../../edge/store/store.ts";

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  constructor(public ms: number = 1_750_000_000_000) {}

  nowMs(): number {
    return this.ms;
  }
}

/** A store for one test. */
export interface StoreFixture {
  readonly store: Store;
  /** Opens the same records once more; closed by the caller. */
  readonly reopen?: () => Promise<Store>;
  /** For engines with a clock of their own: lets `ms` pass there too. */
  readonly advance?: (ms: number) => Promise<void>;
  /** Closes the store and removes its records. */
  dispose(): Promise<void>;
}

/** Makes an empty store that decides expiry by `clock`. */
export type StoreFactory = (clock: Clock) => Promise<StoreFixture>;

/** A store whose users come and go: none of them closes it. */
export function keptOpen(store: Store): Store {
  return {
    read: (request) => store.read(request),
    range: (query) => store.range(query),
    ...(store.pages !== undefined && {
      pages: (queries) => store.pages!(queries),
    }),
    txn: (transaction) => store.txn(transaction),
    timeMs: () => store.timeMs(),
    close: () => Promise.resolve(),
    ...(store.cells !== undefined && { cells: store.cells }),
  };
}

/** What a test is given. */
export interface StoreTest {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly fixture: StoreFixture;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
}

/** Runs `body` with a store of its own, and takes it away again. */
export async function withStore(
  factory: StoreFactory,
  body: (test: StoreTest) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock();
  const fixture = await factory(clock);
  try {
    await body({
      store: fixture.store,
      clock,
      fixture,
      pass: async (ms) => {
        clock.ms += ms;
        await fixture.advance?.(ms);
      },
    });
  } finally {
    await fixture.dispose();
  }
}

/** Awaits a StoreUnavailableError with `fault`. */
export async function assertFault(
  promise: Promise<unknown>,
  fault: StoreFault,
): Promise<StoreUnavailableError> {
  const error = await promise.then(
    () => new Error("It was answered"),
    (error: unknown) => error,
  );
  assertInstanceOf(error, StoreUnavailableError);
  assertStrictEquals(error.fault, fault);
  return error;
}
