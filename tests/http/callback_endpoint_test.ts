import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { decodeBase64 } from "@std/encoding/base64";
import { createHttpSender } from "../../edge/callback_http/sender.ts";
import { testEvent } from "../../edge/http/docs/webhooks.ts";
import { endpoint } from "../../edge/http/native/callback/endpoint/endpoint.ts";
import { putCallbackEndpoint } from "../../edge/http/native/callback/endpoint/put.ts";
import { rotateCallbackSecret } from "../../edge/http/native/callback/endpoint/rotate.ts";
import { testCallbackEndpoint } from "../../edge/http/native/callback/endpoint/test.ts";
import type { Answer } from "../support/world/api.ts";
import { NOON_MS, startApp, TestClock } from "../support/world/app.ts";
import {
  headerOf,
  isSignedBy,
  Shop,
  startCallbackApp,
} from "../support/callback/shop.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import {
  answers,
  holdsThen,
  sendsAndCloses,
} from "../support/callback/hostile/hostile_behaviors.ts";
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";
import { dumpStore } from "../support/store/dump.ts";

const NOON = "2026-01-15T12:00:00.000Z";
const DAY_MS = 86_400_000;
const URL_A = "http://127.0.0.1:9/a";
const URL_B = "http://127.0.0.1:9/b";

const ENDPOINT_HAS_TO_WAIT =
  "Too many changes or tests of the callback endpoint";

Deno.test("PUT /v1/callback-endpoint makes an endpoint and shows its secret once", async () => {
  await using app = await startCallbackApp();
  const shop = await Shop.open(app.api);
  const made = await shop.must(201, "PUT", "callback-endpoint", {
    url: URL_A,
  });
  putCallbackEndpoint.answers[201].schema.parse(made);
  const { secret, endpoint_id, ...rest } = made;
  assert(/^ep_[0-9a-f]{32}$/.test(endpoint_id));
  assertEquals(rest, {
    url: URL_A,
    status: "active",
    created_at: NOON,
    updated_at: NOON,
  });
  assertEquals(decodeBase64(secret.replace(/^whsec_/, "")).length, 32);
  // From now on nobody is told: not the merchant, not who reads the store.
  const view = { endpoint_id, ...rest };
  app.clock.advance(1_000);
  for (const [method, body] of [["GET"], ["PUT", { url: URL_A }]] as const) {
    const answer = await shop.call(method, "callback-endpoint", body);
    assertEquals([answer.status, answer.body], [200, view]);
    endpoint.parse(answer.body);
  }
  const dump = dumpStore(app.path).join("\n");
  assertEquals(dump.includes(secret.slice("whsec_".length)), false);
  assertEquals(app.logged.join("\n").includes(URL_A), false);
});

Deno.test("PUT /v1/callback-endpoint of another URL is another endpoint with another secret", async () => {
  await using app = await startCallbackApp();
  const shop = await Shop.open(app.api);
  const put = (url: string) =>
    shop.must(201, "PUT", "callback-endpoint", { url });
  const all = [await put(URL_A), await put(URL_B), await put(URL_A)];
  for (const field of ["endpoint_id", "secret"]) {
    assertEquals(new Set(all.map((it) => it[field])).size, 3, field);
  }
  const found = await shop.must(200, "GET", "callback-endpoint");
  assertEquals(found.endpoint_id, all[2].endpoint_id);
});

Deno.test("PUT /v1/callback-endpoint at once makes one endpoint", async () => {
  await using app = await startCallbackApp();
  const shop = await Shop.open(app.api);
  const all = await Promise.all(
    Array.from(
      { length: 5 },
      () => shop.call("PUT", "callback-endpoint", { url: URL_A }),
    ),
  );
  assertEquals(all.map(({ status }) => status).sort(), [
    ...[200, 200, 200, 200],
    201,
  ]);
  assertEquals(new Set(all.map(({ body }) => body.endpoint_id)).size, 1);
});

