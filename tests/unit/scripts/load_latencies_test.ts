import { assert, assertEquals } from "@std/assert";
import { Latencies } from "../../../scripts/load/latencies.ts";

/** The value that `percent` of the sorted ones do not exceed. */
function exact(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)]!;
}

Deno.test("Latencies finds percentiles of known data to three digits, in any order", () => {
  const values = Array.from(
    { length: 10_000 },
    (_, i) => ((i * 7919) % 10_000 + 1) / 10,
  );
  const latencies = new Latencies();
  for (const value of values) latencies.add(value);
  const sorted = values.toSorted((a, b) => a - b);
  assertEquals(latencies.count, 10_000);
  for (const percent of [0.01, 25, 50, 90, 99, 99.9, 99.99, 100]) {
    const want = exact(sorted, percent);
    const got = latencies.percentileMs(percent);
    assert(
      Math.abs(got / want - 1) <= 0.001,
      `p${percent}: ${got}, not ${want}`,
    );
  }
});

Deno.test("Latencies of one outlier among a thousand shows it at p100 and not at p99", () => {
  const latencies = new Latencies();
  for (let i = 0; i < 999; i++) latencies.add(2);
  latencies.add(30_000);
  assertEquals(latencies.percentileMs(99), 2);
  assert(latencies.percentileMs(100) >= 29_970);
});

Deno.test("Latencies is 0 of nothing, and bounds what cannot be", () => {
  const latencies = new Latencies();
  assertEquals([latencies.count, latencies.percentileMs(99)], [0, 0]);
  latencies.add(-5);
  latencies.add(1e12);
  assertEquals(latencies.count, 2);
  assertEquals(latencies.percentileMs(1), 0);
  const longest = latencies.percentileMs(100);
  assert(longest >= 599_000 && longest <= 601_000);
});
