import { assert, assertEquals } from "@std/assert";
import { benchDelivery } from "../../../scripts/bench/callbacks/delivery.ts";
import { benchNeighbors } from "../../../scripts/bench/callbacks/neighbors.ts";

Deno.test("benchDelivery() delivers every callback, and fetches as many times", async () => {
  const size = { rounds: 1, warmUpRounds: 1, merchants: 2, each: 10 };
  const figures = await benchDelivery("sqlite", size);
  assertEquals(figures.map((it) => it.name), [
    "callbacks over SQLite",
    "bare fetch and one bare transaction",
    "bare fetch",
  ]);
  for (const { perSecond, cpuMicros } of figures) {
    assert(perSecond > 0 && cpuMicros > 0);
  }
});

Deno.test("benchNeighbors() measures every callback to who does well, beside good ones and bad ones", async () => {
  const size = { slices: 1, sliceMs: 100, perSecond: 50 };
  const figures = await benchNeighbors("sqlite", size);
  assertEquals(figures.map((it) => it.name), [
    "beside 3 good",
    "beside 3 bad",
  ]);
  for (const { merchants } of figures) {
    assertEquals(merchants.length, 5);
    for (const it of merchants) {
      assert(it.count >= 5 && it.percentileMs(99) >= 0);
    }
  }
});
