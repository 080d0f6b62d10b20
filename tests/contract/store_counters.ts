/**
 * The contract of counters.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Write } from "../../edge/store/store.ts";
import { assertFault } from "../support/store/fixture.ts";
import { add, below, del, set, sumAtMost } from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

const MAX = Number.MAX_SAFE_INTEGER;

/** Registers the contract of counters. */
export function counterContract(register: Register): void {
  register("txn() adds to a counter by its rules", async ({ store }) => {
    const cases: [Write[], string | null][] = [
      [[add("c", 5)], "5"],
      [[add("c", 0)], "0"],
      [[add("c", -0)], "0"],
      [[add("c", MAX)], `${MAX}`],
      [[add("c", -1)], null],
      [[add("c", -MAX)], null],
      [[add("c", -1), add("c", 2)], "2"],
      [[add("c", 2), add("c", 3)], "5"],
      [[add("c", 5), add("c", -3)], "2"],
      [[add("c", 5), add("c", -5)], "0"],
      // Never below 0, and the rest is not remembered.
      [[add("c", 5), add("c", -6), add("c", 1)], "1"],
      [[add("c", MAX), add("c", -MAX)], "0"],
      [[add("c", MAX - 1), add("c", 1)], `${MAX}`],
      [[set("c", "7"), add("c", 1)], "8"],
      [[add("c", 1), del("c")], null],
      [[add("c", 1), del("c"), add("c", 2)], "2"],
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
  });

  register(
    "txn() refuses to raise a counter above 2^53 − 1 and writes nothing",
    async ({ store }) => {
      await store.txn({ checks: [], writes: [add("c", MAX)] });
      for (const delta of [1, 2, MAX]) {
        const writes = [
          set("other", "1"),
          add("c", -1),
          add("c", 1),
          add("c", delta),
        ];
        await assertFault(store.txn({ checks: [], writes }), "refused");
      }
      const { values } = await store.read({ keys: ["c", "other"] });
      assertEquals(values, [`${MAX}`, null]);
    },
  );

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

  register(
    "txn() takes no counter for an integer that is none",
    async ({ store }) => {
      for (const value of noIntegers) {
        await store.txn({ checks: [], writes: [set("c", value)] });
        const attempts = [
          store.txn({ checks: [below("c", MAX)], writes: [set("w", "1")] }),
          store.txn({
            checks: [sumAtMost("c", 0, MAX)],
            writes: [set("w", "1")],
          }),
          store.txn({ checks: [], writes: [set("w", "1"), add("c", 0)] }),
          store.txn({ checks: [], writes: [set("w", "1"), add("c", -1)] }),
        ];
        for (const attempt of await Promise.allSettled(attempts)) {
          const settled = attempt.status === "rejected"
            ? Promise.reject(attempt.reason)
            : Promise.resolve();
          await assertFault(settled, "corrupt");
        }
        const { values } = await store.read({ keys: ["c", "w"] });
        assertEquals(values, [value, null]);
      }
    },
  );

  register(
    "txn() sees what earlier writes made of a counter",
    async ({ store }) => {
      await store.txn({ checks: [], writes: [set("c", "no number")] });
      const good = await store.txn({
        checks: [],
        writes: [set("c", "4"), add("c", 1)],
        reads: ["c"],
      });
      assertEquals(good, { committed: true, values: ["5"] });
      const writes = [set("c", "no number"), add("c", 1)];
      await assertFault(store.txn({ checks: [], writes }), "corrupt");
      assertEquals((await store.read({ keys: ["c"] })).values, ["5"]);
    },
  );
}
