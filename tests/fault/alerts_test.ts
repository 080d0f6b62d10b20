import { assert, assertEquals } from "@std/assert";
import { PROBLEM_CODES, PROBLEMS } from "../../edge/http/kit/problem_texts.ts";
import { Alarms } from "../../edge/metrics/alarms/alarms.ts";
import { readRules } from "../../edge/metrics/alarms/rules.ts";
import { allEventLabels } from "../../edge/metrics/events.ts";
import { LEDGER_REQUESTS } from "../../edge/metrics/legs.ts";
import type { Store } from "../../edge/store/store.ts";
import { storeEndpoint } from "../support/callback/queue.ts";
import {
  promtool,
  startPrometheus,
  type Target,
} from "../support/http/prometheus.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import type { Api } from "../support/world/api.ts";
import { MASTER_KEYS, NOON_MS, startApp } from "../support/world/app.ts";
import { openCollision, PAIRS } from "../support/world/collision.ts";
import { type Desk, openDesk } from "../support/world/desk.ts";
import { oneBucket, setScene } from "../support/world/scene.ts";

const ALERTS = new URL("../../edge/alerts.yml", import.meta.url);
const rules = await Deno.readTextFile(ALERTS);
const NAMES = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);

/** Values of a series in the notation of promtool, one a minute. */
const ALWAYS_0 = "0x60";
const RISES = "0+5x60";
/** Nothing at first, then one event. */
const ONCE = "0x4 1x60";
const TWICE = "0x4 2x60";
const END = "12m";
/** The alarms that fire when something has lasted longer. */
const LATER: Readonly<Record<string, string>> = {
  OffcodeSeedSweepEndsEarly: "20m",
  OffcodeDestroyedSeedsUnread: "20m",
  OffcodeEventSweepEndsEarly: "20m",
  OffcodeCallbackBreakerOpen: "35m",
};

const event = (name: string, reason = "") =>
  `offcode_events_total{event="${name}",instance="a",reason="${reason}"}`;
const answers = (code: string) => `offcode_http_answers_total{code="${code}"}`;
const ledger = (request: string, result: string) =>
  `offcode_ledger_request_duration_seconds_count{request="${request}",result="${result}"}`;
const node = (what: string, result: string) =>
  `offcode_store_node_request_duration_seconds_${what}{node="redis-2:6379",result="${result}"}`;
const storeFaults = (fault: string) =>
  `offcode_store_faults_total{fault="${fault}"}`;

/** The series of an edge that is well. */
const HEALTHY: Readonly<Record<string, string>> = {
  'up{job="offcode",instance="a"}': "1x60",
  ...Object.fromEntries([
    ...PROBLEM_CODES.map((code) => [answers(code), ALWAYS_0]),
    ...allEventLabels().map((it) => [event(it.event, it.reason), ALWAYS_0]),
    ...LEDGER_REQUESTS.map((it) => [ledger(it, "unknown"), ALWAYS_0]),
  ]),
  [answers("ok")]: "0+100x60",
  [answers("code-not-accepted")]: "0+3x60",
  [answers("payment-pending")]: "0+1x60",
  [answers("store-unavailable")]: "0+0x60",
  [ledger("debit", "approved")]: "0+50x60",
  [storeFaults("timeout")]: "0x4 1x60",
  [node("count", "fault")]: "0x4 1x60",
  [node("count", "ok")]: "0+100x60",
  [node("sum", "ok")]: "0+1x60",
  [storeFaults("corrupt")]: ALWAYS_0,
  offcode_metric_faults_total: ALWAYS_0,
  offcode_payments_under_way: "20x60",
  offcode_payments_oldest_due_seconds: "8x60",
  offcode_callback_oldest_due_seconds: "2x60",
  offcode_callback_breakers_open: "0x5 1x10 0x60",
  offcode_core_release_unfit: ALWAYS_0,
  offcode_clock_unsure: ALWAYS_0,
  offcode_clock_offset_seconds: "-0.3x60",
};

/** Of these, the ones that move: a series of zeros says as much as none. */
const MOVING = Object.fromEntries(
  Object.entries(HEALTHY).filter(([, values]) => values !== ALWAYS_0),
);

