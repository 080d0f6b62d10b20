import { assertEquals } from "@std/assert";
import { newId } from "../../../edge/base/ids.ts";

Deno.test("newId() has one form, drawn in hex or in bytes", () => {
  const bytes = (length: number) => new Uint8Array(length).fill(0xab);
  const hex = (length: number) => "cd".repeat(length);
  assertEquals(newId("ver", { bytes }), `ver_${"ab".repeat(16)}`);
  assertEquals(newId("ver", { bytes, hex }), `ver_${"cd".repeat(16)}`);
});
