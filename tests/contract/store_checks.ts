/**
 * The contract of checks: when each holds, and what a refusal tells.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Check, TxnResult } from "../../edge/store/store.ts";
import {
  absent,
  below,
  empty,
  equals,
  HOLDS,
  index,
  refusal,
  set,
} from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

const MAX = Number.MAX_SAFE_INTEGER;

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, Parameters<Register>[1]>> = {
  "txn() makes every check hold exactly when it should": async ({ store }) => {
    await store.txn({
      checks: [],
      writes: [
        set("text", "abc"),
        set("nothing", ""),
        set("ten", "10"),
        set("zero", "0"),
        set("most", `${MAX}`),
        index("crowd", "b", 2),
        index("crowd", "c", 1),
        index("crowd", "a", 2),
      ],
    });
    const cases: [Check, TxnResult][] = [
      [absent("none"), HOLDS],
      [absent("text"), refusal("abc")],
      [absent("nothing"), refusal("")],
      [equals("text", "abc"), HOLDS],
      [equals("text", "ab"), refusal("abc")],
      [equals("text", "abcd"), refusal("abc")],
      [equals("text", "ABC"), refusal("abc")],
      [equals("ten", "10.0"), refusal("10")],
      [equals("nothing", ""), HOLDS],
      [equals("none", ""), refusal(null)],
      [below("ten", 11), HOLDS],
      [below("ten", 10), refusal("10")],
      [below("ten", 9), refusal("10")],
      // As text, "9" would be above "10".
      [below("ten", 100), HOLDS],
      [below("zero", 1), HOLDS],
      [below("zero", 0), refusal("0")],
      [below("zero", -MAX), refusal("0")],
      [below("none", MAX), refusal(null)],
      [below("most", MAX), refusal(`${MAX}`)],
      [empty("none"), HOLDS],
      [empty("crowd"), refusal("c")],
    ];
    for (const [check, expected] of cases) {
      const result = await store.txn({ checks: [check], writes: [] });
      assertEquals(result, expected, JSON.stringify(check));
    }
  },
  "txn() names the first check that fails, in the order given": async (
    { store },
  ) => {
    await store.txn({
      checks: [],
      writes: [set("a", "1"), set("b", "2"), index("i", "m", 0)],
    });
    const failing = [
      absent("b"),
      equals("a", "0"),
      empty("i"),
      below("c", 1),
    ];
    const told = ["2", "1", "m", null];
    for (let first = 0; first < failing.length; first++) {
      const rotated = [...failing.slice(first), ...failing.slice(0, first)];
      const result = await store.txn({
        checks: [absent("c"), equals("a", "1"), ...rotated],
        writes: [set("c", "written")],
      });
      assertEquals(result, {
        committed: false,
        check: 2,
        value: told[first]!,
        values: [],
      });
    }
    assertEquals((await store.read({ keys: ["c"] })).values, [null]);
  },
  "txn() checks what was there before its own writes": async ({ store }) => {
    const result = await store.txn({
      checks: [absent("a"), absent("a")],
      writes: [set("a", "1")],
    });
    assertEquals(result, HOLDS);
  },
  "txn() without checks always commits": async ({ store }) => {
    assertEquals(await store.txn({ checks: [], writes: [] }), HOLDS);
  },
};

/** Registers the contract of checks. */
export function checkContract(register: Register): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    register(sentence, body);
  }
}
