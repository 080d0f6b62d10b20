import { assert, assertEquals, assertRejects } from "@std/assert";
import { openStore } from "../../edge/main.ts";
import { systemClock, systemRandom } from "../../edge/base/clock.ts";
import type { StoreConfig } from "../../edge/boot/store_config.ts";
import { createPresence, type Presence } from "../../edge/health/presence.ts";
import { inCell } from "../../edge/store/cells.ts";
import { StoreUnavailableError } from "../../edge/store/store.ts";
import { accountKey, ERASURE_KEY, merchantKey } from "../../edge/store/keys.ts";
import { startRedis, until } from "../../scripts/redis_server.ts";
import { startGateway } from "../../scripts/upstash/gateway.ts";
import { connectRaw } from "../support/redis/raw.ts";
import { startCluster } from "../support/redis/cluster.ts";
import { probe, unswept } from "../support/store/due_probe.ts";
import type { TestMerchant } from "../support/world/api.ts";
import { EdgeMetrics } from "../../edge/metrics/metrics.ts";
import { isRefusal } from "../../edge/base/outcome.ts";
import { readMetrics } from "../support/http/metrics_text.ts";
import { startApp, type TestApp, TestClock } from "../support/world/app.ts";

const COUNT = 64;
const cells = { count: COUNT, key: new Uint8Array(32).fill(5), prefix: "90" };
const ALL = Array.from({ length: COUNT }, (_, cell) => cell);

/** The clock of the machine, with which a Redis agrees. */
class RealClock extends TestClock {
  override nowMs(): number {
    return systemClock.nowMs();
  }
}

/** An edge with a presence, as a server has it. */
async function startPresent(config: StoreConfig) {
  const timer = { ms: 0 };
  const metrics = new EdgeMetrics({ monotonicMs: () => 0, codes: [] });
  const app = await startApp({
    clock: new RealClock(0),
    openStore: () => openStore(config, systemClock, metrics.nodes),
    refusal: () => presence.refusal(),
  });
  const presence: Presence = createPresence({
    ...{ store: app.store, random: systemRandom, place: "here" },
    ...{ monotonicMs: () => timer.ms, log: () => {} },
  });
  // The first connections may take long on a busy machine.
  await until(
    () => presence.refusal().then((it) => it === null, () => false),
    "The store does not answer",
  );
  return {
    ...{ app, presence, metrics },
    /** Lets time pass for the presence, which is looked at every five seconds. */
    async pass(ms: number) {
      for (const endMs = timer.ms + ms; timer.ms < endMs; timer.ms += 5_000) {
        await presence.refusal().catch(() => {});
      }
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
    },
  };
}

/** Waits until every cell answers. */
const answer = ({ store }: TestApp, cells: readonly number[]) =>
  until(
    () =>
      store.read({ keys: cells.map((it) => inCell(ERASURE_KEY, it)) })
        .then(() => true, () => false),
    "The cells do not answer",
  );

/** Sees that sweeps in the background reach each of these cells. */
async function mustSweep(
  { store, sweeper }: TestApp,
  cells: readonly number[],
): Promise<void> {
  await probe(store, cells);
  await until(async () => {
    sweeper.sweepSometimes();
    return (await unswept(store, cells)).length === 0;
  }, "A cell is not swept");
}

/** How many commands each node of the store did not answer. */
async function faultsByNode(metrics: EdgeMetrics) {
  const text = await metrics.text();
  assert(!isRefusal(text));
  const name = "offcode_store_node_request_duration_seconds_count";
  const all = [...readMetrics(text).series.values()].filter((it) =>
    it.name === name && it.labels.result === "fault"
  );
  return Object.fromEntries(all.map((it) => [it.labels.node!, it.value]));
}

/** Starts an edge, and sees whether it serves. */
async function seeStart(
  config: StoreConfig,
  starts: boolean,
  { key }: TestMerchant,
): Promise<void> {
  await using late = await startApp({
    clock: new RealClock(0),
    openStore: () => openStore(config, systemClock),
  });
  await until(async () => {
    const { status, body } = await late.api.call("GET", "/readyz");
    return starts
      ? status === 200
      : status === 503 && `${body.detail}`.includes("needs cell 0 once");
  }, starts ? "It is not ready" : "It does not say that it needs cell 0");
  const begun = createPresence({
    ...{ store: late.store, random: systemRandom, place: "here" },
    ...{ monotonicMs: () => 0, log: () => {} },
  });
  if (!starts) {
    await assertRejects(() => begun.refusal(), StoreUnavailableError);
    return;
  }
  assertEquals(await begun.refusal(), null);
  const path = "/v1/payments?limit=1";
  await late.api.must(200, "GET", path, { key });
}

