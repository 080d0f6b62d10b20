import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  client,
  post,
  READ_ONLY_TOKEN,
  register,
  TOKEN,
} from "../../../support/upstash_gateway.ts";

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
