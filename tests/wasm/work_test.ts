import { assertEquals } from "@std/assert";
import type { BucketId, SeedPlace } from "../../edge/core/core.ts";
import { leakingCore } from "../../scripts/bench/core/timing.ts";
import { ID, IDS, newCore, placesOf, seedOf, STEP, tagOf } from "./core.ts";

const COUNT = 99; // 24 groups and three lanes of a 25th
const FIRST = STEP - 1;

/** Tags that are found in each place, or nowhere, or twice. */
function cases(
  id: BucketId,
  places: readonly SeedPlace[],
): Record<string, bigint> {
  const tag = (place: number, step: number) =>
    tagOf(id, places[place]!.seed, step);
  return {
    "first lane": tag(0, STEP),
    "last lane": tag(COUNT - 1, STEP),
    "first step": tag(50, FIRST),
    "last step": tag(50, FIRST + 2),
    "miss": tagOf(id, seedOf("nobody"), STEP),
    "ambiguous": tag(1, STEP),
  };
}

/** Places of which 1 and 97 are two credentials with the same seed. */
function places(): SeedPlace[] {
  const places = placesOf(COUNT);
  places[97] = { ...places[97]!, seed: places[1]!.seed };
  return places;
}

function workOf(id: BucketId, core = newCore()): Record<string, unknown> {
  const table = places();
  const measured: Record<string, unknown> = {};
  for (const [name, tag] of Object.entries(cases(id, table))) {
    core.loadBucket(id, table); // cold rows
    const before = core.work();
    const cold = core.verify(id, tag, 11, FIRST, 3);
    const between = core.work();
    const warm = core.verify(id, tag, 11, FIRST, 3);
    const after = core.work();
    assertEquals(warm, cold);
    measured[name] = {
      kind: cold.kind,
      groups: [between.groups - before.groups, after.groups - between.groups],
      compares: [
        between.compares - before.compares,
        after.compares - between.compares,
      ],
    };
  }
  return measured;
}

for (const id of IDS) {
  Deno.test(`verify() under profile ${id.profile} does the same work for a hit in the first and last lane and step, a miss and an ambiguity`, () => {
    const work = { groups: [75n, 0n], compares: [75n, 75n] };
    assertEquals(workOf(id), {
      "first lane": { kind: "one", ...work },
      "last lane": { kind: "one", ...work },
      "first step": { kind: "one", ...work },
      "last step": { kind: "one", ...work },
      "miss": { kind: "none", ...work },
      "ambiguous": { kind: "ambiguous", ...work },
    });
  });
}

Deno.test("the door reads as much of the core's answer for a miss as for a hit", () => {
  const core = newCore();
  const table = places();
  core.loadBucket(ID, table);
  // What the door does beside the core is counted where it reads: a miss that
  // is answered early reads less.
  const { getUint32 } = DataView.prototype;
  const reads: Record<string, number> = {};
  for (const [name, tag] of Object.entries(cases(ID, table))) {
    reads[name] = 0;
    DataView.prototype.getUint32 = function (...args) {
      reads[name]!++;
      return getUint32.apply(this, args);
    };
    try {
      core.verify(ID, tag, 11, FIRST, 3);
    } finally {
      DataView.prototype.getUint32 = getUint32;
    }
  }
  assertEquals(reads, {
    "first lane": 3,
    "last lane": 3,
    "first step": 3,
    "last step": 3,
    "miss": 3,
    "ambiguous": 3,
  });
});

Deno.test("work() tells a core that stops after the step of a match from one that does not", async () => {
  const core = await leakingCore();
  const work = workOf(ID, core) as Record<string, { compares: bigint[] }>;
  assertEquals(work["miss"]!.compares, [75n, 75n]);
  assertEquals(work["first lane"]!.compares, [50n, 50n]);
  assertEquals(work["first step"]!.compares, [25n, 25n]);
});

Deno.test("verify() computes only the rows of steps that are new in the window", () => {
  const core = newCore();
  core.loadBucket(ID, placesOf(40));
  const groups = (firstStep: number, count: number, digits = 11) => {
    const before = core.work().groups;
    core.verify(ID, 1n, digits, firstStep, count);
    return core.work().groups - before;
  };
  assertEquals(groups(STEP, 3), 30n);
  assertEquals(groups(STEP, 3), 0n);
  assertEquals(groups(STEP + 1, 1), 0n);
  assertEquals(groups(STEP + 1, 3), 10n); // the row of STEP is overwritten
  assertEquals(groups(STEP + 1, 3), 0n);
  assertEquals(groups(STEP, 1), 10n);
  assertEquals(groups(STEP, 1, 10), 10n); // other digits, other tags
  assertEquals(groups(STEP + 10, 8), 80n); // more steps than rows
  core.loadBucket(ID, placesOf(40));
  assertEquals(groups(STEP + 15, 3), 30n); // rows go with the bucket
});
