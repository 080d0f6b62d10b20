import { assertEquals } from "@std/assert";
import type { Held } from "../../../edge/store/record.ts";
import {
  credit,
  type HeldPermit,
  leaseSize,
  newPool,
} from "../../../edge/risk/permit_pool.ts";

Deno.test("leaseSize() doubles with each lease, up to a quarter of the ration", () => {
  const sizes = (perMinute: number) =>
    [0, 1, 2, 3, 9].map((leases) =>
      leaseSize({ ration: { name: "a", perMinute }, leases })
    );
  assertEquals(sizes(20), [1, 2, 4, 5, 5]);
  assertEquals(sizes(1), [1, 1, 1, 1, 1]);
  assertEquals(sizes(1_000), [1, 2, 4, 8, 100]);
});

Deno.test("credit() keeps permits for the day in which they were leased alone", () => {
  const noon = 12 * 60;
  const none = {} as Held<HeldPermit>;
  const pool = newPool({ name: "a", perMinute: 20 }, noon, none);
  credit(pool, noon - 24 * 60, 3);
  assertEquals(pool.unused, 0);
  credit(pool, 0, 2);
  assertEquals(pool.unused, 2);
});
