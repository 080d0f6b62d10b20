import { assertEquals } from "@std/assert";
import { buildPages, differencesOf } from "../../../scripts/build_pages.ts";

Deno.test({
  name: "edge/pages/built/ is what its sources make, byte for byte",
  // The builder is a process that serves all builds of its parent.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const folder = new URL("../../../edge/pages/built/", import.meta.url);
    const committed = new Map<string, Uint8Array>();
    for await (const { name } of Deno.readDir(folder)) {
      committed.set(name, await Deno.readFile(new URL(name, folder)));
    }
    assertEquals(differencesOf(await buildPages(), committed), []);
  },
});

Deno.test("differencesOf() names what is changed, missing or left over", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const built = new Map([["a", bytes("1")], ["b", bytes("1")], [
    "c",
    bytes("1"),
  ]]);
  const old = new Map([["a", bytes("1")], ["b", bytes("2")], [
    "d",
    bytes("1"),
  ]]);
  assertEquals(differencesOf(built, old), ["b", "c", "d"]);
  assertEquals(differencesOf(built, built), []);
});
