import { assert, assertEquals } from "@std/assert";
import { chartSvg } from "../../../scripts/bench/scale/chart.ts";
import { bucketLoads } from "../../../scripts/bench/scale/load.ts";
import {
  measureScale,
  onPaper,
  scaleChart,
  scaleTable,
} from "../../../scripts/bench/scale/suite.ts";
import type { ScaleFigures } from "../../../scripts/bench/scale/measure.ts";
import { openScaleWorld } from "../../../scripts/bench/scale/world.ts";

Deno.test("bucketLoads() loads a bucket from memory and from its entries", async () => {
  await using world = await openScaleWorld();
  const contenders = await bucketLoads(world, 5);
  assertEquals(contenders.length, 2);
  for (const contender of contenders) {
    assert("run" in contender);
    assertEquals(await contender.run(), 1);
  }
});

Deno.test("measureScale() loads and searches every size that a store grows to", async () => {
  const figures = await measureScale([50, 500]);
  assertEquals(figures.map((it) => it.credentials), [50, 500]);
  for (const it of figures) {
    assert(it.buckets > it.credentials / 2 && it.buckets <= it.credentials);
    assert(it.loadSeconds > 0 && it.coreLoadSeconds >= 0);
    assert(it.coldMicroseconds > 0 && it.coreBytes > 0);
  }
  assert(figures[1]!.coreBytes > figures[0]!.coreBytes);
});

/** Figures that are straight lines through 0. */
const of = (credentials: number, unit = 1e-6): ScaleFigures => ({
  credentials,
  buckets: 10_000,
  loadSeconds: 8 * unit * credentials,
  coreLoadSeconds: unit * credentials,
  coldMicroseconds: 40 * unit * credentials,
  warmMicroseconds: unit * credentials,
  coreBytes: 128 * credentials,
  scriptBytes: 50 * credentials,
});

Deno.test("onPaper() follows the slope between the last two sizes", () => {
  // Halves all the way down: no sum is rounded.
  const exact = (credentials: number) => of(credentials, 2 ** -20);
  assertEquals(onPaper(exact(512), exact(1_024), 8_192), exact(8_192));
  const fixed = (credentials: number) => ({
    ...exact(credentials),
    coreBytes: 70 + 128 * credentials,
  });
  assertEquals(onPaper(fixed(512), fixed(1_024), 8_192), fixed(8_192));
});

Deno.test("scaleTable() marks what was not measured", () => {
  const { columns, rows } = scaleTable([of(1e3), of(1e6)], of(1e7));
  assertEquals(rows.map(([name]) => name), [
    "1000",
    "1000000",
    "10000000, on paper",
  ]);
  for (const row of rows) assertEquals(row.length, columns.length);
  assertEquals(rows[1]!.slice(1), [
    "40.0",
    "1.00",
    "8.00",
    "1.00",
    "128.0",
    "50.0",
    "128.0",
    "50.0",
  ]);
});

Deno.test("chartSvg() puts decades at equal distances and names axes and units", () => {
  const svg = chartSvg("a & b", [{
    title: "Memory",
    xLabel: "credentials",
    yLabel: "MB",
    lines: [{
      name: "core",
      points: [[1e3, 0.1], [1e4, 1], [1e5, 10]],
      beyond: [1e6, 100],
    }],
  }]);
  const [solid, dashed] = [...svg.matchAll(/<polyline .*points="([^"]*)"/g)]
    .map(([, points]) => points!.split(" ").map((it) => it.split(",")));
  const gaps = solid!.slice(1).map(([x, y], i) => [
    Math.round(Number(x) - Number(solid![i]![0])),
    Math.round(Number(y) - Number(solid![i]![1])),
  ]);
  assertEquals(gaps[0], gaps[1]);
  assert(gaps[0]![0]! > 0 && gaps[0]![1]! < 0);
  assertEquals(dashed!.length, 2);
  for (
    const text of [">credentials<", ">MB<", ">core<", ">1 k<", ">1 M<", ">0.1<"]
  ) {
    assert(svg.includes(text), text);
  }
  assert(svg.includes("<title>a &#38; b</title>"));
  assert(svg.includes("prefers-color-scheme: dark"));
});

Deno.test("the chart that is checked in is one of this bench", async () => {
  const svg = await Deno.readTextFile(
    new URL("../../../scripts/bench/scale.svg", import.meta.url),
  );
  const made = scaleChart([of(1e3), of(1e6)], of(1e7));
  const words = (text: string) =>
    [...text.matchAll(/class="ink[^>]*>([^<]*)</g)].map(([, it]) => it);
  assertEquals(words(svg), words(made));
});
