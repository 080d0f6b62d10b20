import { assert, assertEquals } from "@std/assert";
import type { Redis } from "@upstash/redis/cloudflare";
import { startRedis } from "../../../../scripts/redis_server.ts";
import { connectRaw } from "../../../support/redis/raw.ts";
import { client, register } from "../../../support/redis/upstash_gateway.ts";

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
  [(it) => it.xadd("x", "2-1", { f: "w" }), ["XADD", "x", "2-1", "f", "w"]],
  [(it) => it.xgroup("x", { type: "CREATE", group: "g", id: "0" }), [
    ...["XGROUP", "CREATE", "x", "g", "0"],
  ]],
  [(it) => it.xack("x", "g", "1-1"), ["XACK", "x", "g", "1-1"]],
  [(it) => it.xdel("x", "1-1"), ["XDEL", "x", "1-1"]],
  [(it) => it.xtrim("x", { strategy: "MAXLEN", threshold: 0 }), [
    ...["XTRIM", "x", "MAXLEN", "0"],
  ]],
  // Whatever the client knows no method for
  [(it) => it.exec(["OBJECT", "ENCODING", "count"]), [
    ...["OBJECT", "ENCODING", "count"],
  ]],
  [(it) => it.exec(["ZADD", "exec", 99.5, "m"]), ["ZADD", "exec", "99.5", "m"]],
  [(it) => it.publish("nobody", { hears: "this" }), [
    ...["PUBLISH", "nobody", '{"hears":"this"}'],
  ]],
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
  [(it) => it.evalRo("return redis.call('GET', KEYS[1])", ["ok"], []), [
    ...["EVAL_RO", "return redis.call('GET', KEYS[1])", "1", "ok"],
  ]],
  [(it) => it.scriptFlush({ sync: true }), ["SCRIPT", "FLUSH", "SYNC"]],
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
