import { assertEquals } from "@std/assert";
import { leaseSize } from "../../../edge/risk/permit_pool.ts";

Deno.test("leaseSize() is one beside another search, and doubles with each lease of misses up to a quarter of the ration", () => {
  const sizes = (searching: number, perMinute: number) =>
    [0, 1, 2, 3, 9].map((spentLeases) =>
      leaseSize({
        ration: { name: "a", perMinute },
        ...{ searching, spentLeases },
      })
    );
  assertEquals(sizes(0, 20), [1, 2, 4, 5, 5]);
  assertEquals(sizes(0, 1), [1, 1, 1, 1, 1]);
  assertEquals(sizes(1, 20), [1, 1, 1, 1, 1]);
  assertEquals(sizes(7, 20), [1, 1, 1, 1, 1]);
});