Deno.test("DELETE /v1/callback-endpoint removes it, also the second time", async () => {
  await using app = await startCallbackApp();
  const shop = await Shop.open(app.api);
  await shop.register(URL_A);
  for (let i = 0; i < 2; i++) {
    assertEquals(await shop.must(204, "DELETE", "callback-endpoint"), null);
  }
  for (
    const [method, path] of [
      ["GET", "callback-endpoint"],
      ["POST", "callback-endpoint/rotations"],
      ["POST", "callback-endpoint/test"],
    ] as const
  ) {
    const { status, body } = await shop.call(method, path);
    assertEquals([status, body.code, body.retry], [404, "not-found", "never"]);
  }
  // One that comes later is a new one, of the same URL too.
  await shop.register(URL_A);
});

Deno.test("POST /v1/callback-endpoint/test sends endpoint.test and tells what came back", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const shop = await Shop.open(app.api);
  const url = `${receiver.url}/offcode?shop=1`;
  const secret = await shop.register(url);
  const { endpoint_id } = await shop.must(200, "GET", "callback-endpoint");
  receiver.next(answers(202, {}, "thanks"));
  const result = await shop.must(200, "POST", "callback-endpoint/test");
  testCallbackEndpoint.answers[200].schema.parse(result);
  assertEquals(result, {
    delivered: true,
    attempt: { at: NOON, duration_ms: 0, status: 202, response: "thanks" },
  });
  const [request] = receiver.requests;
  assert(request !== undefined && receiver.requests.length === 1);
  assertEquals([request.method, request.path], ["POST", "/offcode?shop=1"]);
  assertEquals(headerOf(request, "content-type"), "application/json");
  assert(isSignedBy(secret, request, app.clock.ms));
  assertEquals(testEvent.parse(JSON.parse(request.body)), {
    type: "endpoint.test",
    timestamp: NOON,
    mode: "test",
    data: { endpoint_id },
  });
  // Each test is a message of its own.
  await shop.must(200, "POST", "callback-endpoint/test");
  const [first, second] = receiver.requests.map((it) =>
    headerOf(it, "webhook-id")
  );
  assertNotEquals(first, second);
});

Deno.test("POST /v1/callback-endpoint/test tells a failure as it was, masked", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const shop = await Shop.open(app.api);
  const secret = await shop.register(receiver.url);
  const test = async () => {
    const result = await shop.must(200, "POST", "callback-endpoint/test");
    const { delivered, attempt: { at: _, duration_ms: __, ...attempt } } =
      testCallbackEndpoint.answers[200].schema.parse(result);
    return [delivered, attempt];
  };
  receiver.next(answers(500, {}, `no ${secret} 901004201234567890\r\n\0`));
  const [delivered, { response, ...attempt }] = await test() as [
    boolean,
    { response: string },
  ];
  assertEquals([delivered, attempt], [false, { status: 500 }]);
  assertEquals(/whsec_.{5}|\d{16}|[\r\n\0]/.test(response), false, response);
  receiver.next(answers(302, { location: receiver.url }));
  assertEquals(await test(), [false, { status: 302, response: "" }]);
  receiver.next(sendsAndCloses("this is no HTTP\r\n\r\n"));
  assertEquals(await test(), [false, { error: "broken" }]);
  assertEquals(receiver.requests.length, 3);
  // It disables nothing, whatever comes back.
  receiver.next(answers(410));
  assertEquals(await test(), [false, { status: 410, response: "" }]);
  const { status, failing_since } = await shop.must(
    200,
    "GET",
    "callback-endpoint",
  );
  assertEquals([status, failing_since], ["active", undefined]);
});

Deno.test("POST /v1/callback-endpoint/test tells why TLS failed", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const shop = await Shop.open(app.api);
  await shop.register(`https://127.0.0.1:${receiver.port}/`);
  receiver.welcome = async ({ write, untilLeft }) => {
    await write("HTTP/1.1 400 Bad Request\r\n\r\n");
    await untilLeft();
  };
  const { delivered, attempt } = testCallbackEndpoint.answers[200].schema.parse(
    await shop.must(200, "POST", "callback-endpoint/test"),
  );
  assertEquals(delivered, false);
  assertEquals([attempt.error, attempt.tls_error], ["tls", "not_tls"]);
});