/** What each alarm is for: the series that differ from those of a healthy edge. */
const FAULTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  OffcodeEdgeAway: { 'up{job="offcode",instance="a"}': "0x60" },
  OffcodeAnswersFailing: { [answers("ledger-unavailable")]: RISES },
  OffcodePaymentsPending: { [answers("payment-pending")]: "0+10x60" },
  OffcodeStoreAway: { [storeFaults("timeout")]: "0+10x60" },
  OffcodeStoreNodeAway: { [node("count", "fault")]: "0+10x60" },
  OffcodeStoreNodeSlow: { [node("sum", "ok")]: "0+60x60" },
  OffcodeStoreCorrupt: { [storeFaults("corrupt")]: ONCE },
  OffcodeStoreSettings: { [event("store_settings", "store-evicts")]: "1x60" },
  OffcodeStoreRefused: { [event("store_refused")]: ONCE },
  OffcodeLedgerSilent: { [ledger("query", "unknown")]: RISES },
  OffcodePaymentsPile: { offcode_payments_under_way: "150x60" },
  OffcodePaymentsNotSwept: { offcode_payments_oldest_due_seconds: "90x60" },
  OffcodeSweepEndsEarly: { [event("sweep_ended_early", "timeout")]: RISES },
  OffcodeSeedSweepEndsEarly: {
    [event("seed_sweep_ended_early", "other")]: RISES,
  },
  OffcodeDestroyedSeedsUnread: {
    [event("destroyed_seeds_unread", "corrupt")]: RISES,
  },
  OffcodeEventSweepEndsEarly: {
    [event("event_sweep_ended_early", "other")]: RISES,
  },
  OffcodeClosedBillChanged: { [event("closed_bill_changed")]: ONCE },
  OffcodeSeedSealed: { [event("seed_sealed", "tampered")]: ONCE },
  OffcodeKeyRecordForeign: { [event("key_record_foreign")]: ONCE },
  OffcodeBucketTooLarge: { [event("bucket_too_large")]: ONCE },
  OffcodeCodeAmbiguous: { [event("code_ambiguous")]: TWICE },
  OffcodeCodeAtTwoMerchants: { [event("code_at_two_merchants")]: TWICE },
  OffcodeClockUnsure: { offcode_clock_unsure: "1x60" },
  OffcodeClockDrifts: { offcode_clock_offset_seconds: "-1.5x60" },
  OffcodeCallbacksStuck: { offcode_callback_oldest_due_seconds: "150x60" },
  OffcodeDispatchEndsEarly: {
    [event("dispatch_ended_early", "unreachable")]: RISES,
  },
  OffcodeCallbackEndpointDisabled: {
    [event("callback_endpoint_disabled", "failing")]: ONCE,
  },
  // A breaker is probed now and then, and does not show as open meanwhile.
  OffcodeCallbackBreakerOpen: {
    offcode_callback_breakers_open:
      "0 1x9 0 1x9 0 1x9 0 1x9 0 1x9 0 1x9 0 1x60",
  },
  OffcodeCallbacksDead: { [event("callback_dead", "other")]: RISES },
  OffcodeCallbackUnreadable: { [event("callback_dead", "too large")]: ONCE },
  OffcodeCallbackLeaseLost: { [event("callback_lease_lost")]: ONCE },
  OffcodeCallbackSecretSealed: {
    [event("callback_secret_sealed", "unknown-key")]: ONCE,
  },
  OffcodeCoreShadowDiffers: { [event("core_shadow_differs", "tag")]: ONCE },
  OffcodeCoreShadowUnfit: { [event("core_shadow_unfit")]: ONCE },
  OffcodeCoreReleaseUnfit: { offcode_core_release_unfit: "1x60" },
  OffcodeCoreSwitchUnread: { [event("core_switch_unread", "timeout")]: RISES },
  OffcodeBug: { [event("bug")]: ONCE },
  OffcodeMetricsFault: { offcode_metric_faults_total: ONCE },
};

/** A test of promtool: which alarms fire over some series. */
function ruleTest(
  series: Readonly<Record<string, string>>,
  firing: readonly string[],
  at = END,
) {
  return {
    interval: "1m",
    input_series: Object.entries(series).map(([series, values]) => ({
      series,
      values,
    })),
    promql_expr_test: [{
      expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
      eval_time: at,
      exp_samples: firing.map((alertname) => ({
        labels: `{alertname="${alertname}"}`,
        value: 1,
      })),
    }],
  };
}

