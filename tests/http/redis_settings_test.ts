/**
 * Servers on a real Redis that is not set as payments need it, over TCP and
 * over REST: a start on one that evicts is refused, and the rest is said.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  freePort,
  type RedisServer,
  startRedis,
  until,
} from "../../scripts/redis_server.ts";
import { startGateway } from "../../scripts/upstash/gateway.ts";
import { connectRaw } from "../support/redis/raw.ts";
import { startServer, type TestServer } from "../support/world/server.ts";

const TOKEN = "a-token-of-a-test";
const LINE = "store is not set as payments need it";

/** The ways to a Redis: what to set, after what stands between was started. */
const WAYS = {
  TCP: (redis: RedisServer) =>
    Promise.resolve({ OFFCODE_STORE: redis.url } as Record<string, string>),
  async REST(redis: RedisServer, stack: AsyncDisposableStack) {
    const gateway = stack.use(await startGateway({ redis, token: TOKEN }));
    return {
      OFFCODE_STORE: "upstash",
      UPSTASH_REDIS_REST_URL: gateway.url,
      UPSTASH_REDIS_REST_TOKEN: TOKEN,
    } as Record<string, string>;
  },
} as const;

/** The codes of the warnings of a ready server. */
async function warnings(server: TestServer): Promise<readonly string[]> {
  const body = await server.api.must(200, "GET", "/readyz");
  assertEquals(body.status, "ready");
  assert(body.warnings === undefined || body.warnings.length > 0);
  return (body.warnings ?? []).map(({ code }: { code: string }) => code);
}

/** What a start says that fails. */
function startFault(env: Record<string, string>): Promise<string> {
  return startServer({ env }).then(
    async (server) => {
      await server[Symbol.asyncDispose]();
      return "It started";
    },
    (error: Error) => error.message,
  );
}

/** How often the line of a warning is in the log. */
function lines(server: TestServer, code: string): number {
  return server.output().split("\n").filter((line) =>
    line.includes(LINE) && line.includes(`"code":"${code}"`)
  ).length;
}

for (const [way, reach] of Object.entries(WAYS)) {
  Deno.test(`a start over ${way} is refused on a Redis that evicts, unless a setting allows it`, async () => {
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(
      await startRedis({ settings: ["--appendonly", "yes"] }),
    );
    const env = await reach(redis, stack);
    using raw = await connectRaw(redis);
    for (const policy of ["allkeys-lru", "volatile-ttl"]) {
      await raw.send("CONFIG", "SET", "maxmemory-policy", policy);
      const said = await startFault(env);
      assertStringIncludes(said, `OFFCODE_STORE: The Redis has maxmemory-`);
      assertStringIncludes(said, policy);
      assertStringIncludes(said, "OFFCODE_ALLOW_EVICTION=1");
    }
    await using server = await startServer({
      env: { ...env, OFFCODE_ALLOW_EVICTION: "1" },
    });
    assertEquals(await warnings(server), ["store-evicts"]);
  });

  Deno.test(`a server over ${way} warns of a Redis without append-only file, once in the log`, async () => {
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(await startRedis());
    await using server = await startServer({ env: await reach(redis, stack) });
    for (let i = 0; i < 3; i++) {
      assertEquals(await warnings(server), ["store-not-durable"]);
    }
    await until(
      () => lines(server, "store-not-durable") > 0,
      "The log does not tell",
    );
    assertEquals(lines(server, "store-not-durable"), 1);
  });

  Deno.test(`a server over ${way} says nothing of a Redis that is set as it must be`, async () => {
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(
      await startRedis({ settings: ["--appendonly", "yes"] }),
    );
    await using server = await startServer({ env: await reach(redis, stack) });
    assertEquals(await warnings(server), []);
    assert(!server.output().includes(LINE));
  });

  Deno.test(`a server over ${way} says that nothing is known of a Redis that refuses to tell`, async () => {
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(await startRedis());
    using raw = await connectRaw(redis);
    await raw.send("ACL", "SETUSER", "default", "-info", "-config");
    await using server = await startServer({ env: await reach(redis, stack) });
    assertEquals(await warnings(server), ["store-settings-unknown"]);
  });
}

Deno.test("a server that started without its Redis uses it only once it evicts no more", async () => {
  const port = freePort();
  await using server = await startServer({
    env: { OFFCODE_STORE: `redis://127.0.0.1:${port}` },
  });
  const ready = () => server.api.call("GET", "/readyz");
  const { adminKey: key } = server.api;
  const merchants = () =>
    server.api.call("GET", "/v1/admin/merchants", { key });
  const add = () =>
    server.api.call("POST", "/v1/admin/merchants", {
      key,
      body: { name: "Corner Shop" },
    });
  assertEquals((await ready()).status, 503);
  assertEquals((await merchants()).status, 503);
  await using redis = await startRedis({
    port,
    settings: ["--maxmemory-policy", "allkeys-lru"],
  });
  await until(
    async () => {
      const { status, body } = await ready();
      assertEquals(status, 503);
      return body.detail.includes("maxmemory-policy allkeys-lru");
    },
    "The server does not tell that its store evicts",
  );
  for (const call of [merchants, add, add]) {
    const { status, body } = await call();
    assertEquals([status, body.code], [503, "store-unavailable"]);
    assertStringIncludes(body.detail, "maxmemory-policy allkeys-lru");
  }
  using raw = await connectRaw(redis);
  await raw.send("CONFIG", "SET", "maxmemory-policy", "noeviction");
  await until(
    async () => {
      const { status, body } = await merchants();
      return status === 200 && body.merchants.length === 0;
    },
    "The server does not use a store that was set right",
  );
});
