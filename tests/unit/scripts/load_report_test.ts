import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { summary } from "../../../scripts/load.ts";
import {
  type LoadOptions,
  readOptions,
} from "../../../scripts/load/options.ts";
import { bar, Progress } from "../../../scripts/load/progress.ts";
import { Recorder } from "../../../scripts/load/recorder.ts";
import { type LoadReport, makeReport } from "../../../scripts/load/report.ts";
import { reportHtml } from "../../../scripts/load/report_html.ts";
import {
  linearScale,
  logScale,
  readable,
} from "../../../scripts/load/scale.ts";

const BOOKS = {
  ...{ accounts: 2, beforeMinor: 200_000_000, afterMinor: 199_999_800 },
  ...{ paidMinor: 200, paidOrders: 2, reversedOrders: 1, refusedOrders: 0 },
  ...{ unsureOrders: 0, differing: [], differingCount: 0 },
};

/** Three requests in 4 s; one of them had to wait. */
function recorded(): Recorder {
  const recorder = new Recorder(4);
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
    ...{ endedEarly: false, enrolSeconds: 1, recorder: recorded() },
    ...{ planned: 4, skipped: 1, unsent: 2, breaches: [], books: BOOKS },
    ...parts,
  });
}

Deno.test("Recorder counts latency from when requests should have left, in the slice where that was", () => {
  const { latencyMs, serviceMs, slices, answers, requests } = report();
  assert(
    Math.abs(latencyMs.p50 - 2010) <= 2 && Math.abs(latencyMs.max - 2500) <= 2,
  );
  assert(
    Math.abs(serviceMs.p50 - 1100) <= 1 && Math.abs(serviceMs.max - 2500) <= 2,
  );
  assertEquals(
    slices.map((
      it,
    ) => [
      it.fromSeconds,
      it.intendedPerSecond,
      it.answeredPerSecond,
      it.unexpected,
    ]),
    [
      [0, 2, 0, 0],
      [1, 0, 0, 0],
      [2, 0, 2, 0],
      [3, 1, 0, 1], // It has overrun the plan.
      [4, 0, 1, 0],
    ],
  );
  assert(Math.abs(slices[0]!.p99 / 2500 - 1) < 0.01 && slices[1]!.p99 === 0);
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

Deno.test("Recorder's bars hold every request, each in its range and without gaps", () => {
  const recorder = new Recorder(100);
  for (const ms of [0, 0.05, 0.1, 0.11, 1, 10, 999]) {
    recorder.add({
      kind: "pay",
      answer: "x",
      asExpected: true,
      dueMs: 0,
      sentMs: 0,
      endedMs: ms,
    });
  }
  const bars = recorder.bars();
  assertEquals(bars.reduce((sum, it) => sum + it.count, 0), 7);
  assertEquals([bars[0]!.fromMs, bars[0]!.toMs, bars[0]!.count], [0, 0.1, 3]);
  for (const [i, it] of bars.slice(1).entries()) {
    assertEquals(it.fromMs, bars[i]!.toMs);
  }
  assert(bars.at(-1)!.fromMs < 999 && bars.at(-1)!.toMs >= 999);
  assertEquals(bars.find((it) => it.fromMs < 10 && it.toMs >= 10)!.count, 1);
});

Deno.test("Recorder keeps to 120 slices, however long a run is", () => {
  assertEquals(new Recorder(3600).slices().length, 120);
  assertEquals(new Recorder(3600).slices(60_001).length, 3);
});

Deno.test("reportHtml() escapes whatever a server or a machine puts into it", async () => {
  const evil = `<img src=x onerror="alert(1)">'&`;
  const made = report({ breaches: [{ promise: "paid-once", what: evil }] });
  const page = await reportHtml({
    ...made,
    machine: { ...made.machine, cpu: evil },
    settings: { ...made.settings, origin: evil },
    answers: [{ kind: "pay", answer: evil, asExpected: false, count: 1 }],
  });
  assert(!page.includes("<img") && !page.includes(`onerror="`));
  assertEquals(
    page.split("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;")
      .length - 1,
    5,
  );
});

Deno.test("reportHtml() needs nothing but itself", async () => {
  const page = await reportHtml(report());
  assert(!/<script|<link|<iframe|@import|url\(|src=|href=/i.test(page));
  assertEquals(
    page.match(/https?:\/\/[^\s"<]+/g)!.filter((it) =>
      it !== "http://127.0.0.1:8000"
    ),
    [],
  );
  assertStringIncludes(
    page,
    `content="default-src 'none'; style-src 'unsafe-inline'"`,
  );
  assertStringIncludes(page, "prefers-color-scheme: dark");
});

Deno.test("reportHtml() shows charts, answers, settings, machine and what failed", async () => {
  const page = await reportHtml(report({
    breaches: [{ promise: "paid-once", what: "Order r1-0 was paid twice" }],
    books: {
      ...BOOKS,
      differing: ["load-r1-0 holds 1, not 2"],
      differingCount: 1,
    },
    endedEarly: true,
  }));
  assertEquals(page.split("<svg").length - 1, 3);
  for (
    const text of [
      "2 of 6 checks fail · ended early, by hand",
      "Order r1-0 was paid twice",
      "load-r1-0 holds 1, not 2",
      "503 store-unavailable",
      "not as expected",
      "should have left: 2 a second\nanswered: 0 a second",
      "32 tills of 4 merchants",
      Deno.version.deno,
    ]
  ) assertStringIncludes(page, text);
  assertStringIncludes(await reportHtml(report()), "All 6 checks hold");
  assert(!/NaN|Infinity|undefined|\[object/.test(page));
});

Deno.test("reportHtml() stands a run in which nothing was sent", async () => {
  const page = await reportHtml(report({
    recorder: new Recorder(4),
    ...{ seconds: 0, endedEarly: true, skipped: 0, unsent: 0 },
  }));
  assertStringIncludes(page, "Nothing was measured.");
  assert(!/NaN|Infinity|undefined|\[object/.test(page));
});

Deno.test("summary() tells figures, answers and checks in plain lines", () => {
  const lines = summary(
    report({
      breaches: [{ promise: "no-wrong-code", what: "Order x got 201" }],
    }),
  ).split("\n");
  assertEquals(lines.slice(0, 3), [
    "3 of 4 requests, 0.75 a second",
    "  1 were not sent, since no wallet had a fresh code",
    "  2 were not sent, since the run was over before a till was free",
  ]);
  for (
    const line of [
      "  pay     503 store-unavailable                  1  not as expected",
      "  FAILED  No wrong code was accepted. 1 answers did not agree.",
      "            Order x got 201",
      "  ok      The books agree. 2 accounts held 2\u202f000\u202f000.00 EUR, hold 1\u202f999\u202f998.00 EUR, and have paid 2.00 EUR.",
    ]
  ) assert(lines.includes(line), line);
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
      // One in 120 ms, and the end of it.
      assertEquals(shown.length, 101);
      assert(shown.every((it) => it.startsWith("\r") && !it.includes("\n")));
      assertStringIncludes(
        shown[50]!,
        "Paying  ████████████············  50 %  9 a second",
      );
    } else {
      assertEquals(shown, [
        "Paying …\n",
        "   42 %  9 a second\n",
        "   84 %  9 a second\n",
      ]);
    }
    assertEquals(written.at(-1), "Paid\n");
  }
  assertEquals([bar(0), bar(1), bar(1 / 48)], [
    "·".repeat(24),
    "█".repeat(24),
    `▌${"·".repeat(23)}`,
  ]);
});

Deno.test("linearScale(), logScale() and readable() choose round numbers", () => {
  assertEquals(linearScale(117).ticks, [0, 50, 100, 150]);
  assertEquals(linearScale(0.35).ticks, [0, 0.1, 0.2, 0.3, 0.4]);
  assertEquals(linearScale(0).ticks.length, 2);
  assertEquals(logScale(0.9, 60).ticks, [1, 2, 5, 10, 20, 50]);
  assertEquals(logScale(0.5, 20_000).ticks, [1, 10, 100, 1000, 10_000]);
  assertEquals([logScale(1, 100).at(10), linearScale(100).at(25)], [0.5, 0.25]);
  assertEquals([0, 0.1234, 99.96, 1234567.8].map(readable), [
    "0",
    "0.123",
    "100",
    "1\u202f234\u202f568",
  ]);
});
