/**
 * The contract of counters.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Write } from "../../edge/store/store.ts";
import { assertFault } from "../support/store/fixture.ts";
import {
  above,
  add,
  below,
  count,
  del,
  field,
  set,
  within,
} from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

const MAX = Number.MAX_SAFE_INTEGER;

const noIntegers = [
  "",
  "x",
  "1x",
  " 1",
  "1 ",
  "+1",
  "-1",
  "-0",
  "01",
  "00",
  "1.0",
  "1e3",
  "0x10",
  "1\n",
  "1\0",
  "١",
  `${MAX + 1}`,
  "9007199254740993",
  "99999999999999999999",
  "1".repeat(400),
  "NaN",
  "Infinity",
];

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, Parameters<Register>[1]>> = {
  "txn() counts what earlier writes left": async ({ store }) => {
    const cases: [Write[], string | null][] = [
      [[add("c", -1), add("c", 2)], "0:2"],
      [[add("c", 2), add("c", 3)], "0:5"],
      [[add("c", 5), add("c", -3)], "0:2"],
      [[add("c", 5), add("c", -5)], "0:0"],
      // Never below 0, and the rest is not remembered.
      [[add("c", 5), add("c", -6), add("c", 1)], "0:1"],
      [[add("c", MAX), add("c", -MAX)], "0:0"],
      [[add("c", MAX - 1), add("c", 1)], `0:${MAX}`],
      [[set("c", "0:7"), add("c", 1)], "0:8"],
      [[add("c", 1), del("c")], null],
      [[add("c", 1), del("c"), add("c", 2)], "0:2"],
      [[add("c", 1), set("c", "x")], "x"],
    ];
    for (const [writes, expected] of cases) {
      await store.txn({ checks: [], writes: [del("c")] });
      const result = await store.txn({ checks: [], writes, reads: ["c"] });
      const note = JSON.stringify(writes);
      assertEquals(result, { committed: true, values: [expected] }, note);
      const later = await store.read({ keys: ["c"] });
      assertEquals(later.values, [expected], note);
    }
  },
  "txn() takes no value for an integer that is none": async ({ store }) => {
    for (const value of noIntegers) {
      await store.txn({ checks: [], writes: [set("c", value)] });
      for (const check of [below("c", MAX), above("c", 0)]) {
        const attempt = store.txn({
          checks: [check],
          writes: [set("w", "1")],
        });
        await assertFault(attempt, "corrupt");
      }
      const { values } = await store.read({ keys: ["c", "w"] });
      assertEquals(values, [value, null]);
    }
  },
  "txn() sees what earlier writes made of a counter": async ({ store }) => {
    await store.txn({ checks: [], writes: [set("c", "no number")] });
    const good = await store.txn({
      checks: [],
      writes: [set("c", "0:4"), add("c", 1)],
      reads: ["c"],
    });
    assertEquals(good, { committed: true, values: ["0:5"] });
    const writes = [set("c", "no number"), add("c", 1)];
    await assertFault(store.txn({ checks: [], writes }), "corrupt");
    assertEquals((await store.read({ keys: ["c"] })).values, ["0:5"]);
  },
};

/** Registers the contract of counters. */
export function counterContract(register: Register): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    register(sentence, body);
  }
}

/** Registers the contract of counters that a transaction checks and adds to. */
export function checkedCounterContract(register: Register): void {
  register(
    "a counter that was checked is added to as the writes before have left it",
    async ({ store }) => {
      for (const counter of ["counter", field("map", "counter")]) {
        const cases: [Write[], string][] = [
          [[count(counter, "1", 2)], `1:5`],
          [[count(counter, "1", 2), count(counter, "1", 4)], `1:9`],
          [[set(counter, `1:7`), count(counter, "1", 2)], `1:9`],
          [[count(counter, "2", 2)], `2:2`],
        ];
        // What is removed whole is written no more where it is a field's map.
        if (typeof counter === "string") {
          cases.push([[del(counter), count(counter, "1", 2)], `1:2`]);
        }
        for (const [writes, expected] of cases) {
          await store.txn({ checks: [], writes: [set(counter, `1:3`)] });
          const { committed, values } = await store.txn({
            checks: [within(counter, "1", 1, MAX)],
            writes,
            reads: [counter],
          });
          assertEquals([committed, values], [true, [expected]]);
        }
      }
    },
  );
}
