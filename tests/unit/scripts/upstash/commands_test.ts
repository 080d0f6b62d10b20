import { assert, assertEquals } from "@std/assert";
import type { Redis } from "@upstash/redis/cloudflare";
import { startRedis } from "../../../../scripts/redis_server.ts";
import { connectRaw } from "../../../support/redis/raw.ts";
import {
  client,
  messageOf,
  register,
} from "../../../support/redis/upstash_gateway.ts";

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
  [(it) => it.xadd("x", "2-1", { f: "w" }), ["XADD", "x", "2-1", "f", "w"]],
  [(it) => it.xgroup("x", { type: "CREATE", group: "g", id: "0" }), [
    ...["XGROUP", "CREATE", "x", "g", "0"],
  ]],
  [(it) => it.xreadgroup("g", "c", "x", ">", { count: 1 }), [
    ...["XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "x", ">"],
  ]],
  [(it) => it.xack("x", "g", "1-1"), ["XACK", "x", "g", "1-1"]],
  [(it) => it.xdel("x", "1-1"), ["XDEL", "x", "1-1"]],
  [(it) => it.xtrim("x", { strategy: "MAXLEN", threshold: 0 }), [
    ...["XTRIM", "x", "MAXLEN", "0"],
  ]],
  // Expiry
  [(it) => it.psetex("p", 1_000_000, "x"), ["PSETEX", "p", "1000000", "x"]],
  [(it) => it.setex("p", 1_000, "x"), ["SETEX", "p", "1000", "x"]],
  [(it) => it.setnx("p", "y"), ["SETNX", "p", "y"]],
  [(it) => it.getex("p", { persist: true }), ["GETEX", "p", "PERSIST"]],
  [(it) => it.expire("p", 1_000, "XX"), ["EXPIRE", "p", "1000", "XX"]],
  [(it) => it.pexpire("p", 1_000_000), ["PEXPIRE", "p", "1000000"]],
  [(it) => it.expireat("p", 4e9), ["EXPIREAT", "p", "4000000000"]],
  [(it) => it.pexpireat("p", 4e12), ["PEXPIREAT", "p", "4000000000000"]],
  [(it) => it.expireat("none", 4e9), ["EXPIREAT", "none", "4000000000"]],
  [(it) => it.touch("p", "none"), ["TOUCH", "p", "none"]],
  [(it) => it.copy("p", "q"), ["COPY", "p", "q"]],
  [(it) => it.renamenx("p", "q"), ["RENAMENX", "p", "q"]],
  [(it) => it.incrbyfloat("float", 1.5), ["INCRBYFLOAT", "float", "1.5"]],
  [(it) => it.decr("count"), ["DECR", "count"]],
  // Bits
  [(it) => it.setbit("bits", 7, 1), ["SETBIT", "bits", "7", "1"]],
  [(it) => it.getbit("bits", 7), ["GETBIT", "bits", "7"]],
  [(it) => it.bitcount("bits", 0, -1), ["BITCOUNT", "bits", "0", "-1"]],
  [(it) => it.bitpos("bits", 1, 0), ["BITPOS", "bits", "1", "0"]],
  [(it) => it.bitop("and", "both", "bits", "none"), [
    ...["BITOP", "AND", "both", "bits", "none"],
  ]],
  [
    (it) => it.exec(["BITFIELD", "f", "SET", "u8", "#0", 255, "GET", "u4", 4]),
    ["BITFIELD", "f", "SET", "u8", "#0", "255", "GET", "u4", "4"],
  ],
  // More of hashes, lists and sets
  [(it) => it.hmset("h2", { a: "1" }), ["HMSET", "h2", "a", "1"]],
  [(it) => it.hincrbyfloat("h2", "a", 0.5), ["HINCRBYFLOAT", "h2", "a", "0.5"]],
  [(it) => it.hrandfield("h2"), ["HRANDFIELD", "h2"]],
  [(it) => it.hscan("h2", 0), ["HSCAN", "h2", "0"]],
  [(it) => it.rpushx("none", "a"), ["RPUSHX", "none", "a"]],
  [(it) => it.rpush("m", "a", "b", "c"), ["RPUSH", "m", "a", "b", "c"]],
  [(it) => it.lpushx("m", "z"), ["LPUSHX", "m", "z"]],
  [(it) => it.lmove("m", "m2", "left", "right"), [
    ...["LMOVE", "m", "m2", "LEFT", "RIGHT"],
  ]],
  [(it) => it.lmpop(2, ["none", "m"], "LEFT", 2), [
    ...["LMPOP", "2", "none", "m", "LEFT", "COUNT", "2"],
  ]],
  [(it) => it.lmpop(1, ["none"], "LEFT"), ["LMPOP", "1", "none", "LEFT"]],
  [(it) => it.sadd("v", 1, 2, 3), ["SADD", "v", "1", "2", "3"]],
  [(it) => it.sunion("v", "none"), ["SUNION", "v", "none"]],
  [(it) => it.sunionstore("w", "v"), ["SUNIONSTORE", "w", "v"]],
  [(it) => it.sinterstore("w", "v", "w"), ["SINTERSTORE", "w", "v", "w"]],
  [(it) => it.sdiffstore("w", "v", "v"), ["SDIFFSTORE", "w", "v", "v"]],
  [(it) => it.srandmember("none"), ["SRANDMEMBER", "none"]],
  [(it) => it.spop("none"), ["SPOP", "none"]],
  [(it) => it.sscan("v", 0, { match: "1*" }), [
    "SSCAN",
    "v",
    "0",
    "MATCH",
    "1*",
  ]],
  // More of sorted sets
  [
    (it) =>
      it.zadd("y", { score: 1, member: "a" }, { score: 2, member: "b" }, {
        score: 2,
        member: "c",
      }),
    ["ZADD", "y", "1", "a", "2", "b", "2", "c"],
  ],
  [(it) => it.zmscore("y", ["a", "none"]), ["ZMSCORE", "y", "a", "none"]],
  [(it) => it.zrevrank("y", "a"), ["ZREVRANK", "y", "a"]],
  [(it) => it.zlexcount("y", "-", "+"), ["ZLEXCOUNT", "y", "-", "+"]],
  [(it) => it.zrange("y", "-", "+", { byLex: true, rev: true }), [
    ...["ZRANGE", "y", "-", "+", "BYLEX", "REV"],
  ]],
  [(it) => it.zunion(2, ["y", "none"], { withScores: true }), [
    ...["ZUNION", "2", "y", "none", "WITHSCORES"],
  ]],
  [(it) => it.zunionstore("y2", 2, ["y", "y"], { weights: [2, 3] }), [
    ...["ZUNIONSTORE", "y2", "2", "y", "y", "WEIGHTS", "2", "3"],
  ]],
  [(it) => it.zinterstore("y3", 2, ["y", "y2"], { aggregate: "max" }), [
    ...["ZINTERSTORE", "y3", "2", "y", "y2", "AGGREGATE", "MAX"],
  ]],
  [(it) => it.zdiffstore("y4", 2, "y", "y2"), [
    ...["ZDIFFSTORE", "y4", "2", "y", "y2"],
  ]],
  [(it) => it.zscan("y", 0), ["ZSCAN", "y", "0"]],
  [(it) => it.zpopmax("y", 1), ["ZPOPMAX", "y", "1"]],
  [(it) => it.zpopmin("y", 2), ["ZPOPMIN", "y", "2"]],
  [(it) => it.zpopmin("y"), ["ZPOPMIN", "y"]],
  [(it) => it.zremrangebyscore("y2", 0, "(10"), [
    ...["ZREMRANGEBYSCORE", "y2", "0", "(10"],
  ]],
  [(it) => it.zremrangebylex("y2", "[a", "[c"), [
    ...["ZREMRANGEBYLEX", "y2", "[a", "[c"],
  ]],
  // Places
  [
    (it) => it.geoadd("geo", { longitude: 13.36, latitude: 38.1, member: "p" }),
    ["GEOADD", "geo", "13.36", "38.1", "p"],
  ],
  [(it) => it.geohash("geo", "p", "none"), ["GEOHASH", "geo", "p", "none"]],
  [(it) => it.geodist("geo", "p", "none"), [
    "GEODIST",
    "geo",
    "p",
    "none",
    "M",
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

register(
  "the gateway gives the types with a scan where the client wants them",
  async ({ gateway, raw, redis }) => {
    await raw.send("SET", "name", "x");
    await raw.send("RPUSH", "queue", "x");
    await raw.send("ZADD", "board", "1", "x");
    await raw.send("SET", "withtype", "x");
    const types = {
      board: "zset",
      name: "string",
      queue: "list",
      withtype: "string",
    };
    const collect = async (redis: Redis) => {
      const seen: Record<string, string> = {};
      let cursor = "0";
      do {
        const [next, keys] = await redis.scan(cursor, {
          count: 1,
          withType: true,
        });
        for (const { key, type } of keys) seen[key] = type;
        cursor = next;
      } while (cursor !== "0");
      return seen;
    };
    assertEquals(await collect(redis), types);
    assertEquals(
      await collect(client(gateway, { responseEncoding: false })),
      types,
    );
    const queue = ["0", [{ key: "queue", type: "list" }]];
    const words = { match: "q*", withType: true } as const;
    assertEquals(
      await redis.pipeline().scan(0, words).get("name").exec(),
      [queue, "x"],
    );
    assertEquals(
      await redis.multi().scan(0, words).get("name").exec(),
      [queue, "x"],
    );
    // A pattern that looks like it, and errors as without it.
    assertEquals(
      await redis.scan(0, { match: "withtype", count: 100 }),
      ["0", ["withtype"]],
    );
    const refused = async (...words: string[]) =>
      (await messageOf(redis.exec(["SCAN", ...words]))).split(",")[0];
    assertEquals(await refused("x", "WITHTYPE"), "ERR invalid cursor");
    assertEquals(await refused("0", "WITHTYPE", "NO", "1"), "ERR syntax error");
    assertEquals(
      await refused("0", "COUNT", "x", "WITHTYPE"),
      "ERR value is not an integer or out of range",
    );
    assertEquals(gateway.stats().commands.EVAL_RO, undefined);
  },
);
