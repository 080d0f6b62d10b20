import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  freePort,
  type RedisServer,
  startRedis,
  until,
} from "../../scripts/redis_server.ts";
import { startGateway } from "../../scripts/upstash/gateway.ts";
import type { Api } from "../support/world/api.ts";
import { startCluster } from "../support/redis/cluster.ts";
import { connectRaw } from "../support/redis/raw.ts";
import { setScene } from "../support/world/scene.ts";
import { startServer, type TestServer } from "../support/world/server.ts";

const TOKEN = "a-token-of-a-test";

/** Pays once, end to end. */
async function pay(api: Api): Promise<void> {
  const { merchant, phone } = await setScene(api);
  const { status, body } = await api.pay(merchant, {
    code: phone.code(Date.now()),
    order_id: "first",
  });
  assertEquals([status, body.status], [201, "succeeded"]);
  assertEquals(await api.balance("alice"), 8_750);
}

/** Ends a server, by force where it does not end by itself. */
async function endCode(server: TestServer): Promise<number> {
  const forced = setTimeout(() => void server.kill("SIGKILL"), 20_000);
  try {
    return (await server.kill("SIGTERM")).code;
  } finally {
    clearTimeout(forced);
  }
}

/** Readiness, as status, problem and detail. */
async function readiness(server: TestServer): Promise<readonly unknown[]> {
  for (;;) {
    const { status, body } = await server.api.call("GET", "/readyz");
    if (status === 200) return [200];
    // On a busy machine a store may miss a deadline; no test here makes one slow.
    if (!body.detail?.startsWith("The store does not answer: timeout")) {
      return [status, body.code, body.detail];
    }
  }
}

const unavailable = (fault: string) => [
  503,
  "store-unavailable",
  `The store does not answer: ${fault}.`,
];

const env = (redis: RedisServer) => ({ OFFCODE_STORE: redis.url });

