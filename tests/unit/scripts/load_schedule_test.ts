import { assert, assertEquals } from "@std/assert";
import { KINDS } from "../../../scripts/load/options.ts";
import { planArrivals } from "../../../scripts/load/schedule.ts";
import { seeded } from "../../support/world/points/seeded.ts";

const NONE = { bad: 0, repeat: 0, query: 0, reverse: 0 };

Deno.test("planArrivals() spaces uniformly to the last one", () => {
  const plan = planArrivals(
    { rate: 4, seconds: 2.5, spacing: "uniform", shares: NONE },
    seeded(1),
  );
  assertEquals(plan.map((it) => it.atMs), [
    0,
    250,
    500,
    750,
    1000,
    1250,
    1500,
    1750,
    2000,
    2250,
  ]);
  assertEquals(new Set(plan.map((it) => it.kind)), new Set(["pay"]));
});

Deno.test("planArrivals() draws Poisson's gaps: as many as asked for, and exponential", () => {
  const plan = planArrivals(
    { rate: 1000, seconds: 20, spacing: "poisson", shares: NONE },
    seeded(2),
  );
  assertEquals(plan.length, 20_000);
  const gaps = plan.slice(1).map((it, i) => it.atMs - plan[i]!.atMs);
  assert(gaps.every((it) => it >= 0));
  assert(plan[0]!.atMs >= 0 && plan.at(-1)!.atMs < 20_000);
  // Of exponential gaps with a mean of 1 ms, e^-x are longer than x ms.
  for (
    const [x, want] of [[0.5, 0.6065], [1, 0.3679], [2, 0.1353], [
      4,
      0.0183,
    ]] as const
  ) {
    const part = gaps.filter((it) => it > x).length / gaps.length;
    assert(Math.abs(part - want) < 0.01, `${x}: ${part}`);
  }
});

Deno.test("planArrivals() gives each kind its exact share, mixed", () => {
  const plan = planArrivals({
    rate: 100,
    seconds: 10,
    spacing: "uniform",
    shares: { bad: 0.1, repeat: 0.2, query: 0.05, reverse: 0.001 },
  }, seeded(3));
  const count = (kind: string) => plan.filter((it) => it.kind === kind).length;
  assertEquals(KINDS.map(count), [649, 100, 200, 50, 1]);
  // Not all in one place: each tenth of the run has some.
  for (let i = 0; i < 10; i++) {
    const some = plan.slice(i * 100, (i + 1) * 100);
    assert(
      some.some((it) => it.kind === "bad") &&
        some.some((it) => it.kind === "repeat"),
    );
  }
});
