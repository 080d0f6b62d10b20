import { assert, assertEquals } from "@std/assert";
import {
  largestT,
  leakingCore,
  TOLD_APART,
  welchT,
} from "../../../scripts/bench/core/timing.ts";

const of = Float64Array.of.bind(Float64Array);

Deno.test("welchT() is the difference of the means in standard errors", () => {
  // Means 3 and 6, variances 2.5 and 10: −3 / √(2.5/5 + 10/5).
  const x = of(1, 2, 3, 4, 5);
  const y = of(2, 4, 6, 8, 10);
  assertEquals(welchT(x, y).toFixed(12), (-3 / Math.sqrt(2.5)).toFixed(12));
  assertEquals(welchT(y, x).toFixed(12), (3 / Math.sqrt(2.5)).toFixed(12));
  // Sets of different length: mean 2 of three with variance 1.
  assertEquals(
    welchT(of(1, 2, 3), y).toFixed(12),
    (-4 / Math.sqrt(1 / 3 + 2)).toFixed(12),
  );
  assertEquals(welchT(x, x), 0);
});

Deno.test("welchT() is 0 where there is nothing to tell", () => {
  assertEquals(welchT(of(), of(1, 2)), 0);
  assertEquals(welchT(of(1), of(2, 3)), 0);
  assertEquals(welchT(of(7, 7), of(7, 7)), 0);
});

/** 2 000 durations around `mean`, each of them the same in every run; every tenth far up in the tail. */
function durations(mean: number, tail: number): Float64Array {
  return Float64Array.from({ length: 2_000 }, (_, i) => {
    const noise = (i * 7_919) % 101 - 50;
    return i % 10 === 0 ? mean + tail * ((i * 104_729) % 97) : mean + noise;
  });
}

Deno.test("largestT() sees a difference that the tail hides, and none where there is none", () => {
  const base = durations(1_000, 1_000);
  const slower = durations(1_010, 1_000);
  assert(Math.abs(welchT(base, slower)) < 1);
  assert(largestT(base, slower) < -TOLD_APART);
  assert(largestT(slower, base) > TOLD_APART);
  assertEquals(largestT(base, base), 0);
});

Deno.test("leakingCore() stops at the step of the match, so the bench has something to see", async () => {
  const core = await leakingCore();
  const id = { prefix: 90, profile: 1, bucket: 42 };
  const seed = new Uint8Array(32).fill(9);
  core.loadBucket(id, [{ seed, credential: 1 }]);
  const tag = core.deriveTag(id, seed, 5, 11);
  const before = core.work().compares; // the self-test's
  core.verify(id, tag, 11, 5, 3);
  assertEquals(core.work().compares - before, 1n);
});
