import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Redis } from "@upstash/redis/cloudflare";
import { startRedis } from "../../../scripts/redis_server.ts";
import {
  type Gateway,
  startGateway,
} from "../../../scripts/upstash_gateway.ts";
import { connectRaw, type RawRedis } from "../../support/redis_raw.ts";

const TOKEN = "a-token-of-a-test";
const READ_ONLY_TOKEN = "a-token-that-only-reads";

interface Test {
  readonly gateway: Gateway;
  /** The Redis behind the gateway, asked directly. */
  readonly raw: RawRedis;
  /** The official client, with its defaults but for retries. */
  readonly redis: Redis;
}

function register(
  sentence: string,
  body: (test: Test) => Promise<void>,
): void {
  Deno.test(sentence, async () => {
    await using server = await startRedis();
    using raw = await connectRaw(server);
    await using gateway = await startGateway({
      redis: server,
      token: TOKEN,
      readOnlyToken: READ_ONLY_TOKEN,
    });
    await body({ gateway, raw, redis: client(gateway) });
  });
}

function client(
  gateway: Gateway,
  options: Partial<ConstructorParameters<typeof Redis>[0]> = {},
): Redis {
  return new Redis({
    url: gateway.url,
    token: TOKEN,
    retry: { retries: 0 },
    enableTelemetry: false,
    ...options,
  });
}

