import { assert, assertEquals } from "@std/assert";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { readRules } from "../../../edge/metrics/alarms/rules.ts";
import { ALARMS_ZH } from "../../../edge/pages/console/alarm_texts.ts";
import {
  bytesText,
  durationText,
  oddsText,
  roughText,
} from "../../../edge/pages/console/format.ts";
import {
  increase,
  parseMetrics,
  quantile,
  rate,
  sumOf,
  valuesOf,
} from "../../../edge/pages/console/metrics.ts";

Deno.test("parseMetrics() reads what a registry writes, whatever its labels hold", async () => {
  const registers = [new Registry()];
  const odd = 'a "b" \\ {c="d"}\nnext, line';
  const counter = new Counter({
    ...{ name: "c_total", help: "c # {", labelNames: ["x"], registers },
  });
  counter.inc({ x: odd }, 3);
  counter.inc({ x: "" }, 0.5);
  new Gauge({ name: "g", help: "g", registers }).set(-1.5e-7);
  const metrics = parseMetrics(await registers[0]!.metrics());
  assertEquals([...metrics.keys()].sort(), ["c_total", "g"]);
  assertEquals(sumOf(metrics, "c_total"), 3.5);
  assertEquals(sumOf(metrics, "c_total", { x: odd }), 3);
  assertEquals(sumOf(metrics, "c_total", { x: (it) => it === "" }), 0.5);
  assertEquals(sumOf(metrics, "g"), -1.5e-7);
  assertEquals(sumOf(metrics, "none"), undefined);
  assertEquals(valuesOf(metrics, "c_total", "x"), ["", odd]);
});

Deno.test("increase() and rate() take a counter that begins again for what it shows", () => {
  const [before, now] = [
    parseMetrics('c{a="x"} 5\nc{a="y"} 1'),
    parseMetrics('c{a="x"} 7\nc{a="y"} 1'),
  ];
  assertEquals(increase(before, now, "c"), 2);
  assertEquals(increase(now, before, "c", { a: "x" }), 5);
  assertEquals(increase(before, now, "none"), 0);
  const at = (atMs: number, metrics = now) => ({ atMs, metrics });
  assertEquals(rate(at(1_000, before), at(5_000), "c"), 0.5);
  assertEquals(rate(at(1_000, before), at(1_000), "c"), 0);
});

Deno.test("quantile() interpolates within the bucket that the rank is in", async () => {
  const registers = [new Registry()];
  const histogram = new Histogram({
    ...{ name: "h", help: "h", labelNames: ["x"], registers },
    buckets: [1, 2, 4],
  });
  const read = async () => parseMetrics(await registers[0]!.metrics());
  for (const value of [0.5, 1.5, 1.5, 3]) histogram.observe({ x: "a" }, value);
  const before = await read();
  assertEquals(quantile(0.5, null, before, "h"), 1.5);
  assertEquals(quantile(0.25, null, before, "h"), 1);
  assertEquals(quantile(1, null, before, "h", { x: "a" }), 4);
  assertEquals(quantile(0.5, null, before, "h", { x: "b" }), undefined);
  histogram.observe({ x: "b" }, 100);
  const now = await read();
  // Above the last bound nothing is known but that bound.
  assertEquals(quantile(0.5, before, now, "h"), 4);
  assertEquals(quantile(0.5, before, now, "h", { x: "a" }), undefined);
  assertEquals(quantile(0.5, null, now, "none"), undefined);
});

Deno.test("numbers have the unit that suits them", () => {
  assertEquals(
    [0, 0.000_25, 0.012_34, 1.5, 119, 120, 7_200, 2 * 86_400, -0.3]
      .map((it) => durationText(it, "en")),
    [
      ...["0 s", "250 µs", "12.3 ms", "1.5 s", "119 s", "2 min", "2 h"],
      ...["2 d", "-300 ms"],
    ],
  );
  assertEquals(
    [0, 1_023, 1_536, 268_435_456, 3e12].map((it) => bytesText(it, "en")),
    ["0 B", "1,020 B", "1.5 KiB", "256 MiB", "2,790 GiB"],
  );
  assertEquals(
    [0, 3e-9, 0.5].map((it) => oddsText(it, "en")),
    ["0", "1 : 333,000,000", "1 : 2"],
  );
  assertEquals(roughText(undefined, "en"), "–");
});

Deno.test("each alarm has a sentence in Chinese, with the places of the English one", async () => {
  const text = await Deno.readTextFile(
    new URL("../../../edge/alerts.yml", import.meta.url),
  );
  const places = (it: string) => it.match(/\{\{ \$labels\.\w+ \}\}/g) ?? [];
  const rules = readRules(text);
  assertEquals(
    Object.keys(ALARMS_ZH).sort(),
    rules.map(({ name }) => name).sort(),
  );
  for (const { name, summary } of rules) {
    assert(/\p{Script=Han}/u.test(ALARMS_ZH[name]!), name);
    assertEquals(places(ALARMS_ZH[name]!), places(summary), name);
  }
});
