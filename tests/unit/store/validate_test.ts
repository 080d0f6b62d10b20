import { assertEquals, assertThrows } from "@std/assert";
import {
  MAX_MEMBER_BYTES,
  MAX_NAME_BYTES,
  MAX_VALUE_BYTES,
  type Uses,
  validateRange,
  validateRead,
  validateTransaction,
} from "../../../edge/store/validate.ts";
import {
  absent,
  add,
  del,
  empty,
  field,
  index,
  page,
  set,
  unindex,
} from "../../support/store/ops.ts";

/** The names of a request, by what they are used as. */
const named = ({ values, maps, fields, indexes, others }: Uses) => ({
  values: values.texts,
  maps: Object.fromEntries(
    maps.texts.map((map, i) => [map, fields[i]!.texts]),
  ),
  indexes: indexes.texts,
  others,
});

Deno.test("validateTransaction() gives every name once, with its use", () => {
  const uses = validateTransaction({
    checks: [absent("a"), empty("i"), absent(field("m", "f"))],
    writes: [
      del("d"),
      del("a"),
      del("v"),
      set("v", ""),
      unindex("j", ""),
      set(field("m", "g"), ""),
      del("k"),
      add("c", 1),
      del("c"),
      index("i", "", 0),
    ],
    reads: ["r", "a", "d2", field("n", "f"), field("m", "f")],
  });
  assertEquals(named(uses), {
    values: ["a", "v", "c", "r", "d2"],
    maps: { m: ["f", "g"], n: ["f"] },
    indexes: ["i", "j"],
    others: ["d", "k"],
  });
});

Deno.test("validateRead() and validateRange() give every name, with its use", () => {
  assertEquals(
    named(validateRead({
      keys: ["a", field("m", "f"), "b", "a"],
      ranges: [page("i")],
    })),
    { values: ["a", "b"], maps: { m: ["f"] }, indexes: ["i"], others: [] },
  );
  const none = { values: [], maps: {}, indexes: [], others: [] };
  assertEquals(named(validateRead({})), none);
  assertEquals(named(validateRange(page("i"))), { ...none, indexes: ["i"] });
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