Deno.test("POST /v1/callback-endpoint/test is one at a time", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const shop = await Shop.open(app.api);
  await shop.register(receiver.url);
  receiver.next(holdsThen(answers(204)));
  const first = shop.call("POST", "callback-endpoint/test");
  await receiver.received(1);
  const second = await shop.call("POST", "callback-endpoint/test");
  assertEquals(
    [second.status, second.body.code, second.body.detail],
    [429, "too-many-attempts", "Another test of the endpoint is under way."],
  );
  assertEquals(second.body.title, ENDPOINT_HAS_TO_WAIT);
  assert(Number(second.headers.get("retry-after")) > 0);
  // Another shop's test does not wait for it.
  const other = await Shop.open(app.api);
  await other.register(receiver.url);
  await other.must(200, "POST", "callback-endpoint/test");
  receiver.release();
  assertEquals((await first).body.delivered, true);
  await shop.must(200, "POST", "callback-endpoint/test");
  assertEquals(receiver.requests.length, 3);
});

Deno.test("POST /v1/callback-endpoint/test tells what came back, though the store is away by then", async () => {
  let store: FaultyStore | undefined;
  await using app = await startCallbackApp({
    wrapStore: (it) => store = new FaultyStore(it),
  });
  await using receiver = startHostileReceiver();
  const shop = await Shop.open(app.api);
  await shop.register(receiver.url);
  store!.plan();
  await shop.must(200, "POST", "callback-endpoint/test");
  const at = store!.trace.lastIndexOf("txn callback-test");
  assertEquals(store!.trace.indexOf("txn callback-test") < at, true);
  store!.plan({ at, mode: "before" });
  const { delivered } = await shop.must(
    200,
    "POST",
    "callback-endpoint/test",
  );
  assertEquals([delivered, receiver.requests.length], [true, 2]);
  // The lock that stayed ends by itself; until then there is no other test.
  const { status } = await shop.call("POST", "callback-endpoint/test");
  assertEquals(status, 429);
});

Deno.test("POST /v1/callback-endpoint/rotations has both secrets sign for 24 hours", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const shop = await Shop.open(app.api);
  const secrets = [await shop.register(receiver.url)];
  const { endpoint_id } = await shop.must(200, "GET", "callback-endpoint");
  const rotate = async () => {
    const rotated = await shop.must(
      201,
      "POST",
      "callback-endpoint/rotations",
    );
    rotateCallbackSecret.answers[201].schema.parse(rotated);
    secrets.push(rotated.secret);
    const until = new Date(app.clock.ms + DAY_MS).toISOString();
    assertEquals(rotated, {
      endpoint_id,
      secret: rotated.secret,
      previous_secret_until: until,
    });
    const view = await shop.must(200, "GET", "callback-endpoint");
    assertEquals([view.previous_secret_until, view.secret], [until, undefined]);
  };
  /** Which of the secrets sign now. */
  const signing = async () => {
    await shop.must(200, "POST", "callback-endpoint/test");
    const request = receiver.requests.at(-1)!;
    return secrets.map((it) => isSignedBy(it, request, app.clock.ms));
  };
  assertEquals(await signing(), [true]);
  await rotate();
  assertEquals(await signing(), [true, true]);
  app.clock.advance(DAY_MS - 1);
  assertEquals(await signing(), [true, true]);
  app.clock.advance(1);
  assertEquals(await signing(), [false, true]);
  const view = await shop.must(200, "GET", "callback-endpoint");
  assertEquals(view.previous_secret_until, undefined);
  // Two within a day, as where the first reply is lost: each signs until its
  // own promise ends.
  await rotate();
  app.clock.advance(1_000);
  await rotate();
  assertEquals(await signing(), [false, true, true, true]);
  app.clock.advance(DAY_MS - 1_000);
  assertEquals(await signing(), [false, false, true, true]);
  app.clock.advance(1_000);
  assertEquals(await signing(), [false, false, false, true]);
});

