import { assertEquals, assertMatch } from "@std/assert";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";

const TILL = "https://till.example";
const corsOrigins = new Set([TILL, "http://localhost:5173"]);

/** The headers of an answer that are about origins. */
function cors(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    [...headers].filter(([name]) => /^(access-control-|vary)/.test(name)),
  );
}

const SHARED = {
  "access-control-allow-origin": TILL,
  "access-control-expose-headers":
    "x-request-id, retry-after, allow, repr-digest, offcode-bill, offcode-mode",
  "vary": "origin",
};

Deno.test("a page of an origin that was named may call, and reads request id and Retry-After", async () => {
  await using app = await startApp({ corsOrigins });
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const headers = { origin: TILL };
  const order = {
    code: phone.code(NOON_MS),
    order_id: "order-1",
    amount_minor: 1250,
    currency: "EUR",
  };
  const asked = await api.call("OPTIONS", "/v1/payments", {
    headers: {
      ...headers,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });
  assertEquals(asked.status, 204);
  assertEquals(cors(asked.headers), {
    ...SHARED,
    "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
    "access-control-allow-headers":
      "authorization, content-type, idempotency-key",
    "access-control-max-age": "600",
  });
  const calls: [string, string, number, Record<string, unknown>][] = [
    ["POST", "/v1/payments", 201, { key: merchant.key, body: order }],
    ["POST", "/v1/payments", 400, { key: merchant.key, body: "{" }],
    ["POST", "/v1/payments", 401, { body: order }],
    ["PUT", "/v1/payments", 405, { key: merchant.key }],
    ["GET", "/v1/nothing", 404, {}],
    ["GET", "/healthz", 200, {}],
    ["GET", "/openapi.json", 200, {}],
  ];
  for (const [method, path, status, options] of calls) {
    const answer = await api.call(method, path, { ...options, headers });
    assertEquals([answer.status, cors(answer.headers)], [status, SHARED], path);
    assertMatch(answer.headers.get("x-request-id") ?? "", /^req_/);
  }
});

Deno.test("a page of any other origin may not, and no answer says that cookies may be sent", async () => {
  await using app = await startApp({ corsOrigins });
  const { api } = app;
  const others = [
    "https://till.example.evil.example",
    "http://till.example",
    "https://till.example:8443",
    "https://TILL.example",
    "null",
    "*",
    `${TILL}, https://evil.example`,
  ];
  for (const origin of [...others, undefined]) {
    for (const method of ["GET", "OPTIONS"]) {
      const { headers } = await api.call(method, "/healthz", {
        headers: { ...(origin !== undefined && { origin }) },
      });
      const { "access-control-allow-origin": allowed, vary } = cors(headers);
      assertEquals([allowed, vary], [undefined, "origin"], origin);
      assertEquals(headers.get("access-control-allow-credentials"), null);
    }
  }
});

Deno.test("where no origin was named, no answer has a header about origins", async () => {
  await using app = await startApp();
  for (const method of ["GET", "OPTIONS"]) {
    const { headers } = await app.api.call(method, "/healthz", {
      headers: { origin: TILL, "access-control-request-method": "GET" },
    });
    assertEquals(cors(headers), {}, method);
  }
});
