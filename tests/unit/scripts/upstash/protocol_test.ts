import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  client,
  messageOf,
  post,
  register,
  TOKEN,
} from "../../../support/redis/upstash_gateway.ts";

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
  assertEquals((await status("/get/foo", ["GET", "foo"]))[0], 400);
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
  "the gateway refuses what would make all others wait",
  async ({ gateway, raw, redis }) => {
    await raw.send("XADD", "x", "1-1", "block", "STREAMS");
    await raw.send("XGROUP", "CREATE", "x", "block", "0");
    const refused = [
      redis.xread("x", "1-1", { blockMS: 0 }),
      redis.xread("x", "$", { count: 1, blockMS: 60_000 }),
      redis.xreadgroup("block", "me", "none", ">", { blockMS: 0, NOACK: true }),
      redis.pipeline().xread("x", "$", { blockMS: 0 }).get("a").exec(),
      redis.multi().xread("x", "$", { blockMS: 0 }).get("a").exec(),
      redis.exec(["wait", 1, 0]),
      redis.exec(["waitaof", 1, 0, 0]),
      redis.exec(
        ["xreadgroup", "block", 0, "group", "block", "me", "streams", "x", ">"],
      ),
    ].map(messageOf);
    for (const message of await Promise.all(refused)) {
      assertStringIncludes(message, "ERR Command is not available");
    }
    const short = await post(gateway, "/", ["XREAD", "BLOCK"]);
    assertEquals(short.status, 400);
    const { error } = short.body as { error: string };
    assertStringIncludes(error, "ERR Command is not available");
  },
);

register(
  "the gateway keeps texts as they are that look like something else",
  async ({ gateway, raw }) => {
    const texts = [
      ...["OK", "8", "VXBzdGFzaA", "VXBzdGFzaA==", "%%12", "%F0%9F%98%80", ""],
      ...["null", "true", '{"a":1}', "[1]", "1e3", "007", "9007199254740993"],
      ...[
        "😀",
        "\u0000",
        "\u2028",
        "e\u0301",
        " a ",
        "\r\n",
        "\\u0041",
        "\ud7ff",
      ],
    ];
    for (const responseEncoding of ["base64", false] as const) {
      const redis = client(gateway, {
        responseEncoding,
        automaticDeserialization: false,
      });
      for (const text of texts) {
        await redis.set(`key ${text}`, text);
        assertEquals(await redis.get(`key ${text}`), text);
        assertEquals(await raw.send("GET", `key ${text}`), text);
        assertEquals(await redis.mget(`key ${text}`, "none"), [text, null]);
      }
      await redis.flushall();
    }
  },
);

register(
  "the gateway carries large values and many words, both ways",
  async ({ gateway, raw }) => {
    const large = "0123456789abcdé€😀".repeat(60_000);
    assert(new TextEncoder().encode(large).length > 1_000_000);
    const many = Array.from({ length: 20_000 }, (_, i) => `member ${i}`);
    for (const responseEncoding of ["base64", false] as const) {
      const redis = client(gateway, { responseEncoding });
      await redis.set("large", large);
      assert(await redis.get("large") === large);
      assertEquals(await raw.send("STRLEN", "large"), 60_000 * 23);
      const [first, ...rest] = many;
      assertEquals(await redis.rpush("many", first!, ...rest), many.length);
      assertEquals(await redis.lrange("many", 0, -1), many);
      await redis.flushall();
    }
  },
);

register(
  "the gateway gives a sync token that grows with what is written",
  async ({ gateway }) => {
    const token = async (path: string, body: unknown) => {
      const { headers } = await post(gateway, path, body);
      return headers.get("upstash-sync-token");
    };
    assertEquals(
      [
        await token("/", ["GET", "a"]),
        await token("/", ["SET", "a", "1"]),
        await token("/", ["GET", "a"]),
        await token("/pipeline", [["GET", "a"], ["INCR", "a"], ["INCR", "a"]]),
        await token("/multi-exec", [["INCR", "a"]]),
        await token("/", ["EVAL", "return 1", "0"]),
      ],
      [0, 1, 1, 2, 3, 4].map((it) => `gateway;${it}`),
    );
  },
);

register(
  "the gateway says of every error what Redis says",
  async ({ gateway, raw }) => {
    await raw.send("SET", "text", "x");
    await raw.send("CONFIG", "SET", "maxmemory", "1");
    const commands = [
      ["SET", "a", "1"],
      ["INCR", "text"],
      ["LPUSH", "text", "1"],
      ["GET"],
      ["SET", "text", "1", "NX", "XX"],
      ["EVALSHA", "0".repeat(40), "0"],
      ["EVAL", "return {", "0"],
      ["EVAL", "return redis.error_reply('OWN word')", "0"],
      ["EVAL", "return redis.call('INCR', KEYS[1])", "1", "text"],
      ["HEXPIRE", "h", "1", "FIELDS", "1", "f"],
    ];
    for (const command of commands) {
      const said = await raw.send(...command).then(
        () => "It was answered",
        (error) => error.message,
      );
      for (const encoding of ["base64", "none"]) {
        const headers = { "upstash-encoding": encoding };
        const alone = await post(gateway, "/", command, headers);
        assertEquals([alone.status, alone.body], [400, { error: said }]);
        const piped = await post(gateway, "/pipeline", [command], headers);
        assertEquals([piped.status, piped.body], [200, [{ error: said }]]);
      }
    }
  },
);
