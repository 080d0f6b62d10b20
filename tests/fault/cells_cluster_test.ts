import { assert, assertEquals } from "@std/assert";
import { openStore } from "../../edge/main.ts";
import type {
  StoreConfig,
  UpstashDatabase,
} from "../../edge/boot/store_config.ts";
import { inCell, slotOf, tagsOf } from "../../edge/store/cells.ts";
import {
  DUE_ORDERS_KEY,
  ERASURE_KEY,
  merchantKey,
} from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";
import { systemClock } from "../../edge/base/clock.ts";
import {
  type RedisServer,
  startRedis,
  until,
} from "../../scripts/redis_server.ts";
import { startGateway } from "../../scripts/upstash/gateway.ts";
import type { Api, TestMerchant, TestPhone } from "../support/world/api.ts";
import { startApp, type TestApp, TestClock } from "../support/world/app.ts";
import { peekOrder } from "../support/world/peek.ts";
import { startCluster } from "../support/redis/cluster.ts";
import { connectRaw } from "../support/redis/raw.ts";

const COUNT = 64;
const cells = { count: COUNT, key: new Uint8Array(32).fill(5), prefix: "90" };

/** The clock of the machine, with which a Redis agrees. */
class RealClock extends TestClock {
  override nowMs(): number {
    return systemClock.nowMs();
  }
}

async function startOn(config: StoreConfig) {
  return await startApp({
    clock: new RealClock(0),
    openStore: () => openStore(config, systemClock),
  });
}

/** Merchants and customers, in cells of their own. */
async function fill(api: Api, merchants: number, customers: number) {
  const wallet = await api.walletKey();
  const shops: TestMerchant[] = [];
  for (let i = 0; i < merchants; i++) shops.push(await api.merchant());
  const phones: TestPhone[] = [];
  for (let i = 0; i < customers; i++) {
    const phone = await api.enrol(wallet, `customer-${i}`, `phone-${i}`);
    await api.setBalance(phone.accountId, 10_000);
    phones.push(phone);
  }
  return { shops, phones };
}

const STEP_MS = 30_000;

