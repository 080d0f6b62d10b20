import { assertEquals, assertMatch } from "@std/assert";
import { sandboxDebitKey } from "../../edge/store/keys.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { setScene } from "../support/world/scene.ts";
import { dumpStore } from "../support/store/dump.ts";

const LONG = "x".repeat(10_240);

/** Ids as an attacker spells them, as they stand in a URL. */
const IDS: Record<string, string> = {
  "a colon": "cred%3A0",
  "a colon unencoded": "a:b:c",
  "a star": "*",
  "a pattern": "cred_%2A",
  "braces": "%7B0%7D",
  "NUL": "cred_%00",
  "a slash": "a%2Fb",
  "an upper folder": "..%2F..%2Fmerchants",
  "an encoded per cent": "%2525",
  "half an escape": "%",
  "no escape": "%zz",
  "not UTF-8": "%FF%FE",
  "a lone surrogate": "%ED%A0%80",
  "CR LF": "x%0D%0Aset-cookie%3A%20a%3Db",
  "a quote": "%22%27%60",
  "Lua": "%22%29redis.call%28",
  "SQL": "%27%20OR%201%3D1%20--",
  "another script": "%E9%92%B1",
  "a space": "%20",
  "its prototype": "__proto__",
  "10 kB": LONG,
  "10 kB of colons": "%3A".repeat(3413),
  "10 kB of another script": "%E9%92%B1".repeat(1137),
};

Deno.test("ids in paths that nothing has are 404 and reach nothing", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const paid = await api.pay(merchant, {
    code: phone.code(NOON_MS),
    order_id: "order-1",
  });
  const before = dumpStore(app.path);
  const calls = (id: string) =>
    [
      ["GET", `/v1/payments/${id}`, merchant.key],
      ["GET", `/v1/callbacks/${id}`, merchant.key],
      ["POST", `/v1/callbacks/${id}/replays`, merchant.key],
      ["GET", `/v1/enrolments/${id}`, walletKey],
      ["DELETE", `/v1/enrolments/${id}`, walletKey],
      ["PATCH", `/v1/admin/merchants/${id}`, api.adminKey],
      ["GET", `/v1/admin/merchants/${id}`, api.adminKey],
      ["POST", `/v1/admin/merchants/${id}/keys`, api.adminKey],
      [
        "DELETE",
        `/v1/admin/merchants/${merchant.id}/keys/${id}`,
        api.adminKey,
      ],
      ["DELETE", `/v1/admin/wallet-keys/${id}`, api.adminKey],
    ] as const;
  const spelled = {
    ...IDS,
    "another record's name": encodeURIComponent(
      sandboxDebitKey(paid.body.payment_id),
    ),
    "a record below": `${paid.body.payment_id}%3Ax`,
    "a merchant's id": merchant.id,
  };
  for (const [what, id] of Object.entries(spelled)) {
    for (const [method, path, key] of calls(id)) {
      if (what === "a merchant's id" && path.includes("admin")) continue;
      const answer = await api.call(method, path, {
        key,
        ...(method === "PATCH" && { body: { status: "suspended" } }),
      });
      assertEquals(
        [answer.status, answer.body?.code],
        [404, "not-found"],
        `${method} ${what}`,
      );
      const text = JSON.stringify([answer.body, [...answer.headers]]);
      assertEquals(/set-cookie|merchants|%|redis/i.test(text), false, what);
    }
  }
  for (const id of [LONG, "%00", "a%0D%0Ab", "%20", "%E9%92%B1"]) {
    const path = `/v1/admin/sandbox/accounts/${id}`;
    const got = await api.call("GET", path, { key: api.adminKey });
    const put = await api.call("PUT", path, {
      key: api.adminKey,
      body: { balance_minor: 1, currency: "EUR" },
    });
    assertEquals([got.status, put.status], [404, 404]);
  }
  assertEquals(dumpStore(app.path), before);
});

Deno.test("ids in bodies and queries are printable ASCII", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const before = dumpStore(app.path);
  const bad = [
    "",
    " ",
    "a b",
    "a\r\nb",
    "a\0b",
    "钱",
    "\u202e",
    "a\u200b",
    "x".repeat(65),
    LONG,
  ];
  for (const id of bad) {
    const order = await api.pay(merchant, {
      code: phone.code(NOON_MS),
      order_id: id,
    });
    const query = await api.call(
      "GET",
      `/v1/payments?order_id=${encodeURIComponent(id)}`,
      { key: merchant.key },
    );
    const reference = await api.verify(walletKey, phone.code(NOON_MS), id);
    for (const { status, body } of [order, query, reference]) {
      assertEquals([status, body.code], [400, "malformed-request"]);
    }
  }
  for (const query of ["?order_id", "?order_id=a&order_id=b", "?id=a"]) {
    const { status } = await api.call("GET", `/v1/payments${query}`, {
      key: merchant.key,
    });
    assertEquals(status, 400, query);
  }
  assertEquals(dumpStore(app.path), before);
});

