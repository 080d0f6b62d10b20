import { assert, assertEquals } from "@std/assert";
import type { Redis } from "@upstash/redis/cloudflare";
import { startRedis } from "../../../../scripts/redis_server.ts";
import { connectRaw } from "../../../support/redis_raw.ts";
import { client, register } from "../../../support/upstash_gateway.ts";

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
