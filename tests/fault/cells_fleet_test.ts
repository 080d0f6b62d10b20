import { assertEquals } from "@std/assert";
import { openStore } from "../../edge/main.ts";
import type {
  StoreConfig,
  UpstashDatabase,
} from "../../edge/boot/store_config.ts";
import { accountKey, merchantKey } from "../../edge/store/keys.ts";
import { systemClock } from "../../edge/base/clock.ts";
import { type RedisServer, startRedis } from "../../scripts/redis_server.ts";
import { peekAccount, peekOrder } from "../support/world/peek.ts";
import { startGateway } from "../../scripts/upstash/gateway.ts";
import type { Api, TestMerchant, TestPhone } from "../support/world/api.ts";
import { RealClock, startApp } from "../support/world/app.ts";

const COUNT = 64;
const cells = { count: COUNT, key: new Uint8Array(32).fill(5), prefix: "90" };

async function startOn(config: StoreConfig) {
  return await startApp({
    clock: new RealClock(),
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

/** Three gateways, each in front of a Redis of its own with a third of the cells. */
async function startFleet(stack: AsyncDisposableStack) {
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
  return { servers, databases };
}

Deno.test("a fleet of Upstash databases has each its cells, and the others go on while one is away", async () => {
  await using stack = new AsyncDisposableStack();
  const { servers, databases } = await startFleet(stack);
  const config = { kind: "upstash-fleet", databases, cells } as const;
  await using app = await startOn(config);
  const { api, store } = app;
  const { shops, phones } = await fill(api, 12, 12);
  const said: string[] = [];
  const databaseOf = (name: string) => {
    const cell = store.cells!.cellOf(name)!;
    return databases.findIndex(({ to }) => cell <= to);
  };
  const homes = (shop: TestMerchant) => databaseOf(merchantKey(shop.id));
  for (const [i, phone] of phones.entries()) {
    const code = phone.code(systemClock.nowMs());
    const paid = await api.pay(shops[i]!, { code, order_id: `order-${i}` });
    said.push(`${paid.status}`);
  }
  assertEquals(new Set(said), new Set(["201"]));
  assertEquals(new Set(shops.map(homes)).size > 1, true);
  // A customer in the last database has paid at a shop in another one.
  const shop = shops.find((it) => homes(it) !== 2)!;
  const walletKey = await api.walletKey();
  const enrolAt = async (isThere: (database: number) => boolean) => {
    let n = 0;
    while (!isThere(databaseOf(accountKey(`at-${n}`)))) n++;
    const phone = await api.enrol(walletKey, `at-${n}`, `phone-at-${n}`);
    await api.setBalance(phone.accountId, 10_000);
    return phone;
  };
  const away = await enrolAt((it) => it === 2);
  const near = await enrolAt((it) => it < 2);
  const order = { code: away.code(systemClock.nowMs()), order_id: "away" };
  assertEquals((await api.pay(shop, order)).status, 201);
  const reverse = () =>
    api.call("POST", "/v1/reversals", {
      key: shop.key,
      body: { order_id: "away" },
    });
  // The last database is away: what is elsewhere is answered as before.
  await servers[2]!.kill("SIGSTOP");
  try {
    const known = await Promise.all(shops.map(async (shop, i) => {
      if (homes(shop) === 2) return "away";
      const path = `/v1/payments?order_id=order-${i}`;
      return `${(await api.call("GET", path, { key: shop.key })).status}`;
    }));
    assertEquals(new Set(known), new Set(["200", "away"]));
    const code = near.code(systemClock.nowMs());
    const paid = await api.pay(shop, { code, order_id: "near" });
    assertEquals(paid.status, 201);
    // A reversal is final in the merchant's cell, whatever is not known of the customer's.
    assertEquals((await reverse()).body.code, "store-unavailable");
    const found = await peekOrder(store, shop.id, "away");
    assertEquals(found?.payment?.status, "reversing");
  } finally {
    await servers[2]!.kill("SIGCONT");
  }
  assertEquals((await reverse()).status, 200);
  assertEquals(await api.balance(away.accountId), 10_000);
  const { count } = await peekAccount(store, away.accountId);
  assertEquals(count?.amount, 0);
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