Deno.test("ids stay apart, whatever signs are in them", async () => {
  await using app = await startApp();
  const { api, clock } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const ids = ["a:b", "a", "*", "{0}", "%3A", "a/b", "../a", "a:b:c", '"', "'"];
  const payments = new Map<string, string>();
  for (const id of ids) {
    clock.advance(30_000);
    const paid = await api.pay(merchant, {
      code: phone.code(clock.ms),
      order_id: id,
      amount_minor: 1,
    });
    assertEquals([paid.status, paid.body.order_id], [201, id]);
    payments.set(id, paid.body.payment_id);
  }
  assertEquals(new Set(payments.values()).size, ids.length);
  // No id reaches into the name of another record, or of another kind.
  for (const [i, id] of ids.entries()) {
    await api.enrol(walletKey, id, id);
    await api.verify(walletKey, phone.code(clock.ms), id);
    await api.setBalance(id, i);
  }
  const names = dumpStore(app.path).filter((row) => row.startsWith("value"))
    .map((row) => JSON.parse(row.slice(row.indexOf("{"))).name as string);
  assertEquals(names.length > 5 * ids.length, true);
  for (const name of names) {
    assertMatch(name, /^oc:\{0\}:[a-z-]+(:[\w.%-]+){1,4}$/);
  }
  for (const id of ids) {
    const found = await api.must(
      200,
      "GET",
      `/v1/payments?order_id=${encodeURIComponent(id)}`,
      { key: merchant.key },
    );
    assertEquals(found.payment_id, payments.get(id));
  }
});

Deno.test("unknown paths are answered with problem documents", async () => {
  await using app = await startApp();
  const { api } = app;
  const wallet = await api.walletKey();
  const calls: [string, string, string?][] = [
    ["GET", "/v1"],
    ["GET", "/v2/payments"],
    ["GET", "/v1/nothing"],
    ["GET", "/favicon.ico"],
    ["GET", "/healthz/"],
    ["GET", "//healthz"],
    ["GET", "/HEALTHZ"],
    ["OPTIONS", "/v1/nothing"],
    ["OPTIONS", `/v1/payments/${LONG}`],
    ["HEAD", "/v1/nothing"],
    ["GET", "/v1/payments/pay_0/x", wallet],
    ["GET", "/v1/admin", api.adminKey],
    ["GET", `/v1/${LONG}`],
    ["GET", "/v1/a%0D%0Ab"],
    ["PUT", "/v1/payments/a%0D%0Ab"],
    ["GET", "/docs/swagger-ui-5.35.0/package.json"],
  ];
  for (const [method, path, key] of calls) {
    const { status, headers, body } = await api.call(method, path, {
      ...(key !== undefined && { key }),
    });
    const what = `${method} ${path.slice(0, 40)}`;
    assertEquals(status, 404, what);
    assertEquals(headers.get("content-type"), "application/problem+json");
    assertEquals(headers.get("allow"), null);
    if (method === "HEAD") continue;
    assertEquals(body.code, "not-found", what);
    assertEquals(
      body.detail,
      "There is no call of this path; /docs shows all.",
      what,
    );
    assertEquals(Object.keys(body).sort(), PROBLEM_MEMBERS);
  }
});

const PROBLEM_MEMBERS = [
  "cashier",
  "code",
  "customer",
  "detail",
  "instance",
  "retry",
  "status",
  "title",
  "type",
];

/** Paths and the methods that each of them takes. */
const ALLOWED: [string, string][] = [
  ["/healthz", "GET, HEAD, OPTIONS"],
  ["/readyz", "GET, HEAD, OPTIONS"],
  ["/openapi.json", "GET, HEAD, OPTIONS"],
  ["/docs", "GET, HEAD, OPTIONS"],
  ["/", "GET, HEAD, OPTIONS"],
  ["/v1/payments", "GET, HEAD, POST, OPTIONS"],
  ["/v1/payments?order_id=1", "GET, HEAD, POST, OPTIONS"],
  ["/v1/payments/pay_0", "GET, HEAD, OPTIONS"],
  ["/v1/payments/pay_0/confirmation", "POST, OPTIONS"],
  ["/v1/reversals", "POST, OPTIONS"],
  ["/v1/enrolments", "POST, OPTIONS"],
  ["/v1/enrolments/cred_0", "GET, HEAD, PATCH, DELETE, OPTIONS"],
  ["/v1/verifications", "POST, OPTIONS"],
  ["/v1/callback-endpoint", "GET, HEAD, PUT, DELETE, OPTIONS"],
  ["/v1/callbacks/cb_0", "GET, HEAD, OPTIONS"],
  ["/v1/callbacks/cb_0/replays", "POST, OPTIONS"],
  ["/v1/callbacks/replays", "GET, HEAD, OPTIONS"],
  ["/v1/callback-replays", "POST, OPTIONS"],
  ["/v1/admin/sandbox/accounts/alice", "GET, HEAD, PUT, OPTIONS"],
];

