import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { encodeHex } from "@std/encoding/hex";
import {
  fields,
  fieldsAlone,
  FieldWriter,
} from "../../../edge/vault/fields.ts";

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

Deno.test("fields() writes each letter as UTF-8, also where it takes one byte more", () => {
  const letters = [0x7e, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000];
  for (const letter of letters.map((it) => String.fromCodePoint(it))) {
    const bytes = new TextEncoder().encode(`a${letter}b`);
    const length = `0000000${bytes.length}`;
    assertEquals(
      encodeHex(fields([`a${letter}b`])),
      LABEL + length + encodeHex(bytes),
    );
  }
});

Deno.test("FieldWriter keeps every byte where a list just fits and just does not", () => {
  for (let length = 240; length <= 260; length++) {
    const writer = new FieldWriter();
    const written = new Uint8Array(length).fill(7);
    writer.clear();
    writer.copy(written);
    assertEquals(writer.bytes(), written);
  }
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

Deno.test("FieldWriter writes what fields() gives, list after list, whatever came before", () => {
  const writer = new FieldWriter();
  const copied = fieldsAlone(["é", 7]);
  const list = (text: string) => {
    writer.begin();
    writer.write(text);
    writer.copy(copied);
    return writer.bytes();
  };
  for (const text of ["a", "b", "long".repeat(200), "c", "", "d"]) {
    assertEquals(list(text), fields([text, "é", 7]));
  }
  const fresh = new FieldWriter();
  fresh.begin();
  fresh.write("a");
  assertEquals(fresh.bytes(), fields(["a"]));
  fresh.begin();
  fresh.write("x".repeat(10_000)); // and given up
  fresh.begin();
  fresh.write("b");
  assertEquals(fresh.bytes(), fields(["b"]));
  fresh.begin();
  assertThrows(() => fresh.write("\ud800"), TypeError);
  fresh.begin();
  assertEquals(fresh.bytes(), fields([]));
});
