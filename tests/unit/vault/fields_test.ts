import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { encodeHex } from "@std/encoding/hex";
import { fields } from "../../../edge/vault/fields.ts";

const LABEL = `00000010${
  encodeHex(new TextEncoder().encode("offcode.v1 vault"))
}`;

Deno.test("fields() writes the label and every value after its length", () => {
  assertEquals(encodeHex(fields([])), LABEL);
  assertEquals(
    encodeHex(fields(["", "ab", 42, "é"])),
    `${LABEL}00000000000000026162000000023432` + "00000002c3a9",
  );
});

Deno.test("fields() differs wherever a boundary is moved", () => {
  const pairs = [
    [["ab", "c"], ["a", "bc"]],
    [["a", ""], ["a"]],
    [["", "a"], ["a", ""]],
    [[1, 23], [12, 3]],
  ];
  for (const [a, b] of pairs) assertNotEquals(fields(a!), fields(b!));
});

Deno.test("fields() refuses strings that two spellings would share, and odd numbers", () => {
  assertThrows(() => fields(["\ud800"]), TypeError);
  for (const n of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => fields([n]), RangeError);
  }
});
