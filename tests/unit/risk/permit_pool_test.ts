import { assertEquals } from "@std/assert";
import { leaseSize } from "../../../edge/risk/permit_pool.ts";

Deno.test("leaseSize() doubles with each lease, up to a quarter of the ration", () => {
  const sizes = (perMinute: number) =>
    [0, 1, 2, 3, 9].map((leases) =>
      leaseSize({ ration: { name: "a", perMinute }, leases })
    );
  assertEquals(sizes(20), [1, 2, 4, 5, 5]);
  assertEquals(sizes(1), [1, 1, 1, 1, 1]);
  assertEquals(sizes(1_000), [1, 2, 4, 8, 100]);
});
