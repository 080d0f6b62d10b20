import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ExpressionError,
  parseExpression,
} from "../../../edge/metrics/alarms/expression.ts";
import { Alarms } from "../../../edge/metrics/alarms/alarms.ts";
import { History } from "../../../edge/metrics/alarms/history.ts";
import { readRules } from "../../../edge/metrics/alarms/rules.ts";

/** What an expression says at a moment of a history. */
function valuesOf(text: string, history: History, atMs: number) {
  return parseExpression(text, new Set())(history, atMs)
    .map(({ labels, value }) => [labels, value]);
}

/** A history of one counter and one gauge, a sample every 15 s. */
function filled(counts: readonly number[]): History {
  const history = new History();
  for (const [i, value] of counts.entries()) {
    history.add(i * 15_000, [
      { metric: "c_total", labels: { event: "a", reason: "x" }, value },
      { metric: "c_total", labels: { event: "b", reason: "x" }, value: 1 },
      { metric: "g", labels: {}, value: -value },
    ]);
  }
  return history;
}

Deno.test("parseExpression() counts what a counter showed first, and begins again where it is smaller", () => {
  const history = filled([3, 3, 3, 3, 3, 10, 2]);
  const ofA = (span: string, atMs: number) =>
    valuesOf(`sum(increase(c_total{event="a"}[${span}]))`, history, atMs);
  assertEquals(ofA("1m", 0), [[{}, 3]]);
  assertEquals(ofA("1m", 60_000), [[{}, 0]]);
  assertEquals(ofA("1m", 75_000), [[{}, 7]]);
  assertEquals(ofA("30s", 90_000), [[{}, 2]]);
  assertEquals(
    valuesOf('rate(c_total{event!="b",reason=~"x|y"}[1m])', history, 75_000),
    [[{ event: "a", reason: "x" }, 7 / 60]],
  );
  assertEquals(valuesOf("sum by (reason) (c_total)", history, 75_000), [
    [{ reason: "x" }, 11],
  ]);
  assertEquals(valuesOf("max(max_over_time(g[30s])) == 0", history, 1e5), []);
  assertEquals(valuesOf("min_over_time(max(g)[1m:30s])", history, 90_000), [
    [{}, -3],
  ]);
  assertEquals(valuesOf("abs(g) > 9 or c_total", history, 75_000).length, 3);
});

Deno.test("parseExpression() refuses what it does not understand", () => {
  for (
    const text of [
      ...["", "g >", "g < 1", "g + 1", "avg(g)", "sum(g", "g offset 5m"],
      ...["increase(g)", "increase(g[5])", 'g{a="b"', "g g", "$", "g > -1"],
      "histogram_quantile(0.9, g)",
    ]
  ) assertThrows(() => parseExpression(text, new Set()), ExpressionError);
});

Deno.test("a history holds an hour closely and a day widely, however often it is added to", () => {
  const history = new History();
  const endMs = 2 * 86_400_000;
  for (let ms = 0; ms <= endMs; ms += 5_000) {
    history.add(ms, [{ metric: "g", labels: {}, value: ms }]);
  }
  const times = history.timesIn(-1, endMs);
  assert(times[0]! <= endMs - 86_400_000 && times[0]! > endMs - 90_000_000);
  assert(times.length < 240 + 288 + 20, `${times.length}`);
  assertEquals(times.at(-1), endMs);
  const [series] = history.series("g");
  assert(history.at(series!, endMs - 3_600_000)! >= endMs - 3_620_000);
  // A value that is too old is none.
  assertEquals(history.at(series!, endMs + 300_001), undefined);
});

Deno.test("an alarm is pending for as long as its rule wants, and forgets that it was", async () => {
  let [ms, value] = [0, 1];
  const alarms = new Alarms({
    // JSON is YAML, too.
    rules: readRules(JSON.stringify({
      groups: [{
        rules: [{
          alert: "A",
          expr: "max by (reason) (offcode_clock_unsure) > 0",
          for: "1m",
          labels: { severity: "page" },
          annotations: { summary: "It is {{ $labels.reason }}." },
        }, {
          alert: "B",
          expr: "up == 0",
          labels: { severity: "page" },
          annotations: { summary: "Away." },
        }],
      }],
    })),
    monotonicMs: () => ms,
    metrics: {
      values: () =>
        Promise.resolve([{
          name: "offcode_clock_unsure",
          values: [{ labels: { reason: "x" }, value }],
        }]),
    },
  });
  const look = async (atMs: number, given: number) => {
    [ms, value] = [atMs, given];
    const states = await alarms.look();
    assert("alarms" in states);
    assertEquals(states.alarms[1]!.state, "unseen");
    const { state, cases } = states.alarms[0]!;
    return [state, ...cases.map((it) => [it.state, it.labels, it.seconds])];
  };
  const labels = { reason: "x" };
  assertEquals(await look(0, 1), ["pending", ["pending", labels, 0]]);
  assertEquals(await look(59_000, 1), ["pending", ["pending", labels, 59]]);
  assertEquals(await look(60_000, 1), ["firing", ["firing", labels, 60]]);
  assertEquals(await look(61_000, 0), ["quiet"]);
  assertEquals(await look(62_000, 1), ["pending", ["pending", labels, 0]]);
});