/** Any request, past the client. */
async function post(
  gateway: Gateway,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/**
 * What the client is asked, and the words of the same command. Whatever comes
 * out of the gateway must be what a plain Redis says to the words.
 */
const COMMANDS: readonly (readonly [
  (redis: Redis) => Promise<unknown>,
  readonly string[],
])[] = [
  // Strings
  [(it) => it.set("s", "text"), ["SET", "s", "text"]],
  [(it) => it.get("s"), ["GET", "s"]],
  [(it) => it.get("none"), ["GET", "none"]],
  [(it) => it.set("s", "x", { nx: true }), ["SET", "s", "x", "NX"]],
  [(it) => it.set("s", "y", { xx: true, get: true }), [
    ...["SET", "s", "y", "XX", "GET"],
  ]],
  [(it) => it.set("ends", "x", { ex: 1_000_000 }), [
    ...["SET", "ends", "x", "EX", "1000000"],
  ]],
  [(it) => it.set("odd", "\0 é 😀 \ufeff \r\n \"' OK"), [
    ...["SET", "odd", "\0 é 😀 \ufeff \r\n \"' OK"],
  ]],
  [(it) => it.get("odd"), ["GET", "odd"]],
  [(it) => it.set("ok", "OK"), ["SET", "ok", "OK"]],
  [(it) => it.get("ok"), ["GET", "ok"]],
  [(it) => it.set("empty", ""), ["SET", "empty", ""]],
  [(it) => it.get("empty"), ["GET", "empty"]],
  [(it) => it.append("s", "z"), ["APPEND", "s", "z"]],
  [(it) => it.strlen("s"), ["STRLEN", "s"]],
  [(it) => it.getrange("s", 0, 0), ["GETRANGE", "s", "0", "0"]],
  [(it) => it.setrange("s", 3, "w"), ["SETRANGE", "s", "3", "w"]],
  [(it) => it.getset("s", "v"), ["GETSET", "s", "v"]],
  [(it) => it.mset({ a: "1", b: "2" }), ["MSET", "a", "1", "b", "2"]],
  [(it) => it.mget("a", "none", "b"), ["MGET", "a", "none", "b"]],
  [(it) => it.msetnx({ a: "9", c: "9" }), ["MSETNX", "a", "9", "c", "9"]],
  [(it) => it.incr("a"), ["INCR", "a"]],
  [(it) => it.incrby("a", 41), ["INCRBY", "a", "41"]],
  [(it) => it.decrby("a", 3), ["DECRBY", "a", "3"]],
  [(it) => it.set("n", "9007199254740993"), ["SET", "n", "9007199254740993"]],
  [(it) => it.get("n"), ["GET", "n"]],
  [(it) => it.getdel("b"), ["GETDEL", "b"]],
  // Keys
  [(it) => it.exists("a", "b", "s"), ["EXISTS", "a", "b", "s"]],
  [(it) => it.type("s"), ["TYPE", "s"]],
  [(it) => it.persist("ends"), ["PERSIST", "ends"]],
  [(it) => it.pttl("ends"), ["PTTL", "ends"]],
  [(it) => it.ttl("none"), ["TTL", "none"]],
  [(it) => it.rename("s", "renamed"), ["RENAME", "s", "renamed"]],
  [(it) => it.unlink("renamed"), ["UNLINK", "renamed"]],
  [(it) => it.del("none"), ["DEL", "none"]],
  [(it) => it.keys("em*"), ["KEYS", "em*"]],
  [(it) => it.dbsize(), ["DBSIZE"]],
  [(it) => it.ping(), ["PING"]],
  [(it) => it.echo("é"), ["ECHO", "é"]],
  // Hashes
  [(it) => it.hset("h", { f: "1", g: "x" }), ["HSET", "h", "f", "1", "g", "x"]],
  [(it) => it.hget("h", "f"), ["HGET", "h", "f"]],
  [(it) => it.hincrby("h", "f", 2), ["HINCRBY", "h", "f", "2"]],
  [(it) => it.hkeys("h"), ["HKEYS", "h"]],
  [(it) => it.hvals("h"), ["HVALS", "h"]],
  [(it) => it.hlen("h"), ["HLEN", "h"]],
  [(it) => it.hexists("h", "z"), ["HEXISTS", "h", "z"]],
  [(it) => it.hsetnx("h", "f", "0"), ["HSETNX", "h", "f", "0"]],
  [(it) => it.hstrlen("h", "g"), ["HSTRLEN", "h", "g"]],
  [(it) => it.hdel("h", "g"), ["HDEL", "h", "g"]],
  // Lists
  [(it) => it.rpush("l", "a", "b", "c"), ["RPUSH", "l", "a", "b", "c"]],
  [(it) => it.lpush("l", "z"), ["LPUSH", "l", "z"]],
  [(it) => it.lrange("l", 0, -1), ["LRANGE", "l", "0", "-1"]],
  [(it) => it.llen("l"), ["LLEN", "l"]],
  [(it) => it.lindex("l", 1), ["LINDEX", "l", "1"]],
  [(it) => it.lset("l", 0, "y"), ["LSET", "l", "0", "y"]],
  [(it) => it.linsert("l", "before", "b", "x"), [
    ...["LINSERT", "l", "BEFORE", "b", "x"],
  ]],
  [(it) => it.lrem("l", 1, "x"), ["LREM", "l", "1", "x"]],
  [(it) => it.lpos("l", "c"), ["LPOS", "l", "c"]],
  [(it) => it.ltrim("l", 1, 2), ["LTRIM", "l", "1", "2"]],
  [(it) => it.lpop("l"), ["LPOP", "l"]],
  [(it) => it.rpop("l"), ["RPOP", "l"]],
  [(it) => it.rpop("l"), ["RPOP", "l"]],
  // Sets
  [(it) => it.sadd("t", "a", "b"), ["SADD", "t", "a", "b"]],
  [(it) => it.sadd("u", "b", "c"), ["SADD", "u", "b", "c"]],
  [(it) => it.scard("t"), ["SCARD", "t"]],
  [(it) => it.sismember("t", "a"), ["SISMEMBER", "t", "a"]],
  [(it) => it.smismember("t", ["a", "z"]), ["SMISMEMBER", "t", "a", "z"]],
  [(it) => it.sinter("t", "u"), ["SINTER", "t", "u"]],
  [(it) => it.sdiff("t", "u"), ["SDIFF", "t", "u"]],
  [(it) => it.smove("t", "u", "a"), ["SMOVE", "t", "u", "a"]],
  [(it) => it.srem("t", "b"), ["SREM", "t", "b"]],
  [(it) => it.smembers("t"), ["SMEMBERS", "t"]],
  // Sorted sets
  [
    (it) => it.zadd("z", { score: 1, member: "a" }, { score: 2, member: "b" }),
    ["ZADD", "z", "1", "a", "2", "b"],
  ],
  [(it) => it.zadd("z", { lt: true }, { score: 1.5, member: "b" }), [
    ...["ZADD", "z", "LT", "1.5", "b"],
  ]],
  [(it) => it.zscore("z", "a"), ["ZSCORE", "z", "a"]],
  [(it) => it.zrank("z", "b"), ["ZRANK", "z", "b"]],
  [(it) => it.zrank("z", "none"), ["ZRANK", "z", "none"]],
  [(it) => it.zcard("z"), ["ZCARD", "z"]],
  [(it) => it.zcount("z", "-inf", "(1.5"), ["ZCOUNT", "z", "-inf", "(1.5"]],
  [(it) => it.zincrby("z", 2, "a"), ["ZINCRBY", "z", "2", "a"]],
  [(it) => it.zrange("z", 0, -1, { withScores: true }), [
    ...["ZRANGE", "z", "0", "-1", "WITHSCORES"],
  ]],
  [(it) => it.zrange("z", 0, 9, { byScore: true, offset: 1, count: 1 }), [
    ...["ZRANGE", "z", "0", "9", "BYSCORE", "LIMIT", "1", "1"],
  ]],
  [(it) => it.zrem("z", "a"), ["ZREM", "z", "a"]],
  [(it) => it.zremrangebyrank("z", 0, 0), ["ZREMRANGEBYRANK", "z", "0", "0"]],
  // Streams
  [(it) => it.xadd("x", "1-1", { f: "v" }), ["XADD", "x", "1-1", "f", "v"]],
  [(it) => it.xlen("x"), ["XLEN", "x"]],
  // Scripts: replies of every shape
  [
    (it) => it.eval("return redis.call('SET', KEYS[1], ARGV[1])", ["e"], ["1"]),
    [
      ...["EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", "1", "e", "1"],
    ],
  ],
  ...[
    "return 7",
    "return 'text'",
    "return nil",
    "return {}",
    "return {1, 'two', false, {3, {'four'}}}",
    "return redis.call('MGET', 'ok', 'none')",
    "return {'8', '\\n', ''}",
  ].map((script) =>
    [
      (it: Redis) => it.eval(script, [], []),
      ["EVAL", script, "0"],
    ] as const
  ),
  [(it) => it.scriptLoad("return 8"), ["SCRIPT", "LOAD", "return 8"]],
  [(it) => it.flushdb(), ["FLUSHDB"]],
];

for (const responseEncoding of ["base64", false] as const) {
  const mode = responseEncoding === false ? "as text" : "in base64";
  register(
    `the gateway gives the official client Redis' own answers ${mode}`,
    async ({ gateway }) => {
      await using server = await startRedis();
      using raw = await connectRaw(server);
      const redis = client(gateway, {
        responseEncoding,
        automaticDeserialization: false,
      });
      for (const [call, words] of COMMANDS) {
        const answer = await call(redis);
        const expected = await raw.send(...words);
        assertEquals(answer, expected, words.join(" "));
      }
      assertEquals(gateway.stats().requests, COMMANDS.length);
    },
  );
}

register(
  "the gateway gives the official client what it makes objects of",
  async ({ redis }) => {
    await redis.hset("h", { name: "x", list: [1, 2], deep: { a: null } });
    assertEquals(await redis.hgetall("h"), {
      name: "x",
      list: [1, 2],
      deep: { a: null },
    });
    assertEquals(await redis.hmget("h", "name", "none"), {
      name: "x",
      none: null,
    });
    await redis.set("json", { a: [1, "two", false] });
    assertEquals(await redis.get("json"), { a: [1, "two", false] });
    for (let i = 0; i < 25; i++) await redis.sadd("set", `m${i}`);
    const seen = new Set<string>();
    let cursor = "0";
    do {
      const [next, members] = await redis.sscan("set", cursor, { count: 5 });
      members.forEach((member) => seen.add(`${member}`));
      cursor = next;
    } while (cursor !== "0");
    assertEquals(seen.size, 25);
    const [seconds] = await redis.time();
    assert(seconds > 1_600_000_000);
    await redis.zadd("z", { score: 5, member: "m" });
    assertEquals(await redis.zrange("z", 0, -1, { withScores: true }), [
      "m",
      5,
    ]);
    const id = await redis.xadd("x", "*", { field: "value" });
    assertEquals(await redis.xrange("x", "-", "+"), {
      [id]: { field: "value" },
    });
  },
);

register(
  "the gateway carries bytes that are no text in base64",
  async ({ gateway, raw, redis }) => {
    await redis.setbit("bits", 0, 1);
    await redis.setbit("bits", 15, 1);
    assertEquals(await redis.bitcount("bits", 0, -1), 2);
    await raw.send("SET", "text", "\u0080");
    const bytes = await post(gateway, "/", ["GET", "bits"], {
      "upstash-encoding": "base64",
    });
    assertEquals(bytes.body, { result: "gAE=" });
    // Without it, what is no text is replaced.
    assertEquals((await post(gateway, "/", ["GET", "bits"])).body, {
      result: "\ufffd\x01",
    });
    // Errors and OK are never encoded; other status replies are.
    const encoded = (command: string[]) =>
      post(gateway, "/", command, { "upstash-encoding": "base64" });
    assertEquals((await encoded(["SET", "k", "v"])).body, { result: "OK" });
    assertEquals((await encoded(["PING"])).body, { result: "UE9ORw==" });
    const wrong = await encoded(["GET"]);
    assertStringIncludes(wrong.body.error, "ERR wrong number of arguments");
  },
);

register(
  "the gateway serves pipelines, each command with its own answer",
  async ({ gateway, redis }) => {
    const pipeline = redis.pipeline();
    pipeline.set("a", "1").incr("a").get("a").lpush("a", "x").mget("a", "b");
    const answers = await pipeline.exec({ keepErrors: true });
    assertEquals(answers.map(({ result }) => result), [
      "OK",
      2,
      2,
      undefined,
      [2, null],
    ]);
    assertStringIncludes(answers[3]!.error!, "WRONGTYPE");
    assertEquals(gateway.stats().requests, 1);
    assertEquals(gateway.stats().commands, {
      SET: 1,
      INCR: 1,
      GET: 1,
      LPUSH: 1,
      MGET: 1,
    });
  },
);

register(
  "the gateway serves transactions, and discards them as a whole",
  async ({ gateway, raw, redis }) => {
    const answers = await redis.multi().set("a", "1").incr("a").get("a").exec();
    assertEquals(answers, ["OK", 2, 2]);
    const failing = await post(gateway, "/multi-exec", [
      ["SET", "b", "text"],
      ["INCR", "b"],
      ["SET", "c", "1"],
    ]);
    assertEquals(failing.status, 200);
    assertEquals(failing.body[0], { result: "OK" });
    assertStringIncludes(failing.body[1].error, "not an integer");
    assertEquals(failing.body[2], { result: "OK" });
    const discarded = await post(gateway, "/multi-exec", [
      ["SET", "d", "1"],
      ["SET"],
    ]);
    assertEquals(discarded.status, 400);
    assertStringIncludes(discarded.body.error, "EXECABORT");
    assertEquals(await raw.send("EXISTS", "d"), 0);
  },
);

register(
  "the gateway keeps transactions apart from what comes with them",
  async ({ redis }) => {
    await Promise.all(Array.from({ length: 50 }, async (_, i) => {
      const answers = await redis.multi()
        .incr("n").incr("n").incr("n").exec<number[]>();
      const [first] = answers;
      assertEquals(answers, [first, first! + 1, first! + 2]);
      await redis.set(`other:${i}`, i);
    }));
    assertEquals(await redis.get("n"), 150);
  },
);

register("the gateway takes commands in the path", async ({ gateway }) => {
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(gateway.url + path, {
      headers: { authorization: `Bearer ${TOKEN}` },
      ...init,
    });
    return [response.status, await response.json()];
  };
  const [ok, wrong] = [200, 400];
  assertEquals(await call("/set/foo/bar"), [ok, { result: "OK" }]);
  assertEquals(await call("/get/foo"), [ok, { result: "bar" }]);
  assertEquals(await call("/mget/foo/none"), [ok, { result: ["bar", null] }]);
  const body = { method: "POST", body: "a/b ?&é" };
  assertEquals(await call("/set/foo?EX=100&XX", body), [ok, { result: "OK" }]);
  assertEquals(await call("/get/foo"), [ok, { result: "a/b ?&é" }]);
  assertEquals(await call("/ttl/foo"), [ok, { result: 100 }]);
  assertEquals(await call("/set/a%2Fb/%20"), [ok, { result: "OK" }]);
  assertEquals(await call("/exists/a%2Fb"), [ok, { result: 1 }]);
  assertEquals(
    await call(`/get/foo?_token=${TOKEN}`, { headers: {} }),
    [ok, { result: "a/b ?&é" }],
  );
  assertEquals((await call("/get"))[0], wrong);
});

