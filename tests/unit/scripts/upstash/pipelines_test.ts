import { assertEquals, assertStringIncludes } from "@std/assert";
import { post, register } from "../../../support/upstash_gateway.ts";

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