for (const workers of [1, 2]) {
  Deno.test(`a server of ${workers} pays over TCP, and ends with 0 at SIGTERM with its sockets open`, async () => {
    await using redis = await startRedis();
    await using server = await startServer({ workers, env: env(redis) });
    assertEquals(await readiness(server), [200]);
    await pay(server.api);
    // A connection that a client keeps, as tills do.
    const { hostname, port } = new URL(server.origin);
    using kept = await Deno.connect({ hostname, port: Number(port) });
    const encoder = new TextEncoder();
    await kept.write(
      encoder.encode("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    );
    assert((await kept.read(new Uint8Array(4_096)))! > 0);
    using raw = await connectRaw(redis);
    const clients: string = await raw.send("CLIENT", "LIST", "TYPE", "normal");
    assert(clients.trim().split("\n").length >= 2, clients);
    assertEquals(await endCode(server), 0);
    const left: string = await raw.send("CLIENT", "LIST", "TYPE", "normal");
    assertEquals(left.trim().split("\n").length, 1, left);
  });
}

Deno.test("a server pays over REST, and ends with 0 at SIGTERM", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway({ redis, token: TOKEN });
  await using server = await startServer({
    env: {
      OFFCODE_STORE: "upstash",
      UPSTASH_REDIS_REST_URL: gateway.url,
      UPSTASH_REDIS_REST_TOKEN: TOKEN,
    },
  });
  assertEquals(await readiness(server), [200]);
  await pay(server.api);
  assertEquals(await endCode(server), 0);
});

Deno.test("a server pays on a cluster, with the password that its nodes want", async () => {
  await using cluster = await startCluster();
  for (const node of cluster.nodes) {
    using raw = await connectRaw(node);
    await raw.send("CONFIG", "SET", "requirepass", "p@ss/word");
  }
  const hosts = cluster.nodes.map(({ host, port }) => `${host}:${port}`);
  await using server = await startServer({
    env: { OFFCODE_STORE: `redis://:p%40ss%2Fword@${hosts}` },
  });
  assertEquals(await readiness(server), [200]);
  await pay(server.api);
  assertEquals(await endCode(server), 0);
});

Deno.test("a server starts without its Redis, says so, and serves when it is there", async () => {
  const port = freePort();
  await using server = await startServer({
    env: { OFFCODE_STORE: `redis://127.0.0.1:${port}` },
  });
  assertEquals(await readiness(server), unavailable("unreachable"));
  const { status, body } = await server.api.call("POST", "/v1/payments", {
    key: "ock_test_nobody",
    body: { code: "1", order_id: "o", amount_minor: 1, currency: "EUR" },
  });
  assertEquals([status, body.code], [503, "store-unavailable"]);
  await using _redis = await startRedis({ port });
  await until(
    async () => (await readiness(server))[0] === 200,
    "The server does not get ready",
  );
  await pay(server.api);
  assertEquals(await endCode(server), 0);
});

Deno.test("a server that started without its Redis uses nothing there if it is of the other mode", async () => {
  await using redis = await startRedis({ settings: ["--appendonly", "yes"] });
  {
    await using server = await startServer({
      env: {
        ...env(redis),
        OFFCODE_LEDGER: "http://127.0.0.1:9",
        OFFCODE_LEDGER_SECRET: `whsec_${"A".repeat(32)}`,
      },
    });
    assertEquals(await readiness(server), [200]);
  }
  await redis.kill("SIGKILL");
  await using server = await startServer({ env: env(redis) });
  assertEquals(await readiness(server), unavailable("unreachable"));
  await redis.restart();
  const detail =
    "The store is of mode live and this server of mode test: use another store.";
  const refused = [503, "store-unavailable", detail];
  await until(
    async () => (await readiness(server))[2] === detail,
    "The server does not see the mode",
  );
  // A sweep by this server would end payments as another ledger says.
  const { status, body } = await server.api.call(
    "POST",
    "/v1/admin/merchants",
    {
      key: server.api.adminKey,
      body: { name: "Shop" },
    },
  );
  assertEquals([status, body.code, body.detail], refused);
  using raw = await connectRaw(redis);
  assertEquals(await raw.send("KEYS", "oc:{0}:merchant*"), []);
});

Deno.test("a server is not ready on a replica, a full Redis, a wrong password or none at all", async () => {
  await using redis = await startRedis({
    settings: ["--repl-diskless-sync-delay", "0"],
  });
  await using other = await startRedis();
  using raw = await connectRaw(redis);
  await using server = await startServer({ env: env(redis) });
  assertEquals(await readiness(server), [200]);
  await pay(server.api);

  await raw.send("SCRIPT", "FLUSH");
  assertEquals(await readiness(server), [200]);
  await raw.send("CONFIG", "SET", "maxmemory", "1");
  assertEquals(await readiness(server), unavailable("full"));
  await raw.send("CONFIG", "SET", "maxmemory", "0");
  assertEquals(await readiness(server), [200]);
  await raw.send("REPLICAOF", other.host, `${other.port}`);
  await until(
    async () => (await readiness(server))[2] === unavailable("read-only")[2],
    "The server takes the replica for the primary",
  );
  await raw.send("REPLICAOF", "NO", "ONE");
  assertEquals(await readiness(server), [200]);
  await raw.send("ACL", "SETUSER", "default", "-evalsha", "-eval");
  assertEquals(await readiness(server), unavailable("refused"));
  await raw.send("ACL", "SETUSER", "default", "+@all");
  await redis.kill("SIGKILL");
  assertEquals(await readiness(server), unavailable("unreachable"));
  await redis.restart();
  await until(
    async () => (await readiness(server))[0] === 200,
    "The server does not get ready",
  );
  // Every fault is in the log, and no address and no key.
  const log = server.output();
  assert(!/EVALSHA|oc:\{0\}/.test(log), log);
  assertEquals(await endCode(server), 0);
});

Deno.test("a server refuses to start with several cells and no cell key", async () => {
  const error = await startServer({ env: { OFFCODE_CELLS: "2" } }).then(
    () => new Error("It started"),
    (error: Error) => error,
  );
  assertStringIncludes(error.message, "OFFCODE_CELL_KEY must be");
});
