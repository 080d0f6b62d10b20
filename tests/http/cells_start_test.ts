import { assertEquals, assertStringIncludes } from "@std/assert";
import { encodeBase64 } from "@std/encoding/base64";
import { type RedisServer, startRedis } from "../../scripts/redis_server.ts";
import { startGateway } from "../../scripts/upstash/gateway.ts";
import { LimitedCommand } from "../support/http/command.ts";
import { startCluster } from "../support/redis/cluster.ts";
import { setScene } from "../support/world/scene.ts";
import { startServer } from "../support/world/server.ts";

const OFFCODE_CELL_KEY = encodeBase64(new Uint8Array(32).fill(1));

/** A ledger of its own, which is never asked here. */
const LIVE = {
  OFFCODE_LEDGER: "http://127.0.0.1:9",
  OFFCODE_LEDGER_SECRET: `whsec_${encodeBase64(new Uint8Array(32))}`,
};

/** Starts a server, pays once, and ends it. */
async function payOnce(env: Record<string, string>): Promise<void> {
  await using server = await startServer({ env });
  const { api } = server;
  await api.must(200, "GET", "/readyz");
  const { merchant, phone } = await setScene(api);
  const code = phone.code(Date.now());
  const paid = await api.pay(merchant, { code, order_id: "first" });
  assertEquals(paid.status, 201);
  assertEquals(await api.balance("alice"), 8_750);
}

/** Why a server does not start. */
async function faultOf(env: Record<string, string>): Promise<string> {
  return await startServer({ env }).then(
    async (server) => {
      await server[Symbol.asyncDispose]();
      return "It started";
    },
    (error: Error) => error.message,
  );
}

/** What a task says, and its exit code. */
async function runTask(
  script: string,
  env: Record<string, string>,
  tries = 10,
): Promise<string> {
  const root = new URL("../../", import.meta.url).pathname;
  const { code, stderr } = await new LimitedCommand(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--config",
      `${root}deno.json`,
      `${root}scripts/${script}`,
    ],
    env: {
      NO_COLOR: "1",
      OFFCODE_ADMIN_KEY: "an-admin-key-of-a-test-long-enough",
      OFFCODE_MASTER_KEYS: `test:${encodeBase64(new Uint8Array(32).fill(7))}`,
      ...env,
    },
  }).output();
  const said = new TextDecoder().decode(stderr);
  // On a busy machine a store may miss a deadline; the task asks for another run.
  return said.startsWith("The store is unavailable: timeout") && tries > 1
    ? runTask(script, env, tries - 1)
    : `${code} ${said}`;
}

Deno.test("a server with cells pays, and another number, key or prefix is refused by name", async () => {
  await using redis = await startRedis();
  const env = { OFFCODE_STORE: redis.url, OFFCODE_CELL_KEY };
  await payOnce({ ...env, OFFCODE_CELLS: "64" });
  const faults: [Record<string, string>, string][] = [
    [{ OFFCODE_CELLS: "32" }, "the number of cells (OFFCODE_CELLS)"],
    [
      { OFFCODE_CELL_KEY: "" },
      "The store has 64 cells and this server has one",
    ],
    [
      {
        OFFCODE_CELLS: "64",
        OFFCODE_CELL_KEY: encodeBase64(new Uint8Array(32)),
      },
      "the cell key (OFFCODE_CELL_KEY)",
    ],
    [
      { OFFCODE_CELLS: "64", OFFCODE_PREFIX: "91" },
      "the prefix of codes (OFFCODE_PREFIX)",
    ],
  ];
  for (const [other, sentence] of faults) {
    assertStringIncludes(await faultOf({ ...env, ...other }), sentence);
  }
  // A task that looked in other cells would find nothing there, and say so.
  const one = { OFFCODE_STORE: redis.url };
  for (
    const [task, other, sentence] of [
      [
        "audit.ts",
        one,
        "2 OFFCODE_STORE: The store has 64 cells: set OFFCODE_CELLS",
      ],
      [
        "forget.ts",
        { ...env, OFFCODE_CELLS: "32" },
        "OFFCODE_STORE: The store was first used with another configuration",
      ],
      ["reseal.ts", one, "  OFFCODE_STORE: The store has 64 cells"],
    ] as const
  ) {
    assertStringIncludes(await runTask(task, other), sentence);
  }
});

Deno.test("a server pays over a cluster with a cell for each few slots", async () => {
  await using cluster = await startCluster();
  const hosts = cluster.nodes.map(({ host, port }) => `${host}:${port}`);
  await payOnce({
    OFFCODE_STORE: `redis://${hosts}`,
    OFFCODE_CELLS: "64",
    OFFCODE_CELL_KEY,
  });
});

Deno.test("a server whose list gives a database the cells of another one is refused", async () => {
  await using stack = new AsyncDisposableStack();
  const token = "a-token-of-a-test";
  const urls: string[] = [];
  const servers: RedisServer[] = [];
  for (let i = 0; i < 2; i++) {
    const redis = stack.use(await startRedis());
    servers.push(redis);
    urls.push(stack.use(await startGateway({ redis, token })).url);
  }
  const listed = (urls: readonly string[]) => ({
    ...{ OFFCODE_STORE: "upstash", OFFCODE_CELLS: "8", OFFCODE_CELL_KEY },
    OFFCODE_UPSTASH_DATABASES: JSON.stringify(
      urls.map((url, i) => ({ url, token, cells: [4 * i, 4 * i + 3] })),
    ),
  });
  await payOnce(listed(urls));
  assertStringIncludes(
    await faultOf(listed(urls.toReversed())),
    "the list of databases (OFFCODE_UPSTASH_DATABASES)",
  );
  // A database that is away does not hide that the mode is another one.
  await servers[1]!.kill("SIGKILL");
  assertStringIncludes(
    await faultOf({ ...listed(urls), ...LIVE }),
    "The store is of mode test and this server of mode live",
  );
});
