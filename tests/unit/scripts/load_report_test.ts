import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type LoadOptions,
  readOptions,
} from "../../../scripts/load/options.ts";
import { Progress } from "../../../scripts/progress.ts";
import { Recorder } from "../../../scripts/load/recorder.ts";
import {
  type LoadReport,
  makeReport,
  summary,
} from "../../../scripts/load/report.ts";
import { formatTable, readable } from "../../../scripts/table.ts";

const BOOKS = {
  ...{ accounts: 2, beforeMinor: 200_000_000, afterMinor: 199_999_800 },
  ...{ paidMinor: 200, paidOrders: 2, reversedOrders: 1, refusedOrders: 0 },
  ...{ unsureOrders: 0, differing: [], differingCount: 0 },
};

/** Three requests in 4 s; one of them had to wait. */
function recorded(): Recorder {
  const recorder = new Recorder();
  const add = (
    dueMs: number,
    sentMs: number,
    endedMs: number,
    answer: string,
    asExpected: boolean,
  ) =>
    recorder.add({ kind: "pay", answer, asExpected, dueMs, sentMs, endedMs });
  add(0, 0, 2500, "201 succeeded", true);
  add(500, 2500, 2510, "201 succeeded", true);
  add(3100, 3100, 4200, "503 store-unavailable", false);
  return recorder;
}

function report(
  parts: Partial<Parameters<typeof makeReport>[0]> = {},
): LoadReport {
  return makeReport({
    ...{ run: "r1", startedAt: "2026-01-31T12:00:00.000Z", seconds: 4 },
    settings: readOptions(["--rate", "1", "--seconds", "4"]) as LoadOptions,
    ...{ endedEarly: false, recorder: recorded() },
    ...{ planned: 4, skipped: 1, unsent: 2, breaches: [], books: BOOKS },
    ...parts,
  });
}

Deno.test("Recorder counts latency from when requests should have left", () => {
  const { latencyMs, serviceMs, answers, requests } = report();
  assert(
    Math.abs(latencyMs.p50 - 2010) <= 2 && Math.abs(latencyMs.max - 2500) <= 2,
  );
  assert(
    Math.abs(serviceMs.p50 - 1100) <= 1 && Math.abs(serviceMs.max - 2500) <= 2,
  );
  assertEquals(answers, [
    { kind: "pay", answer: "201 succeeded", asExpected: true, count: 2 },
    {
      kind: "pay",
      answer: "503 store-unavailable",
      asExpected: false,
      count: 1,
    },
  ]);
  assertEquals(requests, {
    planned: 4,
    ended: 3,
    skipped: 1,
    unsent: 2,
    unexpected: 1,
    perSecond: 0.75,
  });
});

Deno.test("summary() tells figures, answers and checks in tables", () => {
  const lines = summary(
    report({
      breaches: [{ promise: "no-wrong-code", what: "Order x got 201" }],
      books: {
        ...BOOKS,
        differing: ["load-r1-0 holds 1, not 2"],
        differingCount: 1,
      },
      endedEarly: true,
    }),
  ).split("\n");
  assertEquals(lines.slice(0, 5), [
    "The run was ended early, by hand.",
    "",
    "3 of 4 requests, 0.75 a second",
    "  1 were not sent, since no wallet had a fresh code",
    "  2 were not sent, since the run was over before a till was free",
  ]);
  const words = lines.map((it) => it.trim().replace(/ {2,}/g, " | "));
  for (
    const line of [
      "counted from | p50 | p90 | p99 | p999 | max",
      "pay | 201 succeeded | 2 | 66.7 %",
      "pay | 503 store-unavailable | 1 | 33.3 % | not as expected",
      "2 of 6 checks fail",
      "FAILED | No wrong code was accepted. 1 answers did not agree.",
      "Order x got 201",
      "load-r1-0 holds 1, not 2",
    ]
  ) assert(words.includes(line), `${line}\n${words.join("\n")}`);
});

Deno.test("summary() says in money what the books hold when all checks hold", () => {
  const text = summary(report());
  assertStringIncludes(text, "All 6 checks hold");
  assertStringIncludes(
    text,
    "  ok      The books agree. 2 accounts held 2\u202f000\u202f000.00 EUR, hold 1\u202f999\u202f998.00 EUR, and have paid 2.00 EUR.",
  );
});

Deno.test("summary() has no odd figure of a run in which nothing was sent", () => {
  const text = summary(report({
    recorder: new Recorder(),
    ...{ seconds: 0, endedEarly: true, skipped: 0, unsent: 0 },
  }));
  assertStringIncludes(text, "0 of 4 requests");
  assert(!/NaN|Infinity|undefined|\[object/.test(text), text);
});

Deno.test("Progress rewrites one line on a terminal, and writes few elsewhere", () => {
  for (const isTerminal of [true, false]) {
    let nowMs = 0;
    const written: string[] = [];
    const progress = new Progress({
      isTerminal,
      nowMs: () => nowMs,
      write: (text) => written.push(text),
    });
    progress.begin("Paying", 200);
    for (; nowMs < 12_000; nowMs += 60) progress.at(nowMs / 60, "9 a second");
    progress.end("Paid");
    const shown = written.slice(0, -1);
    if (isTerminal) {
      // One in 120 ms; each hides the one before.
      assertEquals(shown.length, 100);
      assert(
        shown.every((it) => /^\r[^\n]{76}$/.test(it)),
      );
      assertStringIncludes(shown[50]!, "\rPaying  50 %  9 a second ");
    } else {
      assertEquals(shown, [
        "Paying …\n",
        "   0 %  9 a second\n",
        "   42 %  9 a second\n",
        "   84 %  9 a second\n",
      ]);
    }
    assertEquals(written.at(-1)!.trim(), "Paid");
  }
});

Deno.test("readable() keeps three digits, and spaces between thousands", () => {
  assertEquals([0, 0.1234, 99.96, 1234567.8].map(readable), [
    "0",
    "0.123",
    "100",
    "1\u202f234\u202f568",
  ]);
});

Deno.test("formatTable() aligns its columns, the first left and the others right", () => {
  const text = formatTable({
    title: "Sizes",
    columns: ["what", "B", ""],
    rows: [["a", "1", "x"], ["longer", "1000", ""]],
    notes: ["Measured once."],
  });
  assertEquals(text.split("\n"), [
    "Sizes",
    "  what       B",
    "  ──────  ────  ─",
    "  a          1  x",
    "  longer  1000",
    "  Measured once.",
  ]);
});