Deno.test("POST /v1/callback-endpoint/rotations breaks no promise: a sixth secret has to wait for the first to end", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const shop = await Shop.open(app.api);
  const secrets = [await shop.register(receiver.url)];
  const rotate = () => shop.call("POST", "callback-endpoint/rotations");
  for (let i = 0; i < 4; i++) {
    const { status, body } = await rotate();
    assertEquals(status, 201);
    secrets.push(body.secret);
    app.clock.advance(1_000);
  }
  const before = dumpStore(app.path);
  const { status, headers, body } = await rotate();
  assertEquals([status, body.code], [429, "too-many-attempts"]);
  // Nobody has shown a code: no cashier and no customer is told of one.
  assertEquals(body.title, ENDPOINT_HAS_TO_WAIT);
  for (const { en, zh } of [body.cashier, body.customer]) {
    assertEquals([/code|scan/.test(en), /码/.test(zh)], [false, false]);
  }
  assertEquals(
    body.detail,
    "5 secrets of the endpoint sign, which is the most. Nothing was changed; the first of them ends at 2026-01-16T12:00:00.000Z, and then another can be made.",
  );
  assertEquals(headers.get("retry-after"), `${DAY_MS / 1000 - 4}`);
  assertEquals(dumpStore(app.path), before);
  const signing = async () => {
    await shop.must(200, "POST", "callback-endpoint/test");
    const request = receiver.requests.at(-1)!;
    return secrets.map((it) => isSignedBy(it, request, app.clock.ms));
  };
  assertEquals(await signing(), [true, true, true, true, true]);
  app.clock.advance(DAY_MS - 4_000);
  const later = await rotate();
  assertEquals(later.status, 201);
  secrets.push(later.body.secret);
  assertEquals(await signing(), [false, true, true, true, true, true]);
});

Deno.test("PUT /v1/callback-endpoint of one URL spelled otherwise keeps the endpoint and its secrets", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const shop = await Shop.open(app.api);
  const { port } = receiver;
  const url = `http://127.0.0.1:${port}/a/cb`;
  const secret = await shop.register(url);
  const { secret: second } = await shop.must(
    201,
    "POST",
    "callback-endpoint/rotations",
  );
  const { endpoint_id } = await shop.must(200, "GET", "callback-endpoint");
  const spellings = [
    `HTTP://127.0.0.1:${port}/a/cb`,
    `http://127.1:${port}/a/./cb`,
    `http://127.0.0.1:${port}/b/../a/cb/`,
    `http://127.0.0.1:${port}/%61/c%62`,
    url,
  ];
  for (const spelling of spellings) {
    app.clock.advance(1_000);
    const put = await shop.must(200, "PUT", "callback-endpoint", {
      url: spelling,
    });
    assertEquals(put.endpoint_id, endpoint_id, spelling);
    // It is called as it is spelled last.
    assertEquals(put.url, spelling);
    await shop.must(200, "POST", "callback-endpoint/test");
    const request = receiver.requests.at(-1)!;
    assertEquals(request.path, new URL(spelling).pathname);
    for (const it of [secret, second]) {
      assert(isSignedBy(it, request, app.clock.ms), spelling);
    }
  }
  for (const other of ["/a/cb?x=1", "/a/CB", "/a%2Fcb", "/a/cb//"]) {
    const put = await shop.must(201, "PUT", "callback-endpoint", {
      url: `http://127.0.0.1:${port}${other}`,
    });
    assertNotEquals(put.endpoint_id, endpoint_id, other);
  }
  // The query is compared in the same way.
  for (const [query, status] of [["~", 201], ["%7e", 200], ["%2F", 201]]) {
    await shop.must(status as number, "PUT", "callback-endpoint", {
      url: `http://127.0.0.1:${port}/a/cb?x=${query}`,
    });
  }
});

Deno.test("a URL whose host has other letters is taken in its xn-- form, by merchant and admin", async () => {
  const clock = new TestClock(NOON_MS);
  const asked: string[] = [];
  const sender = createHttpSender({
    clock,
    resolve(name) {
      asked.push(name);
      return Promise.resolve(["93.184.216.34"]);
    },
  });
  await using app = await startApp({ clock, sender });
  const shop = await Shop.open(app.api);
  const given = "https://m\u00fcnchen.example/kasse/\u00fc?x=1";
  const url = "https://xn--mnchen-3ya.example/kasse/%C3%BC?x=1";
  const put = await shop.must(201, "PUT", "callback-endpoint", { url: given });
  assertEquals(put.url, url);
  for (
    const again of [given, url, "https://M\u00dcNCHEN.example/kasse/%c3%bc?x=1"]
  ) {
    const same = await shop.must(200, "PUT", "callback-endpoint", {
      url: again,
    });
    assertEquals(same.endpoint_id, put.endpoint_id, again);
  }
  const made = await app.api.must(201, "POST", "/v1/admin/merchants", {
    key: app.api.adminKey,
    body: { name: "Shop", callback_url: given },
  });
  const other = new Shop(app.api, {
    id: made.merchant_id,
    key: made.api_key,
  });
  assertEquals((await other.must(200, "GET", "callback-endpoint")).url, url);
  assertEquals(new Set(asked), new Set(["xn--mnchen-3ya.example"]));
  await sender.close();
});

