import { systemPause } from "../../../../edge/base/clock.ts";
import { startRedis } from "../../../../scripts/redis_server.ts";
import { startGateway } from "../../../../scripts/upstash/gateway.ts";
import { programOf, saidBy } from "../../../support/http/command.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Redis } from "@upstash/redis/cloudflare";
import {
  client,
  register,
  TOKEN,
} from "../../../support/redis/upstash_gateway.ts";

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
    const reader = client(gateway, { readYourWrites: false });
    await redis.set("a", "old");
    await redis.zadd("z", { score: 1, member: "m" });
    await gateway.setStale(true);
    await redis.set("a", "new");
    await redis.set("b", "new");
    await redis.zrem("z", "m");
    assertEquals(await reader.mget("a", "b"), ["old", null]);
    assertEquals(await reader.zscore("z", "m"), 1);
    assertEquals(await reader.pipeline().get("a").exec(), ["old"]);
    const script = "return redis.call('MGET', KEYS[1], KEYS[2])";
    assertEquals(await reader.eval(script, ["a", "b"], []), ["new", "new"]);
    await gateway.setStale(false);
    assertEquals(await reader.mget("a", "b"), ["new", "new"]);
  },
);

register(
  "setStale() keeps from nobody what they have written, if they say what they saw",
  async ({ gateway, redis }) => {
    const other = client(gateway);
    await redis.set("a", "old");
    assertEquals(await other.get<string>("a"), "old");
    await gateway.setStale(true);
    // What it has seen is in the old data, too.
    assertEquals(await redis.get<string>("a"), "old");
    await redis.set("a", "new");
    assertEquals(await redis.get<string>("a"), "new");
    assertEquals(await redis.pipeline().get("a").exec(), ["new"]);
    // Another client has no claim to it until it has written itself.
    assertEquals(await other.get<string>("a"), "old");
    await other.set("b", "1");
    assertEquals(await other.get<string>("a"), "new");
  },
);

// A short timer may end before it is noticed, so this is tried several times.
for (let pauseMs = 0; pauseMs < 5; pauseMs++) {
  Deno.test(`a gateway that ends ${pauseMs} ms after its Redis leaves no timer`, async () => {
    const redis = await startRedis();
    const gateway = await startGateway({ redis, token: TOKEN });
    await redis[Symbol.asyncDispose]();
    await systemPause(pauseMs);
    await gateway[Symbol.asyncDispose]();
  });
}

Deno.test("deno task gateway starts a Redis of its own and says how to use it", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  assertEquals(tasks.gateway, "deno run -A scripts/upstash_gateway.ts");
  const child = programOf("scripts/upstash_gateway.ts", [], {
    env: { PORT: "0", TOKEN },
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("deno task start")) {
    text += (await reader.read()).value ?? "";
  }
  const url = /UPSTASH_REDIS_REST_URL=(\S+)/.exec(text)![1]!;
  assertStringIncludes(text, `UPSTASH_REDIS_REST_TOKEN=${TOKEN}`);
  const redis = new Redis({ url, token: TOKEN, enableTelemetry: false });
  assertEquals(await redis.ping(), "PONG");
  child.kill("SIGTERM");
  while (!(await reader.read()).done);
  assertEquals((await child.status).code, 0);
});

Deno.test("deno task gateway says why it cannot begin, and ends with 2", async () => {
  using held = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const redis = "redis://127.0.0.1:1";
  for (
    const [env, said] of [
      [{ REDIS_URL: "http://127.0.0.1" }, "REDIS_URL must be redis:"],
      [{ REDIS_URL: redis, PORT: "abc" }, "PORT must be a number"],
      [{ REDIS_URL: redis, PORT: "0" }, "The Redis of REDIS_URL does not"],
      [{ REDIS_URL: "", PORT: `${held.addr.port}` }, "Address already in use"],
    ] as const
  ) {
    const { code, err } = await saidBy(
      programOf("scripts/upstash_gateway.ts", [], { env }),
    );
    assertEquals([code, err.startsWith(said)], [2, true], err);
  }
});
