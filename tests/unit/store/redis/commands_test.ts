/**
 * Which commands the script sends, and in which order: they are what a payment
 * costs of Redis, and what an error midway leaves behind depends on their order.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { createRedisStore } from "../../../../edge/store/redis/redis.ts";
import { openRedisTcp } from "../../../../edge/store/redis/tcp.ts";
import type { RedisTransport } from "../../../../edge/store/redis/transport.ts";
import type { Store } from "../../../../edge/store/store.ts";
import { startRedis } from "../../../../scripts/redis_server.ts";
import { connectRaw, type RawRedis } from "../../../support/redis/raw.ts";
import { PATIENT_MS } from "../../../support/redis/time.ts";
import {
  above,
  absent,
  below,
  count,
  del,
  empty,
  equals,
  field,
  index,
  labelled,
  never,
  page,
  set,
  unindex,
  within,
} from "../../../support/store/ops.ts";

/** In front of the script: keeps every command, and lets a test interfere. */
const LOGGING = `
local server, log = redis, {}
local function logged(send)
  return function(name, ...)
    local words = { name, ... }
    log[#log + 1] = table.concat(words, ' ')
    if name == ARGV[#ARGV] then server.call('UNLINK', (...)) end
    return send(name, ...)
  end
end
local redis = { call = logged(server.call), pcall = logged(server.pcall) }
local function script()
`;
const LOGGED = `
end
return { script(), log }
`;

interface Test {
  readonly raw: RawRedis;
  readonly store: Store;
  /** The commands of the latest run. */
  readonly sent: { log: readonly string[] };
  /** The command before which its key is taken away. */
  readonly ended: { before: string };
}

function register(sentence: string, body: (test: Test) => Promise<void>): void {
  Deno.test(sentence, async () => {
    await using server = await startRedis();
    await using raw = await connectRaw(server);
    const transport = openRedisTcp({ nodes: [server], timeoutMs: PATIENT_MS });
    const sent = { log: [] as readonly string[] };
    const ended = { before: "" };
    const logging: RedisTransport = {
      maxRequests: transport.maxRequests,
      async run(script, keys, args) {
        const [reply, log] = await transport.run(
          LOGGING + script + LOGGED,
          keys,
          [...args, ended.before],
        ) as [unknown, string[]];
        sent.log = log;
        return reply;
      },
      timeMs: () => transport.timeMs(),
      scan: (...wanted) => transport.scan(...wanted),
      info: () => transport.info(),
      close: () => transport.close(),
    };
    const store = createRedisStore(logging);
    try {
      await body({ raw, store, sent, ended });
    } finally {
      await store.close();
    }
  });
}

register(
  "a claim takes seven commands and its end four",
  async ({ store, sent }) => {
    const account = (name: string) => field("account", name);
    const merchant = field("merchant", "record");
    const day = "2026-06-01";
    await store.txn({
      checks: [],
      writes: [
        set(merchant, "shop"),
        set(field("merchant", "endpoint"), "https"),
        set(account("credential"), "cred"),
        set(account("seed"), "1"),
        set(account("mark"), "0"),
        set("revision", "r"),
      ],
    });
    const claim = await store.txn({
      checks: [
        labelled("order", absent("order")),
        labelled("merchant", equals(merchant, "shop")),
        labelled("bucket", equals("revision", "r")),
        labelled("credential", equals(account("credential"), "cred")),
        labelled("seed", below(account("seed"), 2)),
        labelled("mark", below(account("mark"), 1_700_000_000)),
        labelled("policy", absent(account("policy"))),
        labelled("day", within(account("spent:CNY"), day, 900, 5_000)),
        labelled("count", within(account("count"), day, 1, 50)),
        labelled("offline", within(account("offline"), "0", 1, 9)),
        labelled("double-scan", absent("double-scan")),
      ],
      writes: [
        set("order", "open"),
        index("due", "order", 5),
        set(account("mark"), "1700000000"),
        set(account("seed"), "1"),
        count(account("spent:CNY"), day, 900),
        count(account("count"), day, 1),
        count(account("offline"), "0", 1),
        set(account("use"), "u"),
        set("double-scan", "order", 60_000),
      ],
    });
    assertEquals(claim, { committed: true, values: [] });
    assertEquals(sent.log, [
      "MGET order revision double-scan",
      "HGET merchant record",
      "HMGET account credential seed mark policy spent:CNY count offline use",
      "ZADD due 5 order",
      "SET order open NX",
      // The seed keeps its text.
      `HSET account mark 1700000000 spent:CNY ${day}:900 count ${day}:1 offline 0:1 use u`,
      "SET double-scan order PX 60000",
    ]);

    const end = await store.txn({
      checks: [
        labelled("order", equals("order", "open")),
        labelled("endpoint", equals(field("merchant", "endpoint"), "https")),
      ],
      writes: [set("order", "paid", 86_400_000), unindex("due", "order")],
    });
    assertEquals(end, { committed: true, values: [] });
    assertEquals(sent.log, [
      "GET order",
      "HGET merchant endpoint",
      "SET order paid PX 86400000",
      "ZREM due order",
    ]);
  },
);