/** Whether every cell answers. */
async function answers(store: Store): Promise<boolean> {
  const keys = tagsOf(COUNT).map((_, cell) => inCell(ERASURE_KEY, cell));
  return await store.read({ keys }).then(() => true, () => false);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What tills were told, and their orders. */
class Crowd {
  readonly told = new Map<string, number>();
  readonly orders: { shop: TestMerchant; orderId: string }[] = [];
  isOver = false;

  /** Pays with all phones, six at a time. */
  async pay(api: Api, shops: TestMerchant[], phones: TestPhone[]) {
    for (let from = 0; from < phones.length; from += 6) {
      await Promise.all(
        phones.slice(from, from + 6)
          .map((it, i) => this.#payThrice(api, shops, it, from + i)),
      );
    }
    this.isOver = true;
  }

  /** Pays with a code of each accepted step, in their order. */
  async #payThrice(
    api: Api,
    shops: TestMerchant[],
    phone: TestPhone,
    i: number,
  ): Promise<void> {
    for (const step of [-1, 0, 1]) {
      const shop = shops[(i + step + 1) % shops.length]!;
      const orderId = `order-${i}-${step}`;
      const code = phone.code(systemClock.nowMs() + step * STEP_MS);
      this.orders.push({ shop, orderId });
      // A till repeats its order until it knows.
      for (let tries = 0; tries < 30; tries++) {
        const answer = await api.pay(shop, { code, order_id: orderId });
        const said = answer.status < 300 ? "paid" : answer.body.code;
        this.told.set(said, (this.told.get(said) ?? 0) + 1);
        if (said !== "store-unavailable" && said !== "payment-pending") break;
        await pause(100);
      }
    }
  }

  /** What all orders say that was paid, minor units. */
  async paidMinor(store: Store): Promise<number> {
    let paid = 0;
    for (const { shop, orderId } of this.orders) {
      const order = await peekOrder(store, shop.id, orderId);
      if (order?.payment?.status === "succeeded") paid += 1_250;
    }
    return paid;
  }
}

/** Sweeps until nothing is due any more. */
async function sweepAll({ store, sweeper }: TestApp): Promise<number> {
  const query = { index: DUE_ORDERS_KEY, min: 0, limit: 1_000 };
  const endMs = systemClock.nowMs() + 40_000;
  for (;;) {
    const due = await store.range({ ...query, max: Number.MAX_SAFE_INTEGER })
      .catch(() => null);
    const isOver = systemClock.nowMs() > endMs;
    if (due?.length === 0 || isOver) return due?.length ?? -1;
    await sweeper.sweep().catch(() => {});
    await pause(500);
  }
}

Deno.test("payments go on over a cluster while slots move and a primary dies, and all come to one end", async () => {
  await using cluster = await startCluster({ hasReplicas: true });
  const { nodes } = cluster;
  await using app = await startOn({ kind: "redis", nodes, tls: false, cells });
  const { api, store } = app;
  await until(() => answers(store), "The cells do not answer");
  const { shops, phones } = await fill(api, 6, 18);
  // Every primary has cells: the load of a fleet is spread.
  for (const node of nodes) {
    using raw = await connectRaw(node);
    assert(Number(await raw.send("DBSIZE")) > 0);
  }
  const crowd = new Crowd();
  const paying = crowd.pay(api, shops, phones);
  const slots = tagsOf(COUNT).map(slotOf);
  for (const slot of slots.filter((it) => it < 16_384 / 3).slice(0, 6)) {
    if (!crowd.isOver) await cluster.moveSlot(slot, nodes[0]!, nodes[1]!);
  }
  await nodes[2]!.kill("SIGKILL");
  await paying;
  await until(() => answers(store), "The replica does not take over");
  const told = JSON.stringify([...crowd.told]);
  // What is under way ends by the sweeper of any edge, once it is due.
  assertEquals(await sweepAll(app), 0, told);
  let taken = 0;
  for (const { accountId } of phones) {
    taken += 10_000 - await api.balance(accountId);
  }
  assertEquals(taken, await crowd.paidMinor(store), told);
  assert((crowd.told.get("paid") ?? 0) > 0, told);
});

Deno.test("a fleet of Upstash databases has each its cells, and the others go on while one is away", async () => {
  await using stack = new AsyncDisposableStack();
  const servers: RedisServer[] = [];
  const databases: UpstashDatabase[] = [];
  for (const [i, to] of [20, 41, 63].entries()) {
    const redis = stack.use(await startRedis());
    const gateway = stack.use(
      await startGateway({ redis, token: "a-token-of-a-test" }),
    );
    servers.push(redis);
    const from = [0, 21, 42][i]!;
    databases.push({ url: gateway.url, token: "a-token-of-a-test", from, to });
  }
  const config = { kind: "upstash-fleet", databases, cells } as const;
  await using app = await startOn(config);
  const { api, store } = app;
  const { shops, phones } = await fill(api, 12, 12);
  const said: string[] = [];
  const homes = (shop: TestMerchant) => {
    const cell = store.cells!.cellOf(merchantKey(shop.id))!;
    return databases.findIndex(({ to }) => cell <= to);
  };
  for (const [i, phone] of phones.entries()) {
    const code = phone.code(systemClock.nowMs());
    const paid = await api.pay(shops[i]!, { code, order_id: `order-${i}` });
    said.push(`${paid.status}`);
  }
  assertEquals(new Set(said), new Set(["201"]));
  assertEquals(new Set(shops.map(homes)).size > 1, true);
  // The last database is away: what is elsewhere is answered as before.
  await servers[2]!.kill("SIGSTOP");
  try {
    const known = await Promise.all(shops.map(async (shop, i) => {
      if (homes(shop) === 2) return "away";
      const path = `/v1/payments?order_id=order-${i}`;
      return `${(await api.call("GET", path, { key: shop.key })).status}`;
    }));
    assertEquals(new Set(known), new Set(["200", "away"]));
  } finally {
    await servers[2]!.kill("SIGCONT");
  }
  // Another list of the same databases is refused.
  const swapped = [databases[1]!, databases[0]!, databases[2]!]
    .map(({ url, token }, i) => ({ ...databases[i]!, url, token }));
  const other = await openStore({ ...config, databases: swapped }, systemClock);
  assertEquals(
    (await other.refusal!())?.includes("OFFCODE_UPSTASH_DATABASES"),
    true,
  );
  await other.close();
});
