import { assert, assertEquals } from "@std/assert";
import { createRedisStore } from "../../../../edge/store/redis/redis.ts";
import { openRedisRest } from "../../../../edge/store/redis/rest.ts";
import { STORE_SCRIPT } from "../../../../edge/store/redis/script.ts";
import { openRedisTcp } from "../../../../edge/store/redis/tcp.ts";
import type { RedisTransport } from "../../../../edge/store/redis/transport.ts";
import type { Store } from "../../../../edge/store/store.ts";
import { startRedis } from "../../../../scripts/redis_server.ts";
import { startGateway } from "../../../../scripts/upstash/gateway.ts";
import { connectRaw, type RawRedis } from "../../../support/redis/raw.ts";
import { PATIENT_MS } from "../../../support/redis/time.ts";
import {
  absent,
  add,
  del,
  entry,
  equals,
  field,
  index,
  page,
  set,
  unindex,
} from "../../../support/store/ops.ts";

const TOKEN = "a-token-of-a-test";

interface Test {
  readonly raw: RawRedis;
  readonly transport: RedisTransport;
  readonly store: Store;
  /** The time of the test's clock: the server's when it began. */
  readonly nowMs: number;
}

/** Registers a test for both transports, with the server's own time. */
function register(
  sentence: string,
  body: (test: Test) => Promise<void>,
): void {
  for (const kind of ["TCP", "REST"] as const) {
    Deno.test(`${sentence}, over ${kind}`, async () => {
      await using stack = new AsyncDisposableStack();
      const server = stack.use(await startRedis());
      const raw = stack.use(await connectRaw(server));
      let transport: RedisTransport;
      if (kind === "TCP") {
        transport = openRedisTcp({ nodes: [server], timeoutMs: PATIENT_MS });
      } else {
        const gateway = stack.use(
          await startGateway({ redis: server, token: TOKEN }),
        );
        transport = openRedisRest({
          url: gateway.url,
          token: TOKEN,
          timeoutMs: PATIENT_MS,
        });
      }
      const nowMs = await transport.timeMs();
      const store = createRedisStore(transport);
      stack.defer(() => store.close());
      await body({ raw, transport, store, nowMs });
    });
  }
}

