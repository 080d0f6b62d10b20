import { assert, assertEquals } from "@std/assert";
import { benchDelivery } from "../../../scripts/bench/callbacks/delivery.ts";
import { benchNeighbors } from "../../../scripts/bench/callbacks/neighbors.ts";
import { benchPayments } from "../../../scripts/bench/callbacks/payments.ts";

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

Deno.test("benchNeighbors() measures every callback to who does well, alone and beside the others", async () => {
  const size = { slices: 1, sliceMs: 100, perSecond: 50 };
  const figures = await benchNeighbors("sqlite", size);
  assertEquals(figures.length, 5);
  for (const { counts, p99Ms } of figures) {
    assert(counts.length === 3 && counts.every((count) => count >= 5));
    assert(p99Ms.every((ms) => ms >= 0));
  }
});

Deno.test("benchPayments() pays for merchants with and without an endpoint", async () => {
  const size = { rounds: 1, phonesPerRound: 10 };
  const figures = await benchPayments("sqlite", size);
  assertEquals(figures.map((it) => it.name), [
    "no endpoint",
    "an endpoint, queued only",
    "an endpoint, delivered by the same process",
  ]);
  assert(figures.every((it) => it.requestsPerSecond > 0));
});
