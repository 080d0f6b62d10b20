/**
 * Random transactions, reads and steps of time, done to a store and to the
 * reference model: every answer must be the same.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Check,
  type RangeQuery,
  type ReadRequest,
  type Ref,
  type Store,
  StoreUnavailableError,
  type Transaction,
  type Write,
} from "../../edge/store/store.ts";
import { type StoreFactory, withStore } from "../support/store/fixture.ts";
import { ModelStore } from "../support/store/model.ts";

const MAX = Number.MAX_SAFE_INTEGER;

/** What is done to both. */
type Step =
  | { readonly do: "txns"; readonly transactions: readonly Transaction[] }
  | { readonly do: "read"; readonly request: ReadRequest }
  | { readonly do: "pass"; readonly ms: number };

const integer = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(10, 99, 100, MAX - 1, MAX) },
);
const signed = fc.tuple(integer, fc.boolean())
  .map(([number, negative]) => negative ? -number : number);
const member = fc.constantFrom("", "a", "b", "ba", "\0", "\uFFFD", "😀");
const value = fc.oneof(
  { weight: 4, arbitrary: integer.map((number) => `${number}`) },
  { weight: 1, arbitrary: fc.constantFrom("", "x", "01", "-1", "\0", "é") },
);
const ttlMs = fc.constantFrom(1, 2, 5, 3_600_000, 10_000_000);

/**
 * Names are few, so that steps meet. Each has one kind: what an engine makes of
 * a record of another kind is for the contract of kinds.
 */
const key = fc.constantFrom("k1", "k2", "k3", "k\0", "😀");
const map = fc.constantFrom("m1", "m2", "m\0");
const index = fc.constantFrom("i1", "i2", "i\0");
const ref: fc.Arbitrary<Ref> = fc.oneof(
  key,
  fc.record({ map, field: fc.constantFrom("f", "g", "h\0", "__proto__") }),
);

const label = fc.constantFrom("a", "b");
const period = fc.constantFrom("1", "2", "3");
const counted = fc.tuple(period, integer).map(([p, n]) => `${p}:${n}`);
const text = fc.oneof({ weight: 2, arbitrary: value }, counted);

const checks: fc.Arbitrary<Check> = fc.oneof(
  fc.record({ kind: fc.constant("absent" as const), key: ref, label }),
  fc.record({ kind: fc.constant("equals" as const), key: ref, value: text }),
  fc.record({ kind: fc.constant("below" as const), key: ref, bound: signed }),
  fc.record({
    kind: fc.constant("above" as const),
    key: ref,
    bound: signed,
    label,
  }),
  fc.record({
    kind: fc.constant("within" as const),
    counter: ref,
    period,
    delta: signed,
    max: signed,
    label,
  }),
  fc.record({ kind: fc.constant("empty" as const), index, label }),
  fc.constant<Check>({ kind: "never", label: "never" }),
);

const writes: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), key: ref, value: text }),
  fc.record({
    kind: fc.constant("set" as const),
    key: ref,
    value: text,
    ttlMs,
  }),
  fc.record({
    kind: fc.constant("delete" as const),
    key: fc.oneof({ weight: 3, arbitrary: ref }, map, index),
  }),
  fc.record({
    kind: fc.constant("add" as const),
    counter: ref,
    period,
    delta: signed,
  }),
  fc.record({
    kind: fc.constant("index" as const),
    index,
    member,
    score: integer,
    onlyIfLower: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("unindex" as const), index, member }),
);

/** Leaves out what removes a map or an index that another write changes. */
function onlyWholeRemovals(all: readonly Write[]): readonly Write[] {
  const changed = new Set(all.flatMap((write) => {
    if ("index" in write) return [write.index];
    const ref = "key" in write ? write.key : write.counter;
    return typeof ref === "object" ? [ref.map] : [];
  }));
  return all.filter((write) =>
    write.kind !== "delete" || typeof write.key === "object" ||
    !changed.has(write.key)
  );
}

const pages: fc.Arbitrary<RangeQuery> = fc.record({
  index,
  min: signed,
  max: fc.oneof(integer, fc.constant(MAX)),
  limit: fc.integer({ min: 1, max: 5 }),
  after: fc.record({ score: integer, member }),
}, { requiredKeys: ["index", "min", "max", "limit"] });

const transaction = fc.record({
  checks: fc.array(checks, { maxLength: 2 }),
  writes: fc.array(writes, { maxLength: 6 }).map(onlyWholeRemovals),
  reads: fc.array(ref, { maxLength: 3 }),
});

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("txns" as const),
      transactions: fc.array(transaction, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("read" as const),
      request: fc.record({
        keys: fc.array(ref, { maxLength: 6 }),
        ranges: fc.array(pages, { maxLength: 3 }),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      ms: fc.constantFrom(1, 2, 4, 50, 3_600_000),
    }),
  },
);

/** An answer or the fault in its place. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return error.fault;
  }
}

async function perform(store: Store, step: Step): Promise<unknown> {
  if (step.do === "read") return await outcome(store.read(step.request));
  if (step.do === "pass") return await store.timeMs();
  return await Promise.all(
    step.transactions.map((transaction) => outcome(store.txn(transaction))),
  );
}

/** Registers the property for the engine called `name`. */
export function storeProperty(name: string, factory: StoreFactory): void {
  Deno.test(`${name} answers random steps as the reference model does`, async () => {
    const nowMs = 1_750_000_000_000;
    await fc.assert(
      fc.asyncProperty(
        fc.array(steps, { minLength: 1, maxLength: 40 }),
        (sequence) =>
          withStore(factory, async ({ store, clock, pass }) => {
            clock.ms = nowMs;
            const model = new ModelStore(clock);
            for (const step of sequence) {
              if (step.do === "pass") await pass(step.ms);
              assertEquals(
                await perform(store, step),
                await perform(model, step),
              );
            }
          }),
      ),
      { numRuns: 300 },
    );
  });
}