Deno.test("the script names no key but those of KEYS, and no clock", () => {
  const code = STORE_SCRIPT.replaceAll(/--.*/g, "");
  const calls = [...code.matchAll(/\b(?:call|try)\('([A-Z]+)', ([^,)\s]+)/g)];
  const unpacked = calls.filter(([, , key]) => key!.startsWith("unpack("));
  assertEquals(
    unpacked.map(([, name, key]) => [name, key]),
    [["MGET", "unpack(KEYS"], ["MGET", "unpack(KEYS"], [
      "UNLINK",
      "unpack(gone",
    ]],
  );
  assertEquals(calls.length, [...code.matchAll(/\b(?:call|try)\(/g)].length);
  for (const [, , key] of calls) {
    // A variable called key is one of KEYS, or handed on as one.
    assert(/^(?:KEYS\[|key$|unpack\()/.test(key!), key);
  }
  for (const [, value] of code.matchAll(/\bkey = ([^\n]+)/g)) {
    assert(/KEYS\[|fields_gone\[m\]\[1\]/.test(value!), value);
  }
  for (const [, value] of code.matchAll(/rank_after\((\w+)/g)) {
    assertEquals(value, "key");
  }
  assertEquals(
    [...new Set(calls.map(([, name]) => name!))].sort(),
    [
      "GET",
      "HDEL",
      "HGET",
      "HMGET",
      "HSET",
      "MGET",
      "PEXPIRE",
      "SET",
      "UNLINK",
      "ZADD",
    ]
      .concat(["ZCOUNT", "ZRANGE", "ZRANK", "ZREM", "ZSCORE"]),
  );
});

register(
  "a transaction leaves every value with the end that it was given",
  async ({ raw, store, nowMs }) => {
    const at = (key: string): Promise<number> => raw.send("PEXPIRETIME", key);
    await store.txn({
      checks: [],
      writes: [
        set("never", "0:1"),
        set("short", "1", 1_000_000),
        set("longest", "1", 3_155_760_000_000),
        set("was-short", "1", 1_000_000),
        set("counter", "0:5", 86_400_000),
        index("index", "m", 1),
      ],
    });
    const laterMs = Number((await raw.send("TIME"))[0]) * 1000 + 999;
    assertEquals(await at("never"), -1);
    for (const [key, ttl] of [["short", 1e6], ["longest", 3_155_760_000_000]]) {
      const found = await at(`${key}`) - Number(ttl);
      assert(found >= nowMs && found <= laterMs, `${key}: ${found}`);
    }
    const end = await at("counter");
    assertEquals(await at("index"), -1);

    // Whatever is added later, and down to nothing, the end stays.
    await store.txn({
      checks: [equals("counter", "0:5")],
      writes: [
        add("counter", 1),
        add("counter", -99),
        add("never", 1),
        set("was-short", "2"),
      ],
      reads: ["counter", "never"],
    });
    assertEquals(await at("counter"), end);
    assertEquals(await raw.send("GET", "counter"), "0:0");
    assertEquals(await at("never"), -1);
    assertEquals(await at("was-short"), -1);
    // Gone and made again, it has none.
    await store.txn({
      checks: [],
      writes: [del("counter"), add("counter", 1)],
    });
    assertEquals(await at("counter"), -1);
  },
);

register(
  "a refused transaction and a faulty one leave nothing, not even an end",
  async ({ raw, store }) => {
    await store.txn({
      checks: [],
      writes: [set("a", "1", 1_000_000), set("text", "x"), index("i", "m", 5)],
    });
    const ends = await raw.send("PEXPIRETIME", "a");
    const keys = await raw.send("DBSIZE");
    const writes = [
      set("a", "2"),
      set("b", "2"),
      add("c", 1),
      index("i", "m", 1),
      index("i", "n", 1),
      unindex("i", "m"),
      del("text"),
    ];
    const refused = await store.txn({
      checks: [absent("b"), absent("a")],
      writes,
    });
    assertEquals(refused, {
      committed: false,
      check: 1,
      value: "1",
      values: [],
    });
    const faulty = [
      [...writes, set("z", "x"), add("z", 1)],
      [add("text", 1), ...writes],
      [...writes, index("a2", "m", 1), add("k", Number.MAX_SAFE_INTEGER)]
        .concat([add("k", 1)]),
    ];
    for (const writes of faulty) {
      const end = await store.txn({ checks: [], writes })
        .catch((error) => error.fault);
      assert(end === "corrupt" || end === "refused", end);
    }
    assertEquals(await raw.send("PEXPIRETIME", "a"), ends);
    assertEquals(await raw.send("GET", "a"), "1");
    assertEquals(await raw.send("ZRANGE", "i", "0", "-1", "WITHSCORES"), [
      "m",
      "5",
    ]);
    assertEquals(await raw.send("DBSIZE"), keys);
  },
);

register(
  "pages go on where they ended, also when that entry is gone",
  async ({ store }) => {
    // Beginnings that sort apart in bytes and together in many locales.
    const letters = [
      "A",
      "a",
      "B",
      "b",
      "é",
      "Z",
      "z",
      "~",
      "\u0100",
      "😀",
      "",
    ];
    const entries = Array.from({ length: 4_000 }, (_, i) => {
      const member = `${letters[i % letters.length]}${(i * 7_919) % 4_001}`;
      return entry(i % 3, member);
    });
    for (let from = 0; from < entries.length; from += 1_000) {
      const writes = entries.slice(from, from + 1_000)
        .map(({ score, member }) => index("i", member, score));
      await store.txn({ checks: [], writes });
    }
    const all = await store.range(page("i"));
    assertEquals(all.length, 4_000);
    // Every so many entries: there, moved away, and never there.
    for (let at = 3; at < all.length; at += 101) {
      const after = all[at]!;
      const query = page("i", { after, limit: 5 });
      const next = all.slice(at + 1, at + 6);
      assertEquals(await store.range(query), next);
      await store.txn({ checks: [], writes: [unindex("i", after.member)] });
      assertEquals(await store.range(query), next);
      await store.txn({ checks: [], writes: [index("i", after.member, 9)] });
      assertEquals(await store.range(query), next);
      const between = { score: after.score, member: `${after.member}\0` };
      assertEquals(await store.range({ ...query, after: between }), next);
      await store.txn({
        checks: [],
        writes: [index("i", after.member, after.score)],
      });
    }
  },
);

register(
  "a request may be as large as the port allows",
  async ({ store, raw }) => {
    const names = Array.from({ length: 1_000 }, (_, i) => `k${i}`);
    const result = await store.txn({
      checks: names.map(absent),
      writes: names.map((name) => set(name, name, 9_999_999)),
      reads: names,
    });
    assertEquals(result, { committed: true, values: names });
    assertEquals(await raw.send("DBSIZE"), 1_000);
    const large = "x".repeat(262_144);
    await store.txn({
      checks: [],
      writes: names.slice(0, 25).map((name) => set(name, large)),
    });
    const { values } = await store.read({ keys: names.slice(0, 25) });
    assertEquals(values, Array(25).fill(large));
    const fields = names.map((name) => field("map", name));
    assertEquals(
      await store.txn({
        checks: fields.map(absent),
        writes: fields.map((ref) => set(ref, ref.field)),
        reads: fields,
      }),
      { committed: true, values: names },
    );
    assertEquals(
      await store.txn({ checks: [], writes: fields.map(del), reads: fields }),
      { committed: true, values: names.map(() => null) },
    );
    await store.txn({
      checks: [],
      writes: names.map((name, i) => index("index", name, i)),
    });
    await store.txn({
      checks: [],
      writes: names.map((name) => unindex("index", name)),
    });
    assertEquals(await raw.send("EXISTS", "map", "index"), 0);
  },
);

register("timeMs() is the server's time", async ({ raw, transport }) => {
  const time = async () => {
    const [seconds, microseconds] = await raw.send("TIME");
    return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  };
  const before = await time();
  const ms = await transport.timeMs();
  assert(before <= ms && ms <= await time());
});
