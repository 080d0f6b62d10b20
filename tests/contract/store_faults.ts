/**
 * The contract of arguments outside their bounds, which are bugs, and of a
 * store that is closed.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import type { RangeQuery, Store } from "../../edge/store/store.ts";
import { assertFault } from "../support/store/fixture.ts";
import {
  above,
  absent,
  add,
  below,
  count,
  del,
  empty,
  equals,
  field,
  index,
  page,
  set,
  unindex,
  within,
} from "../support/store/ops.ts";
import type { Register } from "./store_contract.ts";

const SECRET = "SECRET";
const LONG_NAME = SECRET + "n".repeat(507);
const LONG_NAME_IN_UTF8 = SECRET + "é".repeat(254);
const LONG_MEMBER = SECRET + "m".repeat(4_091);
const LONG_VALUE = SECRET + "v".repeat(262_139);
const LONE = `${SECRET}\uD800`;
const BEYOND = Number.MAX_SAFE_INTEGER + 1;
const NO_INTEGERS = [1.5, NaN, Infinity, -Infinity, BEYOND, -BEYOND];
// deno-lint-ignore no-explicit-any
type Any = any;
const any = (value: unknown): Any => value;

type Call = (store: Store) => Promise<unknown>;
const checking = (check: Any): Call => (store) =>
  store.txn({ checks: [absent("before"), check], writes: [set("w", "1")] });
const writing = (write: Any): Call => (store) =>
  store.txn({ checks: [], writes: [set("w", "1"), write] });
const ranging = (options: Partial<RangeQuery>): Call => (store) =>
  store.range({ ...page("i"), ...options });

const TOO_MANY = Array.from({ length: 1_001 }, (_, i) => `k${i}`);

const RANGE_ERRORS: Call[] = [
  ...["", LONG_NAME, LONG_NAME_IN_UTF8].flatMap((name) => [
    checking(absent(name)),
    checking(equals(name, "")),
    checking(below(name, 1)),
    checking(within(name, "0", 1, 1)),
    checking(above(name, 1)),
    checking(within(name, "0", 1, 1)),
    checking(absent(field(name, "f"))),
    checking(absent(field("m", name))),
    checking(empty(name)),
    writing(set(field(name, "f"), "1")),
    writing(del(field("m", name))),
    writing(count(field("m", name), "0", 1)),
    writing(set(name, "1")),
    writing(del(name)),
    writing(add(name, 1)),
    writing(index(name, "m", 1)),
    writing(unindex(name, "m")),
    ranging({ index: name }),
    (store: Store) => store.read({ keys: ["a", name] }),
    (store: Store) => store.read({ ranges: [page("i"), page(name)] }),
    (store: Store) => store.txn({ checks: [], writes: [], reads: [name] }),
  ]),
  checking(equals("k", LONG_VALUE)),
  writing(set("k", LONG_VALUE)),
  writing(set(field("m", "f"), LONG_VALUE)),
  checking(within("k", SECRET + "p".repeat(59), 1, 1)),
  writing(count("k", SECRET + "p".repeat(59), 1)),
  writing(set("k", "é".repeat(131_073))),
  writing(index("i", LONG_MEMBER, 1)),
  writing(unindex("i", LONG_MEMBER)),
  ranging({ after: { score: 1, member: LONG_MEMBER } }),
  ...NO_INTEGERS.flatMap((number) => [
    checking(below("k", number)),
    checking(within("k", "0", number, 1)),
    checking(within("k", "0", 1, number)),
    checking(above("k", number)),
    checking(within("k", "0", number, 1)),
    checking(within("k", "0", 1, number)),
    writing(set(field("m", "f"), "1", number)),
    writing(count("k", "0", number)),
    writing(set("k", "1", number)),
    writing(add("k", number)),
    writing(index("i", "m", number)),
    ranging({ min: number }),
    ranging({ max: number }),
    ranging({ limit: number }),
    ranging({ after: { score: number, member: "m" } }),
  ]),
  writing(set("k", "1", 0)),
  writing(set("k", "1", -1)),
  writing(set("k", "1", 3_155_760_000_001)),
  writing(index("i", "m", -1)),
  ranging({ after: { score: -1, member: "m" } }),
  ranging({ limit: 0 }),
  ranging({ limit: -1 }),
  ranging({ limit: 100_001 }),
  (store) => store.read({ keys: TOO_MANY }),
  (store) => store.read({ ranges: TOO_MANY.map((name) => page(name)) }),
  (store) => store.txn({ checks: TOO_MANY.map(absent), writes: [] }),
  (store) => store.txn({ checks: [], writes: TOO_MANY.map(del) }),
  (store) => store.txn({ checks: [], writes: [], reads: TOO_MANY }),
];

const TYPE_ERRORS: Call[] = [
  ...[LONE, any(1), any(null), any(undefined), any(["a"]), any({})].flatMap((
    text,
  ) => [
    checking(absent(text)),
    checking(equals("k", text)),
    checking(empty(text)),
    checking(absent(field("m", text))),
    checking(within("k", text, 1, 1)),
    writing(set(field(text, "f"), "1")),
    writing(set("k", text)),
    writing(del(text)),
    writing(index("i", text, 1)),
    writing(unindex("i", text)),
    ranging({ index: text }),
    ranging({ after: { score: 1, member: text } }),
    (store: Store) => store.read({ keys: [text] }),
    (store: Store) => store.txn({ checks: [], writes: [], reads: [text] }),
  ]),
  ...[any("1"), any(1n), any(null), any([1])].flatMap((number) => [
    checking(below("k", number)),
    checking(within("k", "0", number, 1)),
    writing(set("k", "1", number)),
    writing(add("k", number)),
    writing(index("i", "m", number)),
    ranging({ min: number }),
    ranging({ limit: number }),
  ]),
  checking({ kind: "present", key: "k" }),
  checking({}),
  writing({ kind: "append", key: "k", value: SECRET }),
  writing({}),
  // One name, two kinds.
  (store) =>
    store.txn({ checks: [absent("n")], writes: [set(field("n", "f"), "1")] }),
  (store) =>
    store.txn({ checks: [absent(field("n", "f"))], writes: [add("n", 1)] }),
  (store) =>
    store.txn({ checks: [empty("n")], writes: [del(field("n", "f"))] }),
  (store) => store.read({ keys: [field("n", "f"), "n"] }),
  // What is removed whole has no other write.
  ...[
    index("n", "m", 1),
    unindex("n", "m"),
    set(field("n", "f"), "1"),
    del(field("n", "f")),
    count(field("n", "f"), "0", 1),
  ].flatMap((write): Call[] => [
    (store) => store.txn({ checks: [], writes: [del("n"), write] }),
    (store) => store.txn({ checks: [], writes: [write, del("n")] }),
  ]),
  (store) => store.txn({ checks: [absent("n"), empty("n")], writes: [] }),
  (store) => store.txn({ checks: [empty("n")], writes: [set("n", "1")] }),
  (store) =>
    store.txn({ checks: [], writes: [add("n", 1), unindex("n", "m")] }),
  (store) =>
    store.txn({ checks: [], writes: [index("n", "m", 1)], reads: ["n"] }),
  (store) =>
    store.txn({
      checks: [],
      writes: [set("n", "1"), del("n"), index("n", "m", 1)],
    }),
  (store) => store.read({ keys: ["n"], ranges: [page("n")] }),
  (store) => store.read(any({ keys: "k" })),
  (store) => store.txn(any({ checks: {}, writes: [] })),
];

/** The tests by their sentences. */
const TESTS: Readonly<Record<string, Parameters<Register>[1]>> = {
  "every call rejects arguments outside their bounds and repeats none": async (
    { store },
  ) => {
    const kinds = [
      [RANGE_ERRORS, RangeError],
      [TYPE_ERRORS, TypeError],
    ] as const;
    for (const [calls, expected] of kinds) {
      for (const [position, call] of calls.entries()) {
        // A rejected promise, never an exception.
        const error = await call(store).then(() => null, (error) => error);
        assertInstanceOf(error, expected, `${expected.name} ${position}`);
        assert(!`${error.message}`.includes(SECRET), `${position} repeats`);
      }
    }
    assertEquals((await store.read({ keys: ["w"] })).values, [null]);
  },
  "every call takes arguments at their bounds": async ({ store }) => {
    const most = Number.MAX_SAFE_INTEGER;
    const keys = TOO_MANY.slice(1);
    assertEquals((await store.read({ keys })).values.length, 1_000);
    const result = await store.txn({
      checks: [below("none", -most), within("none", "0", -most, -most)],
      writes: [
        set("k", "1", 3_155_760_000_000),
        set("l", "1", 1),
        add("c", -most),
        index("i", "", 0),
        index("i", "m", most),
        set(field("m", "f"), "1", 3_155_760_000_000),
        count("n", "p".repeat(64), -most),
      ],
    });
    assertEquals(result.committed, false);
    const range = page("i", {
      min: -most,
      max: most,
      limit: 100_000,
      after: { score: most, member: "" },
    });
    assertEquals(await store.range(range), []);
  },
  "every call but close() is refused after close()": async ({ store }) => {
    const before = store.txn({ checks: [], writes: [set("a", "1")] });
    const closing = store.close();
    const calls: Call[] = [
      (store) => store.txn({ checks: [], writes: [set("a", "2")] }),
      (store) => store.read({ keys: ["a"] }),
      (store) => store.range(page("i")),
      (store) => store.timeMs(),
    ];
    for (const call of calls) await assertFault(call(store), "closed");
    await closing;
    for (const call of calls) await assertFault(call(store), "closed");
    await store.close();
    // What was accepted before is finished first.
    assertEquals(await before, { committed: true, values: [] });
  },
  "close() keeps what was written": async ({ store, fixture }) => {
    await store.txn({
      checks: [],
      writes: [set("a", "1"), add("c", 5), index("i", "m", 3)],
    });
    if (fixture.reopen === undefined) return;
    await store.close();
    const again = await fixture.reopen();
    try {
      assertEquals(
        await again.read({ keys: ["a", "c"], ranges: [page("i")] }),
        { values: ["1", "0:5"], ranges: [[{ score: 3, member: "m" }]] },
      );
      assertStrictEquals(
        (await again.txn({ checks: [absent("a")], writes: [] })).committed,
        false,
      );
    } finally {
      await again.close();
    }
  },
};

/** Registers the contract of bugs and of a closed store. */
export function faultContract(register: Register): void {
  for (const [sentence, body] of Object.entries(TESTS)) {
    register(sentence, body);
  }
}
