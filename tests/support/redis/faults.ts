/**
 * What the tests of Redis' faults have in common: one transaction that leaves
 * traces, what a store says while something is wrong, and when it is well.
 *
 * @module
 */

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  type Store,
  type StoreFault,
  StoreUnavailableError,
  type Transaction,
} from "../../../edge/store/store.ts";
import { until } from "../../../scripts/redis_server.ts";
import type { RawRedis } from "./raw.ts";
import { absent, add, index, page, set } from "../store/ops.ts";

/** In every name and value, and in no error. */
const SECRET = "ofc-secret";

const ORDER = `${SECRET}:order`;
const COUNTER = `${SECRET}:counter`;
const INDEX = `${SECRET}:index`;

/** The transaction of an attempt; its first check recognizes it. */
export const attempt = (id: string): Transaction => ({
  checks: [absent(ORDER)],
  writes: [
    set(ORDER, `${SECRET} ${id}`),
    add(COUNTER, 40),
    index(INDEX, SECRET, 1),
  ],
});

/** How a repeat of a transaction that stands is refused. */
export const recognized = (id: string) => ({
  committed: false,
  check: 0,
  value: `${SECRET} ${id}`,
  values: [],
});

/** What an attempt left: all of it, or nothing. */
export async function traces(raw: RawRedis): Promise<"all" | "nothing"> {
  const found = [
    await raw.send("GET", ORDER) !== null,
    await raw.send("GET", COUNTER) === "0:40",
    await raw.send("ZCARD", INDEX) === 1,
  ];
  assertEquals(new Set(found).size, 1, "A part of a transaction");
  return found[0]! ? "all" : "nothing";
}

/** Every call of a store, each with names and values that are secret. */
export const CALLS: readonly ((store: Store) => Promise<unknown>)[] = [
  (store) => store.txn(attempt("1")),
  (store) => store.read({ keys: [ORDER, COUNTER], ranges: [page(INDEX)] }),
  (store) => store.range(page(INDEX)),
];

/** Awaits the fault of a call, and sees that it keeps the secret. */
export async function faultOf(call: Promise<unknown>): Promise<StoreFault> {
  const error = await call.then(
    (answer) => new Error(`It was answered: ${JSON.stringify(answer)}`),
    (error: unknown) => error,
  );
  assertInstanceOf(error, StoreUnavailableError);
  const { cause } = error;
  const told = [error, cause].map((it) => Deno.inspect(it)).join("\n");
  assert(!told.includes(SECRET) && !/evalsha|redis\.call/i.test(told), told);
  return error.fault;
}

/** Every call must fail so. */
export async function assertFaults(
  store: Store,
  ...faults: readonly StoreFault[]
): Promise<void> {
  for (const call of CALLS) {
    const fault = await faultOf(call(store));
    assert(faults.includes(fault), `${fault} is none of ${faults}`);
  }
}

/** Comes back once the store answers again. */
export async function recovered(store: Store): Promise<void> {
  await until(async () => {
    try {
      await store.read({ keys: ["any"] });
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      return false;
    }
  }, "The store does not recover");
}