Deno.test("each alarm fires under its own fault alone, and none on a healthy edge", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertEquals(Object.keys(FAULTS).sort(), NAMES.toSorted());
    const path = `${folder}/rules.yml`;
    await Deno.writeTextFile(path, rules);
    await promtool(["check", "rules", path]);
    const tests = [
      ...["3m", "35m"].map((at) => ruleTest(HEALTHY, [], at)),
      ...Object.entries(FAULTS).map(([alert, series]) =>
        ruleTest({ ...MOVING, ...series }, [alert], LATER[alert])
      ),
    ];
    const file = `${folder}/tests.yml`;
    await Deno.writeTextFile(
      file,
      JSON.stringify({
        rule_files: ["rules.yml"],
        evaluation_interval: "1m",
        tests,
      }),
    );
    await promtool(["test", "rules", file]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The values of a series in the notation of promtool, one a minute. */
function valuesOf(notation: string): number[] {
  return notation.split(" ").flatMap((part) => {
    const [, first, step = "0", more = "0"] =
      /^(-?[\d.]+)(?:\+([\d.]+))?(?:x(\d+))?$/.exec(part)!;
    return Array.from(
      { length: Number(more) + 1 },
      (_, i) => Number(first) + i * Number(step),
    );
  });
}

/** The alarms that an edge with these series sees after so many minutes. */
async function seenAlarms(
  series: Readonly<Record<string, string>>,
  minutes: number,
): Promise<string[]> {
  const expanded = Object.entries(series).map(([text, notation]) => {
    const [name, inner = ""] = text.slice(0, -1).split("{");
    const metric = text.includes("{") ? name! : text;
    const labels = Object.fromEntries(
      [...inner.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, it]) => [name, it]),
    );
    return { metric, labels, values: valuesOf(notation) };
  });
  let minute = 0;
  const alarms = new Alarms({
    rules: readRules(rules),
    monotonicMs: () => minute * 60_000,
    metrics: {
      values: () =>
        Promise.resolve(expanded.map(({ metric, labels, values }) => ({
          name: metric,
          values: [{ labels, value: values[minute]! }],
        }))),
    },
  });
  let states = await alarms.look();
  while (minute < minutes) {
    minute++;
    states = await alarms.look();
  }
  assert("alarms" in states);
  assertEquals(states.watchedSeconds, minutes * 60);
  return states.alarms.filter(({ state }) => state === "firing")
    .map(({ name }) => name);
}

Deno.test("an edge judges each rule as Prometheus does, and none on a healthy edge", async () => {
  for (const minutes of [3, 35]) {
    assertEquals(await seenAlarms(HEALTHY, minutes), []);
  }
  for (const [alert, series] of Object.entries(FAULTS)) {
    // An edge does not see itself being away.
    const seen = alert === "OffcodeEdgeAway" ? [] : [alert];
    const minutes = parseInt(LATER[alert] ?? END);
    assertEquals(await seenAlarms({ ...MOVING, ...series }, minutes), seen);
  }
});

Deno.test("the alarms know every metric, every event and every code that they name", () => {
  const faults = PROBLEM_CODES.filter((code) => PROBLEMS[code].status >= 500)
    .sort();
  const [, listed] = /code=~"([^"]+)"/.exec(rules) ?? [];
  assertEquals(listed!.split("|").sort(), faults);
  const known = Object.keys(HEALTHY).map((series) => series.split("{")[0]!);
  for (const [name] of rules.matchAll(/offcode_[a-z_]+/g)) {
    assert(known.includes(name), name);
  }
  // Every event has an alarm; that of a breaker is for one that stays open.
  for (const { event } of allEventLabels()) {
    if (event === "callback_breaker_open") continue;
    assert(new RegExp(`event=~?"([^"]*\\|)?${event}[|"]`).test(rules), event);
  }
});

/** Serves an edge over HTTP while the test runs. */
function serve(api: Api, stack: AsyncDisposableStack): string {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => api.fetch(request),
  );
  stack.defer(() => server.shutdown());
  return `127.0.0.1:${server.addr.port}`;
}

