import { assertEquals, assertThrows } from "@std/assert";
import {
  MAX_MEMBER_BYTES,
  MAX_NAME_BYTES,
  MAX_VALUE_BYTES,
  validateRange,
  validateRead,
  validateTransaction,
} from "../../../edge/store/validate.ts";
import {
  absent,
  add,
  del,
  empty,
  index,
  page,
  set,
  unindex,
} from "../../support/store_ops.ts";

Deno.test("validateTransaction() gives every name once, with its use", () => {
  const uses = validateTransaction({
    checks: [absent("a"), empty("i")],
    writes: [
      del("d"),
      del("a"),
      del("v"),
      set("v", ""),
      del("j"),
      unindex("j", ""),
      add("c", 1),
      del("c"),
      index("i", "", 0),
    ],
    reads: ["r", "a", "d2"],
  });
  assertEquals([...uses], [
    ["a", "value"],
    ["i", "index"],
    ["d", "either"],
    ["v", "value"],
    ["j", "index"],
    ["c", "value"],
    ["r", "value"],
    ["d2", "value"],
  ]);
});

Deno.test("validateRead() and validateRange() give every name, with its use", () => {
  assertEquals(
    [...validateRead({ keys: ["a", "b", "a"], ranges: [page("i")] })],
    [["a", "value"], ["b", "value"], ["i", "index"]],
  );
  assertEquals([...validateRead({})], []);
  assertEquals([...validateRange(page("i"))], [["i", "index"]]);
});

Deno.test("validateTransaction() counts bytes of UTF-8, exactly", () => {
  for (const letter of ["x", "\0", "é", "€", "😀"]) {
    const size = new TextEncoder().encode(letter).length;
    const fill = (bytes: number) =>
      letter.repeat(Math.floor(bytes / size)) + "-".repeat(bytes % size);
    const takes = (
      make: (text: string) => ReturnType<typeof set>,
      max: number,
    ) => {
      const transaction = (text: string) => ({
        checks: [],
        writes: [make(text)],
      });
      validateTransaction(transaction(fill(max)));
      assertThrows(
        () => validateTransaction(transaction(fill(max) + "-")),
        RangeError,
        `at most ${max} bytes`,
      );
    };
    takes((text) => set(text, ""), MAX_NAME_BYTES);
    takes((text) => set("k", text), MAX_VALUE_BYTES);
    takes((text) => index("i", text, 0), MAX_MEMBER_BYTES);
    takes((text) => unindex("i", text), MAX_MEMBER_BYTES);
  }
});

Deno.test("validateTransaction() says where the fault is", () => {
  assertThrows(
    () =>
      validateTransaction({
        checks: [],
        writes: [del("a"), index("i", "m", -1)],
      }),
    RangeError,
    "writes[1].score must be an integer from 0 to 9007199254740991",
  );
});
