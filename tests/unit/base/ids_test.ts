import { assertEquals, assertThrows } from "@std/assert";
import { systemRandom } from "../../../edge/base/clock.ts";
import { newId, packId, unpackId } from "../../../edge/base/ids.ts";

Deno.test("newId() has one form, drawn in hex or in bytes", () => {
  const bytes = (length: number) => new Uint8Array(length).fill(0xab);
  const hex = (length: number) => "cd".repeat(length);
  assertEquals(newId("ver", { bytes }), `ver_${"ab".repeat(16)}`);
  assertEquals(newId("ver", { bytes, hex }), `ver_${"cd".repeat(16)}`);
});

Deno.test("unpackId() undoes packId(), and refuses what is none", () => {
  const id = newId("cred", systemRandom);
  const packed = packId(id);
  assertEquals(packed.length, 22);
  assertEquals(unpackId("cred", packed), id);
  for (const text of ["", id, packed.slice(1), `${packed}A`, "=".repeat(22)]) {
    assertThrows(() => unpackId("cred", text), TypeError, "identifier");
  }
});
