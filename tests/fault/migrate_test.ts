/**
 * `deno task migrate` as an operator runs it: real stores, real edges before and after, and
 * processes that are killed in the middle.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { systemClock } from "../../edge/base/clock.ts";
import { readConfig } from "../../edge/boot/config.ts";
import { openStore } from "../../edge/main.ts";
import type { ListableStore } from "../../edge/store/store.ts";
import { startRedis, until } from "../../scripts/redis_server.ts";
import { startGateway } from "../../scripts/upstash/gateway.ts";
import { tallyOf, totalOf } from "../../scripts/migrate/tally.ts";
import {
  type Received,
  startShopServer,
  status,
} from "../support/callback/shop_server.ts";
import { killOnceItSays, programOf, saidBy } from "../support/http/command.ts";
import { startCluster } from "../support/redis/cluster.ts";
import { field, index, set } from "../support/store/ops.ts";
import type { Api, TestMerchant, TestPhone } from "../support/world/api.ts";
import { setScene } from "../support/world/scene.ts";
import { startServer } from "../support/world/server.ts";

const HOUR_MS = 3_600_000;
/** The settings of 8 cells. */
const EIGHT = {
  OFFCODE_CELLS: "8",
  OFFCODE_CELL_KEY: encodeBase64(new Uint8Array(32).fill(5)),
};

