import { assert, assertEquals } from "@std/assert";
import { measureScale } from "../../../scripts/bench/core/scale.ts";

Deno.test("measureScale() loads and searches every size that a store grows to", async () => {
  const figures = await measureScale([50, 500]);
  assertEquals(figures.map((it) => it.credentials), [50, 500]);
  for (const it of figures) {
    assert(it.buckets > it.credentials / 2 && it.buckets <= it.credentials);
    assert(it.loadSeconds > 0 && it.coldMicroseconds > 0 && it.coreBytes > 0);
  }
  assert(figures[1]!.coreBytes > figures[0]!.coreBytes);
});