/** Why a URL is refused, and the URLs that are. */
const FORM =
  "must be an absolute https URL without user name, on port 443, or on a port from 1024 that no other protocol has.";
const DNS = "must name a host that resolves.";
const ADDRESS = "must name a host whose addresses are all public.";
const SPELLING = "must be an absolute https URL without user name or fragment";
const SPACE = "must have no space and no backslash: a path has %20 and /";
const HOST = "must have a host and a port as URLs have them";
const LONG = "must have 2048 characters at most";
const REFUSED: readonly (readonly [url: string, reason: string])[] = [
  ["http://shop.example/secret-path", FORM],
  ["https://shop.example:22/secret-path", FORM],
  ["https://shop.example../secret-path", FORM],
  ["https://unknown.example/secret-path", DNS],
  ["https://private.example./secret-path", ADDRESS],
  ["https://private.example/secret-path", ADDRESS],
  ["https://v6.example/secret-path", ADDRESS],
  ["https://empty.example/secret-path", ADDRESS],
  ["https://127.0.0.1/secret-path", ADDRESS],
  ["https://0x7f.1/secret-path", ADDRESS],
  ["https://[::1]/secret-path", ADDRESS],
  ["https://[::ffff:10.0.0.1]/secret-path", ADDRESS],
  ["https://169.254.169.254/secret-path", ADDRESS],
  ["https://me:secret-path@shop.example/", SPELLING],
  ["https://shop.example/#secret-path", SPELLING],
  ["ftp://shop.example/secret-path", SPELLING],
  ["https:///secret-path", SPELLING],
  ["https:///secret-path@", HOST],
  ["https://shop.example/secret path/secret-path", SPACE],
  ["https://shop.example\\secret-path", SPACE],
  ["https://xn--a.example/secret-path", HOST],
  ["https://shop.example:65536/secret-path", HOST],
  [`https://shop.example/secret-path${"a".repeat(2017)}`, LONG],
];

Deno.test("a URL that callbacks must not go to is refused by name and reason, and nothing is stored", async () => {
  const clock = new TestClock(NOON_MS);
  const names: Record<string, string[]> = {
    "shop.example": ["93.184.216.34"],
    "private.example": ["93.184.216.34", "10.1.2.3"],
    "v6.example": ["93.184.216.34", "::1"],
    "empty.example": [],
  };
  const sender = createHttpSender({
    clock,
    resolve: (name) =>
      names[name] === undefined
        ? Promise.reject(new Error("no such name"))
        : Promise.resolve(names[name]),
  });
  await using app = await startApp({ clock, sender });
  const shop = await Shop.open(app.api);
  const before = dumpStore(app.path);
  const check = ({ status, body }: Answer, detail: string) => {
    assertEquals(
      [status, body.code, body.retry, body.detail],
      [400, "malformed-request", "never", detail],
    );
    assertEquals(JSON.stringify(body).includes("secret-path"), false);
  };
  for (const [url, reason] of REFUSED) {
    check(
      await shop.call("PUT", "callback-endpoint", { url }),
      `url ${reason}`,
    );
    check(
      await app.api.call("POST", "/v1/admin/merchants", {
        key: app.api.adminKey,
        body: { name: "Shop", callback_url: url },
      }),
      `callback_url ${reason}`,
    );
  }
  assertEquals(dumpStore(app.path), before);
  assertEquals(app.logged.join("\n").includes("secret-path"), false);
  // And one that they may go to is taken.
  await shop.register("https://shop.example:8443/offcode");
  await sender.close();
});