/** A store whose clock is ahead of the edge's. */
function aheadBy(store: Store, ms: () => number): Store {
  return {
    read: (request) => store.read(request),
    range: (query) => store.range(query),
    txn: (transaction) => store.txn(transaction),
    timeMs: async () => await store.timeMs() + ms(),
    close: () => store.close(),
  };
}

/** Two payments by a code that two customers show. */
async function collide(
  { api, merchant, alice }: Awaited<ReturnType<typeof openCollision>>,
): Promise<void> {
  const code = alice.code(NOON_MS);
  for (const order_id of ["1", "2"]) {
    const { body } = await api.pay(merchant, { code, order_id });
    assertEquals(body.code, "code-ambiguous");
  }
}

/** A payment whose callback nobody delivers, and one that the ledger never hears of. */
async function loseLedger(desk: Desk): Promise<void> {
  const { app, clock, ledger, merchant } = desk;
  await storeEndpoint(app.store, merchant.id);
  assertEquals((await desk.pay("1", desk.code())).status, 201);
  ledger.debits = ledger.reversals = ledger.queries = "unheard";
  await desk.pay("2", desk.next());
  for (let i = 0; i < 12; i++) {
    clock.advance(11_000);
    await app.sweeper.sweep();
  }
}

Deno.test("a Prometheus that scrapes edges raises the alarms under their faults", async () => {
  await using stack = new AsyncDisposableStack();
  let faulty: FaultyStore;
  const away = stack.use(
    await startApp({
      wrapStore: (store) => faulty = new FaultyStore(store),
    }),
  );
  let aheadMs = 0;
  const late = stack.use(
    await startApp({ wrapStore: (store) => aheadBy(store, () => aheadMs) }),
  );
  const desk = stack.use(await openDesk());
  const collision = stack.use(await openCollision(PAIRS.sameStep));
  const old = stack.use(await startApp({ random: oneBucket }));
  const { phone } = await setScene(old.api);
  const rotated = stack.use(
    await startApp({
      ...{ path: old.path, clock: old.clock, random: oneBucket },
      masterKeys: MASTER_KEYS.replace("test:", "next:"),
    }),
  );
  const merchant = await rotated.api.merchant();
  const targets: Target[] = [];
  for (const { api } of [away, late, desk, collision, rotated]) {
    const key = await api.metricsKey();
    targets.push({ address: serve(api, stack), key });
    await api.must(200, "GET", "/readyz");
  }
  const prometheus = stack.use(
    await startPrometheus(
      targets,
      rules.replaceAll(/for: \d+m/g, "for: 0s"),
    ),
  );
  await prometheus.until(
    async () => (await prometheus.query("up == 1")).length === targets.length,
    "every edge is scraped",
  );
  assertEquals(await prometheus.firing(), []);

  faulty!.plan({ at: 0, mode: "before", onwards: true });
  for (let i = 0; i < 10; i++) await away.api.call("GET", "/readyz");
  aheadMs = 5_000;
  await late.api.call("GET", "/readyz");
  await collide(collision);
  const code = phone.code(NOON_MS);
  const refused = await rotated.api.pay(merchant, { code, order_id: "1" });
  assertEquals(refused.body.code, "code-not-accepted");
  await loseLedger(desk);

  const wanted = [
    ...["OffcodeStoreAway", "OffcodeLedgerSilent", "OffcodeCallbacksStuck"],
    ...["OffcodeCodeAmbiguous", "OffcodeSeedSealed", "OffcodeClockUnsure"],
  ];
  let firing: string[] = [];
  await prometheus.until(async () => {
    firing = await prometheus.firing();
    return wanted.every((alert) => firing.includes(alert));
  }, `${wanted.join(", ")} fire`);
});

Deno.test("the configuration of Prometheus on the page of operations is one", async () => {
  const page = await Deno.readTextFile(
    new URL("../../edge/OPERATIONS.md", import.meta.url),
  );
  const [, block] = /^```yaml\n(rule_files: [\s\S]*?)^```$/m.exec(page) ?? [];
  const file = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    await Deno.writeTextFile(file, block!);
    await promtool(["check", "config", "--syntax-only", file]);
  } finally {
    await Deno.remove(file);
  }
});