/** A folder that is removed afterwards. */
async function tempFolder() {
  const path = await Deno.makeTempDir({ prefix: "offcode-migrate-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** The task, not yet started. */
const migrate = (
  args: readonly string[],
  env: Record<string, string> = {},
) => programOf("scripts/migrate.ts", args, { env });

/** Moves all records, or fails. */
async function move(
  from: string,
  to: string,
  env: Record<string, string> = {},
): Promise<string> {
  const { code, out, err } = await saidBy(
    migrate(["--from", from, "--to", to], env),
  );
  assertEquals(code, 0, out + err);
  return out;
}

/** A store, for a moment. */
async function withStore<T>(
  env: Record<string, string>,
  work: (store: ListableStore) => Promise<T>,
): Promise<T> {
  const store = await openStore(readConfig(env).store, systemClock);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** What becomes of a payment of 12.50 EUR. */
async function pay(
  api: Api,
  merchant: TestMerchant,
  code: string,
  order_id: string,
): Promise<string> {
  const { status, body } = await api.pay(merchant, { code, order_id });
  return `${status} ${body.code ?? body.status}`;
}

/** What happened before the records are moved. */
interface Before {
  readonly merchant: TestMerchant;
  /** Of alice, who has paid with the code. */
  readonly code: string;
  /** Phones whose codes were not used yet. */
  readonly bob: TestPhone;
  readonly carol: TestPhone;
}

/** A customer pays, and the callback of it cannot be delivered yet. */
async function payBefore(api: Api, shopUrl: string): Promise<Before> {
  const { merchant, phone, walletKey } = await setScene(api);
  const enrol = async (name: string) => {
    const phone = await api.enrol(walletKey, name, `phone-of-${name}`);
    await api.setBalance(name, 10_000);
    return phone;
  };
  const [bob, carol] = [await enrol("bob"), await enrol("carol")];
  await api.must(201, "PUT", "/v1/callback-endpoint", {
    key: merchant.key,
    body: { url: shopUrl },
  });
  const code = phone.code(Date.now());
  assertEquals(await pay(api, merchant, code, "first"), "201 succeeded");
  assertEquals(await api.balance("alice"), 8_750);
  return { merchant, code, bob, carol };
}

/** Why a server does not start. */
const startFault = (env: Record<string, string>): Promise<string> =>
  startServer({ env }).then(() => "It has started", (error) => `${error}`);

/** A wallet whose records move from a file to `url` and into another file. */
async function moveWallet(url: string, cells: Record<string, string>) {
  await using folder = await tempFolder();
  await using shop = startShopServer();
  shop.answer = () => status(503);
  const old = { OFFCODE_STORE: `sqlite:${folder.path}/old.db` };
  const insecure = { OFFCODE_CALLBACKS_INSECURE: "1" };
  const start = (env: Record<string, string>) =>
    startServer({ env: { ...insecure, ...cells, ...env } });
  let before: Before;
  {
    await using server = await start(old);
    before = await payBefore(server.api, shop.url);
    await until(() => shop.received.length > 0, "Nothing is delivered");
    // An edge that is alive refuses, and goes on.
    const { code, err } = await saidBy(
      migrate(["--from", old.OFFCODE_STORE, "--to", url], cells),
    );
    assertEquals(code, 2);
    assertMatch(
      err,
      RegExp(`old\\.db is in use\\. Stop .*, process ${server.pid}\\. `),
    );
    await server.api.must(200, "GET", "/readyz");
    assertEquals((await server.kill("SIGTERM")).code, 0);
  }
  assertMatch(
    await move(old.OFFCODE_STORE, url, cells),
    /^Edges start on (redis:\/\/|upstash )127\.0\.0\.1:\S+ now, and no more on sqlite:/m,
  );
  assertMatch(
    await startFault({ ...cells, ...old }),
    /OFFCODE_STORE: The records were moved to (redis:\/\/|upstash )127\.0\.0\.1:\S+ at \S+: use that store\./,
  );

  const { merchant, code, bob, carol } = before;
  const delivered = Promise.withResolvers<Received>();
  const { id } = shop.received[0]!;
  shop.answer = (received) => {
    if (received.id === id) delivered.resolve(received);
    return status(204);
  };
  {
    await using server = await start({ OFFCODE_STORE: url });
    const { api } = server;
    const bobsCode = bob.code(Date.now());
    assertEquals(await pay(api, merchant, bobsCode, "second"), "201 succeeded");
    // The order is known, its code is used up, and its money comes back.
    assertEquals(await pay(api, merchant, code, "first"), "200 succeeded");
    assertMatch(
      await pay(api, merchant, code, "third"),
      /^4\d\d code-(replayed|not-accepted)$/,
    );
    const first = { key: merchant.key, body: { order_id: "first" } };
    await api.must(200, "POST", "/v1/reversals", first);
    assertEquals(await api.balance("alice"), 10_000);
    // What was queued in the old store is delivered from the new one.
    assertEquals((await delivered.promise).event.data.order_id, "first");
    assertEquals((await server.kill("SIGTERM")).code, 0);
  }
  const next = { OFFCODE_STORE: `sqlite:${folder.path}/next.db` };
  await move(url, next.OFFCODE_STORE, cells);
  await using server = await start(next);
  const { api } = server;
  const carolsCode = carol.code(Date.now());
  assertEquals(await pay(api, merchant, carolsCode, "fourth"), "201 succeeded");
  assertEquals(await api.balance("bob"), 8_750);
  const { body } = await api.call("GET", "/v1/payments?order_id=first", {
    key: merchant.key,
  });
  assertEquals(body.status, "reversed");
}

Deno.test("a wallet moves from SQLite to Redis and back, with what is paid, under way and queued", async () => {
  await using redis = await startRedis({ settings: ["--appendonly", "yes"] });
  await moveWallet(redis.url, {});
});

Deno.test("a wallet of 8 cells moves from SQLite to a cluster and back, with what is paid, under way and queued", async () => {
  await using cluster = await startCluster();
  const nodes = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`);
  await moveWallet(`redis://${nodes}`, EIGHT);
});

Deno.test("a wallet of 8 cells moves from SQLite to several Upstash databases and back, with what is paid, under way and queued", async () => {
  await using stack = new AsyncDisposableStack();
  const databases = [];
  for (const cells of [[0, 2], [3, 7]]) {
    const redis = stack.use(await startRedis());
    const token = `token-of-${cells}`;
    const { url } = stack.use(await startGateway({ redis, token }));
    databases.push({ url, token, cells });
  }
  const OFFCODE_UPSTASH_DATABASES = JSON.stringify(databases);
  await moveWallet("upstash", { ...EIGHT, OFFCODE_UPSTASH_DATABASES });
});

/** Fills a store with what a busy wallet has. */
async function fill(env: Record<string, string>, count: number): Promise<void> {
  await withStore(env, async (store) => {
    for (let at = 0; at < count; at += 100) {
      const some = Array.from({ length: 100 }, (_, i) => at + i);
      await store.txn({
        checks: [],
        writes: some.flatMap((i) => [
          set(`oc:{0}:order:${i}`, "x".repeat(400), 90 * HOUR_MS),
          set(field(`oc:{0}:account:${i}`, "mark"), `${i}`),
          index(`oc:{0}:bucket:1:${i % 50}`, `entry ${i}`, i),
          index("oc:{0}:events:shop", `event ${i}`, i),
        ]),
      });
    }
  });
}

const digestOf = (env: Record<string, string>) =>
  withStore(
    env,
    async (store) =>
      totalOf(await tallyOf(store, Date.now() + HOUR_MS, () => {})),
  );

Deno.test("the migrate task goes on after each kill, over every kind of store", async () => {
  await using folder = await tempFolder();
  await using redis = await startRedis();
  await using gateway = await startGateway({ redis, token: "a-token" });
  await using cluster = await startCluster();
  const secret = `${folder.path}/secret`;
  const nodes = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`);
  const clusterUrl = `redis://${nodes}`;
  await Deno.writeTextFile(secret, `${clusterUrl}\n`);
  const sqlite = `sqlite:${folder.path}/old.db`;
  await fill({ OFFCODE_STORE: sqlite }, 4_000);
  const expected = await digestOf({ OFFCODE_STORE: sqlite });
  assertEquals([expected.records, expected.members], [8_051, 8_000]);
  const upstash = {
    UPSTASH_REDIS_REST_URL: gateway.url,
    UPSTASH_REDIS_REST_TOKEN: "a-token",
  };
  for (
    const [from, to, isThere] of [
      [sqlite, "upstash", { OFFCODE_STORE: redis.url }],
      [redis.url, `file:${secret}`, { OFFCODE_STORE: clusterUrl }],
      [clusterUrl, `${sqlite}.new`, { OFFCODE_STORE: `${sqlite}.new` }],
    ] as const
  ) {
    const args = ["--from", from, "--to", to];
    // In the middle of the copy, which the rate makes long enough, and behind it.
    for (const [rate, words] of [[3_000, "   "], [0, "Counting"]] as const) {
      const task = migrate([...args, "--per-second", `${rate}`], upstash);
      await killOnceItSays(task.spawn(), words);
    }
    const out = await move(from, to, upstash);
    const counted = out.match(/digest [0-9a-f]{32}$/gm);
    const digest = expected.digest.toString(16).padStart(32, "0");
    assertEquals(counted, Array(2).fill(`digest ${digest}`), out);
    assertEquals(await digestOf(isThere), expected);
    assertMatch(await move(from, to, upstash), /^The records of .* were moved/);
  }
});

Deno.test("the migrate task divides one cell among eight, and no edge of one cell starts on them", async () => {
  await using folder = await tempFolder();
  const [from, to] = ["old", "new"].map((it) => `sqlite:${folder.path}/${it}`);
  await fill({ OFFCODE_STORE: from! }, 100);
  const args = ["--from", from!, "--to", to!, "--cells", "8"];
  const { OFFCODE_CELL_KEY } = EIGHT;
  const noKey = await saidBy(migrate(args));
  assertEquals(noKey.code, 2);
  assertMatch(noKey.err, /^OFFCODE_CELL_KEY must be 32 random bytes/);
  const { code, out } = await saidBy(migrate(args, { OFFCODE_CELL_KEY }));
  assertEquals(code, 0, out);
  assertMatch(out, /^Seeds and devices stayed behind: customers enrol again$/m);
  assertMatch(await startFault({ OFFCODE_STORE: to! }), /OFFCODE_CELLS/);
  await using server = await startServer({
    env: { OFFCODE_STORE: to!, ...EIGHT },
  });
  await server.api.must(200, "GET", "/readyz");
});
