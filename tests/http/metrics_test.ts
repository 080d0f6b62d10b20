import { assert, assertEquals } from "@std/assert";
import { PROBLEM_CODES } from "../../edge/http/kit/problem_texts.ts";
import { CALLS } from "../../edge/http/native/calls.ts";
import { allEventLabels } from "../../edge/metrics/events.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import {
  type ReadMetrics,
  readMetrics,
  valueOf,
} from "../support/http/metrics_text.ts";
import { startApp } from "../support/world/app.ts";
import { openDesk } from "../support/world/desk.ts";
import { setScene } from "../support/world/scene.ts";
import { startServer } from "../support/world/server.ts";
import type { Api } from "../support/world/api.ts";

const DAY_MS = 86_400_000;

async function scrape(api: Api, key: string): Promise<ReadMetrics> {
  return readMetrics(await api.must(200, "GET", "/metrics", { key }));
}

/** Makes every call of the API once, with whatever key it takes. */
async function callAll(
  api: Api,
  keys: Readonly<Record<string, string>>,
  id: string,
): Promise<void> {
  for (const { method, path, scope } of CALLS) {
    const key = scope === undefined ? undefined : keys[scope];
    await (await api.fetch(
      new Request(api.origin + path.replaceAll(/\{\w+\}/g, id), {
        method: method.toUpperCase(),
        headers: {
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          "content-type": "application/json",
        },
        ...(method !== "get" && method !== "delete" && { body: "{}" }),
      }),
    )).text();
  }
}

/** A day of a shop in a minute, and every call of the API. */
async function busyDesk() {
  const desk = await openDesk();
  const { api, clock, phone, merchant, walletKey } = desk;
  const keys = {
    merchant: merchant.key,
    wallet: walletKey,
    admin: api.adminKey,
    metrics: await api.metricsKey(),
  };
  const code = desk.code();
  const wrong = "901000000000000000";
  const paid = await desk.pay("order-of-alice", code);
  const replayed = await desk.pay("another-order-of-alice", code);
  const missed = await desk.pay("third-order-of-alice", wrong);
  assertEquals(
    [paid.status, replayed.body.code, missed.body.code],
    [201, "code-replayed", "code-not-accepted"],
  );
  await desk.refund("order-of-alice", "refund-of-alice", 100);
  desk.ledger.debits = "unheard";
  const pending = desk.next();
  await desk.pay("order-of-alice-that-waits", pending);
  await callAll(api, keys, "secret_path");
  for (const method of ["GET", "BREW", "OPTIONS"]) {
    const path = `/secret_path/${phone.accountId}?code=${code}`;
    await (await api.fetch(new Request(api.origin + path, { method }))).text();
  }
  clock.advance(60_000);
  return {
    ...desk,
    metricsKey: keys.metrics,
    secrets: [
      ...[...Object.values(keys), code, pending, wrong, phone.accountId],
      ...[phone.deviceId, phone.credentialId, merchant.id],
      ...[paid.body.payment_id, "order-of", "refund-of", "secret_path"],
      ...["BREW", "Corner"],
      ...desk.app.logged.flatMap((line) => {
        const { requestId, keyId } = JSON.parse(line);
        return [requestId, keyId].filter((it) => typeof it === "string");
      }),
    ],
  };
}

const EVENT_LABELS = allEventLabels();
const ROUTES = new Set([...CALLS.map(({ path }) => path), "other"]);

/** What labels may say. */
const WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  route: ROUTES,
  method: new Set([
    ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"],
  ]),
  code: new Set([...PROBLEM_CODES, "ok", "other"]),
  event: new Set(EVENT_LABELS.map(({ event }) => event)),
  reason: new Set(EVENT_LABELS.map(({ reason }) => reason)),
};

Deno.test("GET /metrics tells nothing of anybody, whatever was called", async () => {
  await using desk = await busyDesk();
  const { api, metricsKey, secrets } = desk;
  const text: string = await api.must(200, "GET", "/metrics", {
    key: metricsKey,
  });
  const { series } = readMetrics(text);
  for (const secret of secrets) {
    assert(!text.includes(secret), `a label has ${secret}`);
  }
  for (const { labels } of series.values()) {
    for (const [name, value] of Object.entries(labels)) {
      if (name === "le") continue;
      const isAllowed = WORDS[name]?.has(value) ?? /^[a-z0-9_-]+$/.test(value);
      assert(isAllowed, `${name}=${value}`);
    }
  }
});

