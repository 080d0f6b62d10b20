import { assert, assertEquals } from "@std/assert";
import { MOST_BYTES } from "../../../scripts/pictures.ts";

const ROOT = new URL("../../../", import.meta.url);

Deno.test("the README shows the three pictures that deno task pictures takes, each small", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const shown = [...readme.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)]
    .map(([, path]) => path!);
  assertEquals(
    shown,
    ["wallet", "till", "console"].map((it) => `edge/pages/pictures/${it}.png`),
  );
  for (const path of shown) {
    const bytes = await Deno.readFile(new URL(path, ROOT));
    assertEquals(
      [...bytes.slice(1, 4)],
      [..."PNG"].map((it) => it.charCodeAt(0)),
    );
    assert(bytes.length <= MOST_BYTES, path);
  }
});