register(
  "additions to indexes come first, then the one value by NX, and removals last",
  async ({ store, sent }) => {
    const f = (name: string) => field("map", name);
    await store.txn({
      checks: [],
      writes: [
        set(f("old"), "1"),
        set(f("older"), "1"),
        set("old", "1"),
        set("older", "1"),
        set("n", "0:1", 1_000_000),
        index("i", "a", 1),
        index("i", "b", 1),
        index("gone", "a", 1),
        set(field("gone-map", "f"), "1"),
      ],
    });
    const result = await store.txn({
      checks: [absent("free"), absent("new"), absent("newer"), empty("none")],
      writes: [
        del(f("old")),
        del(f("older")),
        del(f("never")),
        unindex("i", "a"),
        unindex("i", "b"),
        del("old"),
        del("older"),
        del("gone"),
        del("gone-map"),
        del("free"),
        set("newer", "2"),
        set("new", "1", 5_000),
        count("n", "0", 4),
        set(f("x"), "1", 7_000),
        count(f("y"), "0", 2),
        index("i", "c", 3),
        index("j", "c", 4, true),
        index("i", "d", 5),
        index("j", "e", 6, true),
      ],
      reads: ["newer", "old", "n", f("y"), f("old")],
    });
    assertEquals(result, {
      committed: true,
      values: ["2", null, "0:5", "0:2", null],
    });
    assertEquals(sent.log, [
      "MGET free new newer n old",
      "HMGET map old older never x y",
      "ZRANGE none 0 0",
      "ZADD i 3 c 5 d",
      "ZADD j LT 4 c 6 e",
      "SET new 1 NX PX 5000",
      "HSET map x 1 y 0:2",
      "PEXPIRE map 7000",
      "SET newer 2",
      "SET n 0:5 XX KEEPTTL",
      "HDEL map old older",
      "ZREM i a b",
      "UNLINK old older gone gone-map",
    ]);
  },
);

register(
  "a read takes one command for all values, and one for each map and page",
  async ({ store, sent }) => {
    await store.read({
      keys: ["a", field("m", "f"), "b", field("n", "f"), field("m", "g"), "a"],
      ranges: [page("i"), page("j")],
    });
    const most = Number.MAX_SAFE_INTEGER;
    assertEquals(sent.log, [
      "MGET a b",
      "HMGET m f g",
      "HGET n f",
      `ZRANGE i 0 ${most} BYSCORE LIMIT 0 100000 WITHSCORES`,
      `ZRANGE j 0 ${most} BYSCORE LIMIT 0 100000 WITHSCORES`,
    ]);
  },
);

register(
  "a refused transaction reads and sends nothing else",
  async ({ store, sent }) => {
    const result = await store.txn({
      checks: [
        labelled("mark", above(field("m", "mark"), 1)),
        labelled("later", empty("i")),
      ],
      writes: [set("a", "1"), index("i", "m", 1), del("b")],
      reads: ["a"],
    });
    assertEquals(result, {
      committed: false,
      label: "mark",
      check: 0,
      value: null,
      values: [null],
    });
    assertEquals(sent.log, ["GET a", "HGET m mark"]);
    await store.txn({ checks: [never("limit")], writes: [set("a", "1")] });
    assertEquals(sent.log, ["GET a"]);
  },
);

register(
  "a counter that ends while the script runs does not come back without an end",
  async ({ raw, store, ended }) => {
    await store.txn({ checks: [], writes: [set("n", "0:5", 1_000_000)] });
    ended.before = "SET";
    const result = await store.txn({
      checks: [],
      writes: [count("n", "0", 1)],
    });
    assertEquals(result.committed, true);
    assertEquals(await raw.send("EXISTS", "n"), 0);
  },
);
