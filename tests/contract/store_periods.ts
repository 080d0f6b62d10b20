/**
 * The contract of counters with a period: a limit of a day holds whatever two
 * clocks on both sides of midnight say.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { assertFault } from "../support/store/fixture.ts";
import type { Ref, Store } from "../../edge/store/store.ts";
import {
  count,
  del,
  field,
  labelled,
  set,
  within,
} from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

const MAX = Number.MAX_SAFE_INTEGER;
const MON = "2026-06-01";
const TUE = "2026-06-02";
const COUNTERS: readonly Ref[] = ["counter", field("map", "counter")];

/** What is there after the counter was `before` and `delta` came for `period`. */
async function after(
  store: Store,
  counter: Ref,
  before: string | null,
  period: string,
  delta: number,
): Promise<string | null> {
  await store.txn({
    checks: [],
    writes: [before === null ? del(counter) : set(counter, before)],
  });
  const result = await store.txn({
    checks: [],
    writes: [count(counter, period, delta)],
    reads: [counter],
  });
  const { values } = await store.read({ keys: [counter] });
  assertEquals(result.values, values);
  return values[0]!;
}

/** What is there, the period, the delta, the maximum, and whether it holds. */
const WITHIN: readonly [string | null, string, number, number, boolean][] = [
  [null, MON, 5, 5, true],
  [null, MON, 6, 5, false],
  [null, MON, 0, -1, false],
  [`${MON}:5`, MON, 5, 10, true],
  [`${MON}:5`, MON, 6, 10, false],
  [`${MON}:5`, MON, -5, 0, true],
  [`${MON}:5`, MON, -6, -1, true],
  [`${MON}:5`, MON, -6, -2, false],
  [`${MON}:5`, TUE, 10, 10, true],
  [`${MON}:5`, TUE, 11, 10, false],
  [`${TUE}:5`, MON, 5, 10, true],
  [`${TUE}:5`, MON, 6, 10, false],
  // What is given back would be dropped, so it makes no room.
  [`${TUE}:5`, MON, -5, 5, true],
  [`${TUE}:5`, MON, -5, 4, false],
  // 2^53 − 1 + 2 is no double: 2^53 would be below 2^53 + 1.
  [`0:${MAX}`, "0", 0, MAX, true],
  [`0:${MAX}`, "0", 1, MAX, false],
  [`0:${MAX}`, "0", 2, MAX, false],
  [`0:${MAX}`, "0", MAX, MAX, false],
  [`0:${MAX}`, "0", -1, MAX - 1, true],
  [`0:${MAX}`, "0", -1, MAX - 2, false],
  [null, "0", MAX, MAX, true],
  [null, "0", -MAX, -MAX, true],
  ["0:5", "0", -MAX, -MAX, false],
];

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, Parameters<Register>[1]>> = {
  "add counts in its period, and in a later one that has begun": async (
    { store },
  ) => {
    const cases: [string | null, string, number, string | null][] = [
      [null, MON, 5, `${MON}:5`],
      [null, MON, 0, `${MON}:0`],
      [null, MON, -0, `${MON}:0`],
      [null, MON, -5, null],
      [null, "0", MAX, `0:${MAX}`],
      [`${MON}:5`, MON, 2, `${MON}:7`],
      [`${MON}:5`, MON, 0, `${MON}:5`],
      [`${MON}:5`, MON, -2, `${MON}:3`],
      [`${MON}:5`, MON, -5, `${MON}:0`],
      // Never below 0, and the rest is not remembered.
      [`${MON}:5`, MON, -9, `${MON}:0`],
      [`${MON}:0`, MON, -1, `${MON}:0`],
      [`${MON}:${MAX - 1}`, MON, 1, `${MON}:${MAX}`],
      // An earlier one is replaced; nothing can be given back to the new one.
      [`${MON}:${MAX}`, TUE, 2, `${TUE}:2`],
      [`${MON}:5`, TUE, 0, `${TUE}:0`],
      [`${MON}:5`, TUE, -2, `${MON}:5`],
      // A later one stays: what is added counts there, what is given back not.
      [`${TUE}:5`, MON, 2, `${TUE}:7`],
      [`${TUE}:5`, MON, 0, `${TUE}:5`],
      [`${TUE}:5`, MON, -2, `${TUE}:5`],
      // The last colon separates; periods are ordered by their bytes.
      ["a:b:5", "a:b", 1, "a:b:6"],
      ["a:b:5", "a:c", 1, "a:c:1"],
      ["Z:5", "a", 1, "a:1"],
      ["~:5", "Z", 1, "~:6"],
      ["\uFFFD-:5", "😀", 1, "😀:1"],
      ["😀:5", "\uFFFD-", 1, "😀:6"],
      ["é:5", "\0\0", 1, "é:6"],
      [":5", "", 1, ":6"],
    ];
    for (const counter of COUNTERS) {
      for (const [before, period, delta, expected] of cases) {
        const note = JSON.stringify([before, period, delta]);
        const found = await after(store, counter, before, period, delta);
        assertEquals(found, expected, note);
      }
    }
  },
  "within counts as add does": async ({ store }) => {
    for (const counter of COUNTERS) {
      for (const [before, period, delta, max, holds] of WITHIN) {
        await store.txn({
          checks: [],
          writes: [before === null ? del(counter) : set(counter, before)],
        });
        const checks = [labelled("limit", within(counter, period, delta, max))];
        assertEquals(
          await store.txn({ checks, writes: [] }),
          holds ? { committed: true, values: [] } : {
            committed: false,
            label: "limit",
            check: 0,
            value: before,
            values: [],
          },
          JSON.stringify([before, period, delta, max]),
        );
      }
    }
  },
  "two clocks on both sides of midnight cannot reset a limit": async (
    { store },
  ) => {
    for (const counter of COUNTERS) {
      // One edge is past midnight already, the other is not, turn by turn.
      const results = await Promise.all(
        Array.from({ length: 40 }, (_, i) => {
          const period = i % 2 === 0 ? TUE : MON;
          return store.txn({
            checks: [within(counter, period, 10, 100)],
            writes: [count(counter, period, 10)],
          });
        }),
      );
      assertEquals(results.filter(({ committed }) => committed).length, 10);
      assertEquals((await store.read({ keys: [counter] })).values, [
        `${TUE}:100`,
      ]);
      // What was taken yesterday is given back to yesterday.
      await store.txn({ checks: [], writes: [count(counter, MON, -50)] });
      assertEquals((await store.read({ keys: [counter] })).values, [
        `${TUE}:100`,
      ]);
    }
  },
  "txn() takes no text for a counter that is none": async ({ store }) => {
    const noCounters = [
      "",
      "5",
      ":",
      "0:",
      "0",
      "0:x",
      "0:+1",
      "0:-1",
      "0:01",
      "0:1.0",
      "0:1e3",
      "0:0x10",
      "0: 1",
      "0:1 ",
      "0:1\n",
      "0:١",
      "0;1",
      // Of other periods, which cannot be compared.
      ":1",
      "00:1",
      "é:1",
      `${MON}:1`,
      `0:${MAX + 1}`,
      "0:99999999999999999999",
      // One that would be replaced is looked at, too.
      "/:x",
    ];
    for (const counter of COUNTERS) {
      for (const value of noCounters) {
        const note = JSON.stringify(value);
        await store.txn({ checks: [], writes: [set(counter, value)] });
        const checks = [within(counter, "0", 0, MAX)];
        const writes = [set("w", "1")];
        const adds = [...writes, count(counter, "0", 0)];
        const gives = [...writes, count(counter, "0", -1)];
        await assertFault(store.txn({ checks, writes }), "corrupt");
        await assertFault(store.txn({ checks: [], writes: adds }), "corrupt");
        await assertFault(
          store.txn({ checks: [], writes: gives }),
          "corrupt",
        );
        const { values } = await store.read({ keys: [counter, "w"] });
        assertEquals(values, [value, null], note);
      }
    }
  },
  "txn() refuses to raise an amount above 2^53 − 1 and writes nothing": async (
    { store },
  ) => {
    for (const counter of COUNTERS) {
      for (
        const [stored, delta] of [[MON, 1], [MON, MAX], [TUE, 1]] as const
      ) {
        const before = `${stored}:${MAX}`;
        await store.txn({ checks: [], writes: [set(counter, before)] });
        const writes = [
          set("other", "1"),
          count(counter, stored, -1),
          count(counter, stored, 1),
          count(counter, MON, delta),
        ];
        await assertFault(store.txn({ checks: [], writes }), "refused");
        const { values } = await store.read({ keys: [counter, "other"] });
        assertEquals(values, [before, null]);
      }
    }
  },
};

/** Registers the contract of counters with a period. */
export function periodContract(register: Register): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    register(sentence, body);
  }
}
