import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { NO_SENDER } from "../../../scripts/edge.ts";
import { allEventLabels, EVENTS } from "../../../edge/metrics/events.ts";
import { DEFINITIONS } from "../../../edge/metrics/instruments.ts";
import { EdgeMetrics } from "../../../edge/metrics/metrics.ts";
import { createSandboxLedger } from "../../../edge/ledger/sandbox/sandbox.ts";
import { openSqliteStore } from "../../../edge/store/sqlite/sqlite.ts";
import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { StoreUnavailableError } from "../../../edge/store/store.ts";
import { isRefusal } from "../../../edge/base/outcome.ts";
import { readMetrics, valueOf } from "../../support/http/metrics_text.ts";
import { listSources } from "../../../scripts/setup.ts";

const ROOT = new URL("../../../", import.meta.url);
const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

/** A folder that goes with its test. */
async function openFolder() {
  const path = await Deno.makeTempDir({ prefix: "offcode-metrics-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function readText(metrics: EdgeMetrics) {
  const text = await metrics.text();
  assert(!isRefusal(text));
  return readMetrics(text);
}

Deno.test("a metric that fails changes nothing and is counted", async () => {
  await using folder = await openFolder();
  const store = openSqliteStore({
    ...{ path: `${folder.path}/offcode.db`, clock: systemClock },
  });
  try {
    // No duration can be observed.
    const metrics = new EdgeMetrics({ monotonicMs: () => NaN, codes: [] });
    const ledger = createSandboxLedger({ store, random: systemRandom });
    const ports = metrics.measuredPorts({ store, ledger, sender: NO_SENDER });
    const { values } = await ports.store.read({ keys: ["a"] });
    assertEquals(values, [null]);
    assertEquals(await ports.ledger.query("pay_0"), { kind: "unknown" });
    metrics.answered("GET", undefined, NaN);
    const found = await readText(metrics);
    assertEquals(valueOf(found, "offcode_metric_faults_total"), 3);
  } finally {
    await store.close();
  }
});

Deno.test("a measured leg hands on what the leg answers, and throws what it throws", async () => {
  const metrics = new EdgeMetrics({ monotonicMs: () => 0, codes: [] });
  const fault = new StoreUnavailableError("locked");
  const bug = new TypeError("a bug");
  await using folder = await openFolder();
  const store = openSqliteStore({
    ...{ path: `${folder.path}/offcode.db`, clock: systemClock },
  });
  try {
    const ledger = createSandboxLedger({ store, random: systemRandom });
    for (const error of [fault, bug]) {
      const failing = { ...ledger, sender: NO_SENDER };
      const measured = metrics.measuredPorts({
        ...{ ledger: failing, sender: NO_SENDER },
        store: {
          read: () => Promise.reject(error),
          range: () => Promise.reject(error),
          txn: () => Promise.reject(error),
          timeMs: () => Promise.reject(error),
          close: () => Promise.resolve(),
        },
      });
      const caught = await measured.store.timeMs().catch((it) => it);
      assertStrictEquals(caught, error);
    }
    const found = await readText(metrics);
    const name = "offcode_store_request_duration_seconds_count";
    const count = (result: string) =>
      valueOf(found, name, { request: "time", result });
    assertEquals([count("fault"), count("bug"), count("ok")], [1, 1, 0]);
    const faults = (fault: string) =>
      valueOf(found, "offcode_store_faults_total", { fault });
    assertEquals([faults("locked"), faults("timeout")], [1, 0]);
  } finally {
    await store.close();
  }
});

Deno.test("a word of the log that is in no list is counted as other", async () => {
  const metrics = new EdgeMetrics({ monotonicMs: () => 0, codes: ["known"] });
  const lines: unknown[] = [];
  const log = metrics.countedLog((...line) => lines.push(line));
  log("error", "sealed seed does not open", {
    reason: "pay_1",
    credentialId: "c",
  });
  log("error", "sealed seed does not open", { reason: "tampered" });
  log("warn", "constructor", { reason: "x" });
  log("info", "request", { route: "/" });
  metrics.answered("GET", "unheard-of", 1);
  metrics.answered("GET", "known", 1);
  assertEquals(lines.length, 4);
  const found = await readText(metrics);
  const events = (event: string, reason = "") =>
    valueOf(found, "offcode_events_total", { event, reason });
  assertEquals(events("seed_sealed", "other"), 1);
  assertEquals(events("seed_sealed", "tampered"), 1);
  assertEquals(events("other"), 1);
  const all = [...found.series.values()].filter(({ name }) =>
    name === "offcode_events_total"
  );
  assertEquals(
    all.length,
    new Set(allEventLabels().map((it) => JSON.stringify(it))).size,
  );
  assertEquals(all.reduce((sum, { value }) => sum + value, 0), 3);
  for (
    const [code, count] of [["other", 1], ["known", 1], ["ok", 0]] as const
  ) {
    assertEquals(valueOf(found, "offcode_http_answers_total", { code }), count);
  }
});

Deno.test("threads are added up, and one that is missing is refused", async () => {
  const other = new EdgeMetrics({ monotonicMs: () => 0, codes: ["a"] });
  other.answered("GET", "a", 300);
  let isThere = true;
  const metrics = new EdgeMetrics({
    ...{ monotonicMs: () => 0, codes: ["a"] },
    process: () => ({ cpuSeconds: 2, residentBytes: 5, startedMs: 1_000 }),
    others: async () => {
      if (!isThere) throw new Error("It does not answer");
      return [structuredClone(await other.snapshot())];
    },
  });
  // As long as a bucket's bound, which counts in that bucket.
  metrics.answered("GET", "a", 5);
  metrics.answered("POST", "a", 2);
  const found = await readText(metrics);
  assertEquals(valueOf(found, "offcode_http_answers_total", { code: "a" }), 3);
  const name = "offcode_http_request_duration_seconds";
  const labels = { method: "GET", route: "other" };
  assertEquals(valueOf(found, `${name}_count`, labels), 2);
  assertEquals(valueOf(found, `${name}_bucket`, { ...labels, le: "0.005" }), 1);
  assertEquals(valueOf(found, `${name}_bucket`, { ...labels, le: "+Inf" }), 2);
  assertEquals(valueOf(found, `${name}_sum`, labels).toFixed(3), "0.305");
  assertEquals(valueOf(found, "process_cpu_seconds_total"), 2);
  assertEquals(valueOf(found, "process_start_time_seconds"), 1);
  isThere = false;
  const refused = await metrics.text();
  assert(isRefusal(refused));
  assertEquals(refused.code, "store-unavailable");
});

Deno.test("names and units are those of Prometheus", () => {
  for (const [name, { type, help }] of Object.entries(DEFINITIONS)) {
    assert(/^(offcode|process)_[a-z_]+$/.test(name), name);
    assertEquals(name.endsWith("_total"), type === "counter", name);
    assertEquals(
      name.endsWith("_duration_seconds"),
      type === "histogram",
      name,
    );
    assert(!/_(ms|milliseconds|mb|kb|percent|count|sum|bucket)$/.test(name));
    assert(help.length > 0 && !help.endsWith("."), name);
  }
});

Deno.test("everything that the edge logs as a warning or an error is in the table of events", async () => {
  const found = new Set<string>();
  for (const path of listSources(["edge/"])) {
    const text = await read(path);
    const calls = text.matchAll(
      /\blog(?:\?\.)?\(\s*"(?:warn|error)",\s*"([^"]+)"/g,
    );
    for (const [, message] of calls) found.add(message!);
  }
  assertEquals([...found].sort(), Object.keys(EVENTS).sort());
});

Deno.test("OPERATIONS.md has every metric and every alarm in its tables", async () => {
  const page = await read("edge/OPERATIONS.md");
  const rows = (heading: string) => {
    const [, table = ""] =
      new RegExp(`^\\| ${heading} .*\\n\\|[- |]+\\n((?:\\|.*\\n)+)`, "m").exec(
        page,
      ) ?? [];
    return table.trim().split("\n").map((row) =>
      row.slice(1, -1).split("|").map((cell) => cell.trim())
    );
  };
  assertEquals(
    rows("metric"),
    Object.entries(DEFINITIONS).map(([name, { type, labels, help }]) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(", "),
      help,
    ]),
  );
  const alerts = await read("edge/alerts.yml");
  const found = alerts.matchAll(
    /- alert: (\w+)[\s\S]*?severity: (\w+)[\s\S]*?summary: (.*)/g,
  );
  assertEquals(
    rows("alarm"),
    [...found].map(([, name, severity, summary]) => [
      `\`${name}\``,
      severity!,
      summary!.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, "`$1`"),
    ]),
  );
  // Every message of the log's table is an event.
  const messages = rows("message").map(([cell]) => cell!.replaceAll("`", ""));
  assert(messages.length > 10);
  assertEquals(
    messages.filter((it) => it !== "request" && !Object.hasOwn(EVENTS, it)),
    [],
  );
});