Deno.test("POST /v1/admin/merchants with callback_url makes the merchant's endpoint", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const { api } = app;
  const made = await api.must(201, "POST", "/v1/admin/merchants", {
    key: api.adminKey,
    body: { name: "Shop", callback_url: receiver.url },
  });
  const shop = new Shop(api, { id: made.merchant_id, key: made.api_key });
  const view = await shop.must(200, "GET", "callback-endpoint");
  assertEquals([view.url, view.status], [receiver.url, "active"]);
  const test = await shop.must(200, "POST", "callback-endpoint/test");
  assertEquals(test.delivered, true);
  const [request] = receiver.requests;
  assert(isSignedBy(made.callback_secret, request!, app.clock.ms));
  // The record of a merchant is read by every payment: it holds none of this.
  const record = dumpStore(app.path).find((row) =>
    row.includes(`:merchant:${made.merchant_id}`)
  );
  assertEquals(/callback|https?:|whsec/.test(record!), false);
  assertEquals(
    dumpStore(app.path).join("\n").includes(made.callback_secret.slice(6)),
    false,
  );
});

Deno.test("a merchant cannot see, test, rotate or remove another's endpoint", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const [a, b] = [await Shop.open(app.api), await Shop.open(app.api)];
  const secret = await b.register(receiver.url);
  const view = await b.must(200, "GET", "callback-endpoint");
  const before = dumpStore(app.path);
  for (
    const [method, path] of [
      ["GET", "callback-endpoint"],
      ["POST", "callback-endpoint/rotations"],
      ["POST", "callback-endpoint/test"],
      // Nor by naming it.
      ["GET", `callback-endpoint/${view.endpoint_id}`],
      ["DELETE", `callback-endpoint/${view.endpoint_id}`],
      ["GET", `callback-endpoint?merchant_id=${b.merchant.id}`],
    ] as const
  ) {
    const { status, body } = await a.call(method, path);
    assertEquals([status, body.code], [404, "not-found"], path);
  }
  await a.must(204, "DELETE", "callback-endpoint");
  assertEquals(dumpStore(app.path), before);
  assertEquals(receiver.requests.length, 0);
  // The same URL is an endpoint of its own, with a secret of its own.
  const own = await a.must(201, "PUT", "callback-endpoint", {
    url: receiver.url,
  });
  assertNotEquals(own.endpoint_id, view.endpoint_id);
  await a.must(200, "POST", "callback-endpoint/test");
  const request = receiver.requests[0]!;
  assertEquals(isSignedBy(own.secret, request, app.clock.ms), true);
  assertEquals(isSignedBy(secret, request, app.clock.ms), false);
  assertEquals(await b.must(200, "GET", "callback-endpoint"), view);
});

Deno.test("a withdrawn key has no calls about callbacks, at once", async () => {
  await using app = await startCallbackApp();
  const { api } = app;
  const shop = await Shop.open(api);
  await shop.register(URL_A);
  const path = `/v1/admin/merchants/${shop.merchant.id}`;
  const calls = [
    ["PUT", "callback-endpoint", { url: URL_B }],
    ["GET", "callback-endpoint"],
    ["POST", "callback-endpoint/rotations"],
    ["POST", "callback-endpoint/test"],
    ["DELETE", "callback-endpoint"],
    ["GET", "callbacks"],
    ["GET", `callbacks/cb_${"0".repeat(32)}`],
    ["POST", `callbacks/cb_${"0".repeat(32)}/replays`],
    ["POST", "callback-replays", {
      since: "2026-01-15T00:00:00Z",
      until: "2026-01-15T12:00:00Z",
      status: "dead",
    }],
  ] as const;
  const codes = async () => {
    const before = dumpStore(app.path);
    const found = new Set<string>();
    for (const [method, path, body] of calls) {
      const { body: problem } = await shop.call(method, path, body);
      found.add(problem.code);
    }
    assertEquals(dumpStore(app.path), before);
    return [...found];
  };
  // The key is ended by a new one, though it is known here.
  await shop.must(200, "GET", "callback-endpoint");
  await api.must(201, "POST", `${path}/keys`, {
    key: api.adminKey,
    body: { grace_seconds: 0 },
  });
  assertEquals(await codes(), ["not-authenticated"]);
});