Deno.test("GET /metrics counts every call, every answer and every leg", async () => {
  await using desk = await busyDesk();
  const read = await scrape(desk.api, desk.metricsKey);
  const counted = new Set(
    [...read.series.values()]
      .filter(({ name }) =>
        name === "offcode_http_request_duration_seconds_count"
      )
      .map(({ labels }) => labels["route"]!),
  );
  assertEquals([...ROUTES].filter((it) => !counted.has(it)), []);
  const answers = (code: string) =>
    valueOf(read, "offcode_http_answers_total", { code });
  assertEquals(answers("code-replayed"), 1);
  assertEquals(answers("code-not-accepted"), 1);
  assertEquals(answers("other"), 0);
  const searches = (result: string) =>
    valueOf(read, "offcode_search_duration_seconds_count", { result });
  assertEquals([searches("none"), searches("candidate")], [1, 3]);
  const debits = (result: string) =>
    valueOf(read, "offcode_ledger_request_duration_seconds_count", {
      ...{ request: "debit", result },
    });
  assertEquals(debits("approved"), 1);
  assert(debits("unknown") >= 1);
  const gauge = (name: string) => valueOf(read, `offcode_${name}`);
  assertEquals([gauge("payments_under_way"), gauge("payments_due")], [1, 1]);
  assert(gauge("payments_oldest_due_seconds") > 40);
  assertEquals([gauge("bucket_seeds"), gauge("bucket_largest_seeds")], [1, 1]);
  assert(gauge("bucket_memory_bytes") > 0);
  assertEquals([gauge("clock_unsure"), gauge("metric_faults_total")], [0, 0]);
});

Deno.test("counters and buckets only grow", async () => {
  await using desk = await openDesk();
  const { api } = desk;
  const key = await api.metricsKey();
  const before = await scrape(api, key);
  await desk.pay("1", desk.code());
  await desk.pay("2", desk.code());
  const after = await scrape(api, key);
  for (const [name, { type }] of before.families) {
    if (type === "gauge") continue;
    for (const [series, { name: of, value }] of before.series) {
      if (!of.startsWith(name)) continue;
      const now = after.series.get(series)?.value ?? -1;
      assert(now >= value, `${series} fell from ${value} to ${now}`);
    }
  }
  const paid = { code: "ok" };
  const name = "offcode_http_answers_total";
  // The payment, the scrape before it, and what the desk looked up.
  assert(valueOf(after, name, paid) > valueOf(before, name, paid));
});

Deno.test("a metrics key that was read within a day works while the store is away", async () => {
  const faulty: FaultyStore[] = [];
  await using app = await startApp({
    wrapStore(store) {
      faulty.push(new FaultyStore(store));
      return faulty[0]!;
    },
  });
  const { api, clock } = app;
  const { walletKey } = await setScene(api);
  const key = await api.metricsKey();
  const fresh = await api.metricsKey();
  const seen = await scrape(api, key);
  assert(seen.series.has("offcode_payments_under_way []"));
  faulty[0]!.plan({ at: 0, mode: "before", onwards: true });
  clock.advance(DAY_MS - 1);
  const away = await scrape(api, key);
  assert(!away.series.has("offcode_payments_under_way []"));
  assert(
    valueOf(away, "offcode_store_faults_total", { fault: "timeout" }) >= 1,
  );
  const said = async (path: string, key: string) =>
    (await api.call("GET", path, { key })).body.code;
  // A key that this edge has never read, and one of another scope.
  assertEquals(await said("/metrics", fresh), "store-unavailable");
  assertEquals(
    await said("/v1/confirmations?account_id=x", walletKey),
    "store-unavailable",
  );
  clock.advance(1);
  assertEquals(await said("/metrics", key), "store-unavailable");
});

Deno.test("an ended metrics key reads nothing", async () => {
  await using app = await startApp();
  const { api, clock } = app;
  const made = await api.must(201, "POST", "/v1/admin/metrics-keys", {
    key: api.adminKey,
    body: { name: "prometheus" },
  });
  await scrape(api, made.api_key);
  await api.must(204, "DELETE", `/v1/admin/wallet-keys/${made.key_id}`, {
    key: api.adminKey,
  });
  clock.advance(5_000);
  const { body } = await api.call("GET", "/metrics", { key: made.api_key });
  assertEquals(body.code, "not-authenticated");
});

Deno.test("every thread of a process hands over the metrics of all", async () => {
  await using server = await startServer({ workers: 2 });
  const { api } = server;
  const key = await api.metricsKey();
  let last = 0;
  for (let i = 1; i <= 8; i++) {
    // Each request has a connection of its own, so that it may meet either thread.
    const once = { headers: { connection: "close" } };
    await api.call("GET", `/v1/nothing-${i}`, once);
    const read = readMetrics(
      await api.must(200, "GET", "/metrics", { key, ...once }),
    );
    const counted = valueOf(read, "offcode_http_answers_total", {
      code: "not-found",
    });
    assertEquals(counted, i);
    const cpu = valueOf(read, "process_cpu_seconds_total");
    assert(cpu >= last);
    last = cpu;
  }
});