/** Plays that the database with cell 0, or another one, is away for two minutes. */
async function playAway(
  config: StoreConfig,
  gone: readonly number[],
  { node, starts, kill }: {
    readonly node: string;
    /** Whether an edge can start meanwhile. */
    readonly starts: boolean;
    readonly kill: () => Promise<void>;
  },
): Promise<void> {
  const isGone = (name: string) =>
    gone.includes(edge.app.store.cells!.cellOf(name)!);
  await using edge = await startPresent(config);
  await using other = await startPresent(config);
  const { api } = edge.app;
  await answer(edge.app, ALL);
  const wallet = await api.walletKey();
  const shops: TestMerchant[] = [];
  while (shops.filter((it) => !isGone(merchantKey(it.id))).length < 3) {
    shops.push(await api.merchant());
  }
  const phones = [];
  for (let i = 0; phones.length < 4; i++) {
    const accountId = `customer-${i}`;
    if (isGone(accountKey(accountId))) continue;
    phones.push(await api.enrol(wallet, accountId, `phone-${i}`));
    await api.setBalance(accountId, 10_000);
  }
  const [known, ...near] = shops.filter((it) => !isGone(merchantKey(it.id)));
  // The other edge has used the store, but knows none of the keys that come later.
  const till = other.app.api;
  await answer(other.app, ALL);
  assertEquals((await till.call("GET", "/readyz")).status, 200);
  await till.must(200, "GET", "/v1/payments?limit=1", { key: known!.key });

  const before = await faultsByNode(other.metrics);
  await kill();
  await other.pass(120_000);
  assertEquals(other.presence.isHeld(), true);
  const said: string[] = [];
  for (const [i, phone] of phones.entries()) {
    const code = phone.code(systemClock.nowMs());
    const shop = near[i % near.length]!;
    const { status, body } = await till.pay(shop, { code, order_id: `o-${i}` });
    said.push(`${status} ${body.code ?? body.status}`);
  }
  assertEquals(new Set(said), new Set(["201 succeeded"]));
  const far = shops.find((it) => isGone(merchantKey(it.id)));
  if (far !== undefined) {
    const code = phones[0]!.code(systemClock.nowMs());
    const { body } = await till.pay(far, { code, order_id: "far" });
    assertEquals(body.code, "store-unavailable");
  }
  await mustSweep(other.app, ALL.filter((it) => !gone.includes(it)));
  assert(other.app.logged.some((it) => it.includes("sweep ended early")));
  assertEquals((await till.call("GET", "/readyz")).status, 200);
  const after = await faultsByNode(other.metrics);
  const blamed = Object.keys(after).filter((it) => after[it]! > before[it]!);
  // The others are not blamed, and what was under way there has come to its end.
  assertEquals(blamed, [node]);
  await seeStart(config, starts, near[0]!);
}

async function playFleet(nth: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const closes: (() => Promise<void>)[] = [];
  const databases = [];
  for (const [i, to] of [20, 41, 63].entries()) {
    const redis = stack.use(await startRedis());
    const token = "a-token-of-a-test";
    const gateway = await startGateway({ redis, token });
    let closed: Promise<void> | undefined;
    closes[i] = async () => await (closed ??= gateway[Symbol.asyncDispose]());
    stack.defer(closes[i]);
    databases.push({ url: gateway.url, token, from: [0, 21, 42][i]!, to });
  }
  const config = { kind: "upstash-fleet", databases, cells } as const;
  const { url, from, to } = databases[nth]!;
  await playAway(
    config,
    ALL.slice(from, to + 1),
    { node: new URL(url).host, starts: nth > 0, kill: closes[nth]! },
  );
}

for (const [nth, what] of [[0, "cell 0"], [1, "the second cell"]] as const) {
  Deno.test(`payments go on in the other cells of a fleet while the database with ${what} is away`, async () => {
    await playFleet(nth);
  });
}

for (const [nth, what] of [[0, "cell 0"], [2, "the last cells"]] as const) {
  Deno.test(`payments go on in the other cells of a cluster while the node with ${what} is away`, async () => {
    const settings = ["--cluster-require-full-coverage", "no"];
    await using cluster = await startCluster({ settings });
    const { nodes } = cluster;
    const width = 16_384 / COUNT;
    const gone = ALL.filter((cell) =>
      Math.floor((cell + 0.5) * width / (16_384 / 3)) === nth
    );
    await playAway(
      { kind: "redis", nodes, tls: false, cells },
      gone,
      {
        node: `${nodes[nth]!.host}:${nodes[nth]!.port}`,
        // The last node has the mark with the number of cells, which each cell knows, too.
        starts: nth !== 0,
        kill: () => nodes[nth]!.kill("SIGKILL"),
      },
    );
  });
}

Deno.test("the clock of every cell is asked at the node that has the cell", async () => {
  await using cluster = await startCluster();
  const { nodes } = cluster;
  using raws = new DisposableStack();
  const all = [];
  for (const node of nodes) all.push(raws.use(await connectRaw(node)));
  const store = await openStore(
    { kind: "redis", nodes, tls: false, cells },
    systemClock,
  );
  await store.refusal!();
  for (const raw of all) await raw.send("CONFIG", "RESETSTAT");
  await store.timeMs();
  const asked = await Promise.all(all.map(async (raw) => {
    const stats: string = await raw.send("INFO", "commandstats");
    return Number(/cmdstat_time:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  }));
  assertEquals(asked, [21, 22, 21]);
  await store.close();
});
