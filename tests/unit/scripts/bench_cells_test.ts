import { assert, assertEquals } from "@std/assert";
import {
  DEPLOYMENTS,
  measureCells,
} from "../../../scripts/bench/redis/cells.ts";
import {
  primaryOf,
  simulateFleet,
} from "../../../scripts/bench/redis/fleet.ts";
import { seeded } from "../../support/world/points/seeded.ts";

Deno.test("measureCells() pays in and across cells, on one primary and on a cluster", async () => {
  const size = { rounds: 1, warmUpRounds: 0, phonesPerRound: 64 };
  const all = await measureCells(size, DEPLOYMENTS.slice(1, 3));
  assertEquals(
    all.map(({ division, fast, steady }) => [
      ...[division.cells, division.primaries, fast.requests],
      ...[steady.requests, steady.storeCpuMicroseconds.length],
    ]),
    [
      ...[[64, 1, 128, 128, 1], [64, 1, 128, 128, 1]],
      ...[[64, 3, 128, 128, 3], [64, 3, 128, 128, 3], [64, 3, 128, 128, 3]],
    ],
  );
  const [inOne, anywhere, , , apart] = all;
  assertEquals([inOne!.crossing, apart!.crossing], [0, 1]);
  assert(anywhere!.crossing > 0.9);
  // Claim, debit and end, with the account that is read for its first debit.
  // What an edge does by itself meanwhile can only add to them.
  assert(inOne!.trips >= 4 && apart!.trips >= 5);
});

Deno.test("primaryOf() gives neighboring cells to a primary, and each as many as the others", () => {
  const division = { cells: 64, primaries: 3 };
  const counts = [0, 0, 0];
  for (let cell = 0; cell < 64; cell++) counts[primaryOf(cell, division)]!++;
  assertEquals(counts, [21, 22, 21]);
});

Deno.test("simulateFleet() keeps primaries as busy as their visits take, and lets payments wait the more", () => {
  const times = { merchantUs: 60, customerUs: 40 };
  const play = (perSecond: number, primaries: number) =>
    simulateFleet(
      ...[{ cells: 64, primaries }, times, perSecond] as const,
      ...[perSecond * 5, seeded(1)] as const,
    );
  const [idle, half, full] = [10, 5_000, 9_000].map((it) => play(it, 1));
  assertEquals([idle!.p50Ms, idle!.p99Ms], [0.1, 0.1]);
  assert(Math.abs(half!.busy - 0.5) < 0.02 && half!.busy === half!.busiest);
  assert(idle!.p99Ms < half!.p99Ms && half!.p99Ms < full!.p99Ms);
  const three = play(15_000, 3);
  assert(Math.abs(three.busy - 0.5) < 0.02 && three.busiest > three.busy);
});