Deno.test("a known path answers a method that it does not take with 405 and Allow, with or without a key", async () => {
  await using app = await startApp();
  const { api } = app;
  const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "BREW"];
  for (const [path, allow] of ALLOWED) {
    for (const method of methods) {
      if (allow.split(", ").includes(method)) continue;
      const what = `${method} ${path}`;
      const { status, headers, body } = await api.call(method, path, {
        ...(path.startsWith("/v1/admin") && { key: api.adminKey }),
      });
      assertEquals([status, headers.get("allow")], [405, allow], what);
      assertEquals(headers.get("content-type"), "application/problem+json");
      if (method === "HEAD") continue;
      assertEquals([body.code, body.status], ["method-not-allowed", 405], what);
      assertEquals(body.detail, `The path takes ${allow}.`);
      assertEquals(Object.keys(body).sort(), PROBLEM_MEMBERS);
    }
  }
});

Deno.test("OPTIONS lists the methods of a path and asks for no key", async () => {
  await using app = await startApp();
  for (const [path, allow] of ALLOWED) {
    const { status, headers, body } = await app.api.call("OPTIONS", path);
    assertEquals(
      [status, headers.get("allow"), body],
      [204, allow, null],
      path,
    );
    assertMatch(headers.get("x-request-id") ?? "", /^req_/);
    // Nobody named an origin.
    const cors = [...headers.keys()].filter((name) => /^access-/.test(name));
    assertEquals([cors, headers.get("vary")], [[], null]);
  }
});

Deno.test("GET / leads to the page that shows the API", async () => {
  await using app = await startApp();
  const { status, headers } = await app.api.call("GET", "/");
  assertEquals([status, headers.get("location")], [302, "/docs"]);
  assertEquals(headers.get("cache-control"), "no-store");
});

Deno.test("every response names its request and forbids caches", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone, walletKey } = await setScene(api);
  const key = api.adminKey;
  const order = { code: phone.code(NOON_MS), order_id: "1" };
  const responses = [
    api.call("GET", "/healthz"),
    api.call("GET", "/readyz"),
    api.call("GET", "/nothing"),
    api.call("GET", "/v1/payments"),
    api.call("POST", "/v1/admin/merchants", { key, body: { name: "A" } }),
    api.call("POST", "/v1/admin/merchants", { key, body: "{" }),
    api.call("GET", "/v1/admin/sandbox/accounts/a", { key }),
    api.call("POST", "/v1/admin/merchants", { key: walletKey, body: {} }),
    api.pay(merchant, order),
    api.pay(merchant, { ...order, code: "" }),
    api.verify(walletKey, "0", "r"),
    api.call("DELETE", `/v1/enrolments/${phone.credentialId}`, {
      key: walletKey,
    }),
  ];
  const ids = new Set<string>();
  for (const { status, headers, body } of await Promise.all(responses)) {
    assertEquals(headers.get("cache-control"), "no-store", `${status}`);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    const id = headers.get("x-request-id") ?? "";
    assertMatch(id, /^req_[0-9a-f]{32}$/);
    ids.add(id);
    if (status >= 400) {
      assertEquals(body.instance, `urn:offcode:request:${id}`);
      assertEquals(headers.get("content-type"), "application/problem+json");
    }
  }
  assertEquals(ids.size, responses.length);
});

Deno.test("nothing that a client sent comes back in a header or a problem", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant } = await setScene(api);
  const planted = "planted-0123456789";
  const { status, headers, body } = await api.call(
    "POST",
    `/v1/payments?x=${planted}%0D%0Aset-cookie:%20${planted}`,
    {
      key: merchant.key,
      headers: {
        "x-request-id": planted,
        "x-forwarded-for": planted,
        "x-forwarded-host": planted,
        "forwarded": `for=${planted}`,
        "origin": `https://${planted}.example`,
        "traceparent": planted,
        "accept-language": planted,
      },
      body: {
        code: planted,
        [planted]: planted,
        order_id: `${planted}\r\nset-cookie: a=b`,
        amount_minor: planted,
        currency: planted,
        description: `${planted}\r\n`,
      },
    },
  );
  assertEquals([status, body.code], [400, "malformed-request"]);
  const answer = JSON.stringify([body, [...headers]]);
  assertEquals(answer.includes(planted), false);
  assertEquals(app.logged.some((line) => line.includes(planted)), false);
  assertEquals(headers.get("set-cookie"), null);
});
