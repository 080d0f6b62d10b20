import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  client,
  post,
  register,
} from "../../../support/redis/upstash_gateway.ts";

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

register(
  "the gateway answers a long pipeline of every kind of reply, in its order",
  async ({ gateway, raw, redis }) => {
    const pipeline = redis.pipeline();
    const expected: unknown[] = [];
    for (let i = 0; i < 60; i++) {
      pipeline.set(`key:${i}`, `value ${i}`).incrby("sum", i)
        .get(`key:${i}`).get("none").mget(`key:${i}`, "none");
      expected.push(
        ...["OK", (i * (i + 1)) / 2, `value ${i}`, null],
        [`value ${i}`, null],
      );
    }
    assertEquals(await pipeline.exec(), expected);
    assertEquals(gateway.stats().requests, 1);
    assertEquals(await raw.send("DBSIZE"), 61);
    const { status, body } = await post(gateway, "/pipeline", [["PING"], []]);
    assertEquals([status, body.error], [400, "ERR empty command"]);
  },
);

register(
  "the gateway serves what the client gathers by itself, each call with its own error",
  async ({ gateway, raw, redis }) => {
    await raw.send("SET", "text", "no number");
    await raw.send("HSET", "h", "a", "1");
    gateway.resetStats();
    const ends = await Promise.allSettled([
      redis.incr("n"),
      redis.incr("text"),
      redis.hmget("h", "a", "b"),
      redis.evalsha("0".repeat(40), [], []),
      redis.get("none"),
      redis.lindex("h", 0),
      redis.incr("n"),
    ]);
    // One of what reads, one of what writes.
    assertEquals(gateway.stats().requests, 2);
    const told = ends.map((end) =>
      end.status === "fulfilled"
        ? end.value
        : /NOSCRIPT|WRONGTYPE|not an integer/.exec(end.reason.message)?.[0]
    );
    assertEquals(told, [
      ...[1, "not an integer", { a: 1, b: null }, "NOSCRIPT", null],
      ...["WRONGTYPE", 2],
    ]);
    // Transactions do not take part in it.
    const [, [sum]] = await Promise.all([
      redis.set("a", "1"),
      redis.multi().incr("n").exec<[number]>(),
    ]);
    assertEquals([sum, gateway.stats().requests], [3, 4]);
  },
);

register(
  "the gateway serves many at once without mixing their answers",
  async ({ gateway, raw }) => {
    await raw.send("SET", "n", "0");
    const clients = Array.from(
      { length: 8 },
      () => client(gateway, { enableAutoPipelining: false }),
    );
    const seen = await Promise.all(
      Array.from({ length: 400 }, async (_, i) => {
        const redis = clients[i % clients.length]!;
        const [echo, n] = await Promise.all([
          redis.echo(`call ${i}`),
          redis.incr("n"),
        ]);
        assertEquals(echo, `call ${i}`);
        return n;
      }),
    );
    assertEquals(
      seen.toSorted((a, b) => a - b),
      Array.from({ length: 400 }, (_, i) => i + 1),
    );
  },
);

register(
  "the gateway shows nobody half a transaction",
  async ({ gateway, redis }) => {
    // Each adds to both; whoever looks in a transaction sees them alike.
    const write = () => redis.multi().incr("left").incr("right").exec();
    const look = async () => {
      const { body } = await post(gateway, "/multi-exec", [
        ["GET", "left"],
        ["GET", "right"],
      ]);
      return body.map(({ result }: { result: string | null }) => result);
    };
    const looks = await Promise.all(
      Array.from({ length: 100 }, (_, i) => i % 2 === 0 ? write() : look()),
    );
    for (const [i, seen] of looks.entries()) {
      if (i % 2 === 1) assertEquals(seen[0], seen[1]);
    }
    assertEquals(await look(), ["50", "50"]);
  },
);