register("the gateway answers with Upstash's codes", async ({ gateway }) => {
  const status = async (
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ) => {
    const answer = await post(gateway, path, body, headers);
    return [answer.status, answer.body.error];
  };
  const missing = [401, "WRONGPASS invalid or missing auth token"];
  assertEquals(await status("/", ["PING"], { authorization: "" }), missing);
  assertEquals(
    await status("/", ["PING"], { authorization: "Bearer wrong" }),
    missing,
  );
  assertEquals((await status("/", "{"))[0], 400);
  assertEquals((await status("/", {}))[0], 400);
  assertEquals(await status("/", []), [400, "ERR empty command"]);
  assertEquals(
    await status("/pipeline", []),
    [400, "ERR empty pipeline request"],
  );
  assertEquals((await status("/pipeline", ["GET"]))[0], 400);
  const [code, text] = await status("/", ["NOSUCH", "x"]);
  assertEquals(code, 400);
  assertStringIncludes(text, "ERR unknown command");
  const put = await fetch(gateway.url, {
    method: "DELETE",
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  assertEquals(put.status, 405);
  await put.body?.cancel();
  for (const command of ["SELECT", "subscribe", "MULTI", "CONFIG", "BLPOP"]) {
    const [code, text] = await status("/", [command, "1"]);
    assertEquals(code, 400);
    assertStringIncludes(text, "ERR Command is not available");
  }
});

register(
  "the gateway lets a read-only token read and nothing else",
  async ({ gateway, raw, redis }) => {
    const reader = client(gateway, { token: READ_ONLY_TOKEN });
    await redis.set("a", "1");
    assertEquals(await reader.get<number>("a"), 1);
    const refused = [
      reader.set("a", "2"),
      reader.del("a"),
      reader.keys("*"),
      reader.scan(0),
      reader.eval("return 1", [], []),
      reader.pipeline().get("a").incr("a").exec(),
      reader.multi().get("a").incr("a").exec(),
      reader.flushall(),
    ];
    for (const call of await Promise.allSettled(refused)) {
      assertEquals(call.status, "rejected");
      const { reason } = call as PromiseRejectedResult;
      assertStringIncludes(reason.message, "NOPERM");
    }
    assertEquals(await raw.send("GET", "a"), "1");
  },
);

/** What a call was refused with. */
function messageOf(call: Promise<unknown>): Promise<string> {
  return call.then(() => "It was answered", (error) => error.message);
}

const LOCKING = "#!lua flags=allow-key-locking\n";

register(
  "the gateway runs scripts that ask for locks on their keys",
  async ({ redis, raw }) => {
    const script = `${LOCKING}return redis.call('INCR', KEYS[1])`;
    assertEquals(await redis.eval(script, ["n"], []), 1);
    // By the hash that the client knows it by, also after a load.
    const sha = await redis.scriptLoad(script);
    const digest = await crypto.subtle.digest(
      "SHA-1",
      new TextEncoder().encode(script),
    );
    const hex = [...new Uint8Array(digest)]
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");
    assertEquals(sha, hex);
    assertEquals(await redis.evalsha(sha, ["n"], []), 2);
    assertEquals(await redis.scriptExists(sha), [1]);
    await raw.send("SCRIPT", "FLUSH");
    assertEquals(await redis.scriptExists(sha), [0]);
    const unknown = await messageOf(redis.evalsha(sha, ["n"], []));
    assertStringIncludes(unknown, "NOSCRIPT");
    // Other flags stay.
    const reading = "#!lua flags=no-writes,allow-key-locking\n";
    const write = `${reading}return redis.call('INCR', KEYS[1])`;
    const refused = await messageOf(redis.eval(write, ["n"], []));
    assertStringIncludes(refused, "Write commands are not allowed");
    assertEquals(await raw.send("GET", "n"), "2");
  },
);

register(
  "the gateway refuses such scripts every key that was not declared",
  async ({ redis, raw }) => {
    for (const call of ["call", "pcall"]) {
      const script = `${LOCKING}return redis.${call}('SET', 'other', '1')`;
      const refused = await messageOf(redis.eval(script, ["n"], []));
      assertStringIncludes(refused, "Dynamic keys are not allowed");
    }
    assertEquals(await raw.send("EXISTS", "other"), 0);
    assertEquals(
      await redis.eval(`${LOCKING}return redis.call('TIME')[1]`, [], [])
        .then((seconds) => Number(seconds) > 0),
      true,
    );
  },
);

register("the gateway serves subscriptions", async ({ gateway, raw }) => {
  const response = await fetch(`${gateway.url}/subscribe/news/chat`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, accept: "text/event-stream" },
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  const receive = async (end: string) => {
    while (!text.endsWith(end)) text += (await reader.read()).value ?? "";
  };
  await receive("data: subscribe,chat,2\n\n");
  assertEquals(await raw.send("PUBLISH", "news", "a,b"), 1);
  await receive("data: message,news,a,b\n\n");
  await reader.cancel();
});

register(
  "setFaults() befalls the requests that it names, and repeats by its seed",
  async ({ gateway, redis, raw }) => {
    const run = async (calls: number) => {
      const fates = [];
      for (let i = 0; i < calls; i++) {
        fates.push(await redis.incr("n").then(() => ".", () => "x"));
      }
      return fates.join("");
    };
    gateway.setFaults([{ kind: "drop", nth: [2, 5] }]);
    assertEquals(await run(6), ".x..x.");
    gateway.setFaults([{ kind: "status", every: 3 }]);
    assertEquals(await run(7), "..x..x.");
    gateway.setFaults([{ kind: "html", commands: ["GET"] }]);
    assertEquals(await run(3), "...");
    assertEquals(await redis.get("n").then(() => ".", () => "x"), "x");
    assertEquals(gateway.stats().faults, { html: 1 });
    assertEquals(await raw.send("GET", "n"), "12");
    const rules = [{ kind: "drop", probability: 0.3, executed: true } as const];
    gateway.setFaults(rules, 7);
    const first = await run(60);
    gateway.setFaults(rules, 7);
    assertEquals(await run(60), first);
    gateway.setFaults(rules, 8);
    assert(await run(60) !== first);
    gateway.setFaults();
    assertEquals(await run(3), "...");
    // Dropped replies, executed commands.
    assertEquals(await raw.send("GET", "n"), `${12 + 180 + 3}`);
  },
);

register(
  "setStale() lets plain reads see old data, and scripts the data",
  async ({ gateway, redis }) => {
    await redis.set("a", "old");
    await redis.zadd("z", { score: 1, member: "m" });
    await gateway.setStale(true);
    await redis.set("a", "new");
    await redis.set("b", "new");
    await redis.zrem("z", "m");
    assertEquals(await redis.mget("a", "b"), ["old", null]);
    assertEquals(await redis.zscore("z", "m"), 1);
    const script = "return redis.call('MGET', KEYS[1], KEYS[2])";
    assertEquals(await redis.eval(script, ["a", "b"], []), ["new", "new"]);
    await gateway.setStale(false);
    assertEquals(await redis.mget("a", "b"), ["new", "new"]);
  },
);

Deno.test("the gateway takes orders on its other port", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway({
    redis: server,
    token: TOKEN,
    adminPort: 0,
  });
  const order = async (body?: unknown) => {
    const response = await fetch(gateway.adminUrl!, {
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    });
    return await response.json();
  };
  const redis = client(gateway);
  await order({ faults: [{ kind: "status", nth: [1] }], seed: 1 });
  assertEquals(await redis.ping().then(() => ".", () => "x"), "x");
  assertEquals(await redis.ping(), "PONG");
  assertEquals(await order(), {
    requests: 2,
    commands: { PING: 2 },
    faults: { status: 1 },
  });
  await order({ refusing: true, reset: true });
  assertEquals(await redis.ping().then(() => ".", () => "x"), "x");
  await order({ refusing: false });
  assertEquals(await redis.ping(), "PONG");
  assertEquals((await order()).requests, 1);
});

Deno.test("deno task gateway starts a Redis of its own and says how to use it", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  assertEquals(tasks.gateway, "deno run -A scripts/upstash_gateway.ts");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--frozen", "scripts/upstash_gateway.ts"],
    env: { PORT: "0", ADMIN_PORT: "0", TOKEN, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("curl ")) text += (await reader.read()).value ?? "";
  const url = /UPSTASH_REDIS_REST_URL=(\S+)/.exec(text)![1]!;
  assertStringIncludes(text, `UPSTASH_REDIS_REST_TOKEN=${TOKEN}`);
  const redis = new Redis({ url, token: TOKEN, enableTelemetry: false });
  assertEquals(await redis.ping(), "PONG");
  child.kill("SIGTERM");
  while (!(await reader.read()).done);
  assertEquals((await child.status).code, 0);
});
