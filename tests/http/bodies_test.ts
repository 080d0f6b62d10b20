import { assertEquals, assertMatch } from "@std/assert";
import type { Api } from "../support/world/api.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { type Scene, setScene } from "../support/world/scene.ts";
import { dumpStore } from "../support/store/dump.ts";
import { makeDevice } from "../support/world/wallet.ts";

/** A call that takes a body, with one that is right. */
interface Call {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body: Record<string, unknown>;
  /** What the right one gets; 201 of a POST and 200 of others unless given. */
  readonly status?: number;
}

function adminCalls(api: Api, merchantId: string): Call[] {
  const admin = { key: api.adminKey };
  return [
    {
      ...admin,
      method: "POST",
      path: "/v1/admin/merchants",
      body: { name: "Another Shop" },
    },
    {
      ...admin,
      method: "PATCH",
      path: `/v1/admin/merchants/${merchantId}`,
      body: { status: "active" },
    },
    {
      ...admin,
      method: "POST",
      path: "/v1/admin/wallet-keys",
      body: { name: "gates" },
    },
    {
      ...admin,
      method: "PUT",
      path: "/v1/admin/sandbox/accounts/alice",
      body: { balance_minor: 5, currency: "EUR" },
    },
  ];
}

async function calls(api: Api, scene: Scene): Promise<Call[]> {
  const { walletKey, merchant, phone } = scene;
  const code = phone.code(NOON_MS);
  return [
    ...adminCalls(api, merchant.id),
    {
      key: walletKey,
      method: "POST",
      path: "/v1/enrolments",
      body: {
        account_id: "bob",
        device_id: "phone-b",
        device_key: (await makeDevice()).publicJwk,
      },
    },
    {
      key: walletKey,
      method: "POST",
      path: "/v1/verifications",
      body: { code, reference: "ref-1" },
      // The payment has spent the code.
      status: 409,
    },
    {
      key: merchant.key,
      method: "POST",
      path: "/v1/payments",
      body: { code, order_id: "order-1", amount_minor: 1, currency: "EUR" },
    },
    {
      key: merchant.key,
      method: "PUT",
      path: "/v1/callback-endpoint",
      body: { url: "https://shop.example/offcode" },
      status: 201,
    },
    {
      key: merchant.key,
      method: "POST",
      path: "/v1/callback-replays",
      body: {
        since: "2026-01-15T00:00:00Z",
        until: "2026-01-15T12:00:00Z",
        status: "dead",
      },
      status: 202,
    },
  ];
}

type Init = {
  body?: BodyInit;
  headers?: Record<string, string>;
  /** 400 unless given. */
  status?: number;
};

type Right = Record<string, unknown>;

/** Texts that are JSON, but not the object that the call takes. */
function otherJson(json: string): Record<string, Init> {
  return {
    "a number": { body: "7" },
    "a string": { body: JSON.stringify(json) },
    "true": { body: "true" },
    "null": { body: "null" },
    "an array": { body: "[]" },
    "an array of it": { body: `[${json}]` },
    "an empty object": { body: "{}" },
    "only __proto__": { body: `{"__proto__":${json}}` },
  };
}

/** Texts that are no JSON. */
function noJson(json: string): Record<string, Init> {
  return {
    "nothing": {},
    "empty": { body: "" },
    "blank": { body: " \n" },
    "NaN": { body: "NaN" },
    "truncated": { body: json.slice(0, -1) },
    "half of it": { body: json.slice(0, json.length >> 1) },
    "more after it": { body: `${json}${json}` },
    "a comment": { body: `${json}// ` },
    "a trailing comma": { body: `${json.slice(0, -1)},}` },
    "single quotes": { body: json.replaceAll('"', "'") },
    "NUL after it": { body: `${json}\0` },
  };
}

/** Bodies that are too long, or nested too deep. */
function tooMuch(right: Right, json: string): Record<string, Init> {
  const long = "x".repeat(1 << 20);
  const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  return {
    "1 MB of a string": { body: JSON.stringify(long), status: 413 },
    "1 MB of spaces before it": {
      body: " ".repeat(1 << 20) + json,
      status: 413,
    },
    "1 MB in a field": {
      body: JSON.stringify({ ...right, more: long }),
      status: 413,
    },
    "100 000 arrays": { body: deep(100_000), status: 413 },
    "8 000 arrays": { body: deep(8_000) },
    "8 000 arrays in a field": {
      body: `{${json.slice(1, -1)},"more":${deep(4_000)}}`,
    },
  };
}

/** Objects with a field too many, too few, or without a value. */
function wrongFields(right: Right, json: string): Record<string, Init> {
  const names = Object.keys(right);
  const [first] = names;
  const value = JSON.stringify(right[first!]);
  const unicode = first!.charCodeAt(0).toString(16).padStart(4, "0");
  const missing = names.map((name) => {
    const { [name]: _, ...rest } = right;
    return [`without ${name}`, { body: JSON.stringify(rest) }];
  });
  const nulled = names.map((name) => [
    `${name} null`,
    { body: JSON.stringify({ ...right, [name]: null }) },
  ]);
  return {
    "a field twice": { body: `{"${first}":${value},${json.slice(1)}` },
    "a field twice, first another": {
      body: `{"${first}":"other",${json.slice(1)}`,
    },
    "a field twice, spelled otherwise": {
      body: `{"\\u${unicode}${first!.slice(1)}":${value},${json.slice(1)}`,
    },
    "__proto__": { body: `{"__proto__":{"admin":true},${json.slice(1)}` },
    "constructor": {
      body: `{"constructor":{"prototype":{"a":1}},${json.slice(1)}`,
    },
    "a field that nobody knows": { body: JSON.stringify({ ...right, a: 1 }) },
    ...Object.fromEntries([...missing, ...nulled]),
  };
}

/** Bytes that are no UTF-8, or have a byte order mark in a wrong place. */
function wrongBytes(json: string): Record<string, Init> {
  const bytes = new TextEncoder().encode(json);
  const utf16 = new Uint8Array(json.length * 2);
  bytes.forEach((byte, i) => utf16[2 * i] = byte);
  return {
    "two byte order marks": { body: `\ufeff\ufeff${json}` },
    "a byte order mark after it": { body: `${json}\ufeff` },
    "UTF-16": { body: utf16 },
    "UTF-16 with its mark": { body: new Uint8Array([0xff, 0xfe, ...utf16]) },
    "not UTF-8": {
      body: new Uint8Array([...bytes.subarray(0, -1), 0xff, 0x7d]),
    },
  };
}

/** Right bodies whose headers say something else. */
function wrongHeaders(json: string): Record<string, Init> {
  const bytes = new TextEncoder().encode(json);
  const type = (text: string) => ({
    body: json,
    headers: { "content-type": text },
    status: 415,
  });
  return {
    "a form": {
      ...type("application/x-www-form-urlencoded"),
      body: new URLSearchParams({ body: json }),
    },
    "no content type": { ...type(""), body: bytes },
    "text/plain": type("text/plain"),
    "text/json": type("text/json"),
    "application/problem+json": type("application/problem+json"),
    "two content types": type("application/json, text/plain"),
    "charset latin1": type("application/json; charset=iso-8859-1"),
    "charset utf-16": type("application/json; charset=utf-16"),
    "charset utf-7": type("application/json; charset=utf-7"),
    "gzip": {
      body: bytes,
      headers: { "content-encoding": "gzip" },
      status: 415,
    },
  };
}

/** Bodies that do not arrive as a whole. */
function broken(json: string): Record<string, Init> {
  const bytes = new TextEncoder().encode(json);
  const failing = (chunks: readonly Uint8Array[]) =>
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
      },
      pull: () => Promise.reject(new Error("The connection broke")),
    });
  return {
    "a connection that breaks at once": { body: failing([]) },
    "a connection that breaks within": {
      body: failing([bytes.subarray(0, 5)]),
    },
    "a connection that breaks at the end": { body: failing([bytes]) },
  };
}

/** Bodies that are wrong whatever the call, made from one that is right. */
function wrongBodies(right: Right): Record<string, Init> {
  const json = JSON.stringify(right);
  return {
    ...otherJson(json),
    ...noJson(json),
    ...tooMuch(right, json),
    ...wrongFields(right, json),
    ...wrongBytes(json),
    ...wrongHeaders(json),
    ...broken(json),
  };
}

Deno.test("every call refuses every body that is none, and nothing has changed", async () => {
  await using app = await startApp();
  const { api } = app;
  const scene = await setScene(api);
  const all = await calls(api, scene);
  const before = dumpStore(app.path);
  for (const { method, path, key, body } of all) {
    for (const [what, init] of Object.entries(wrongBodies(body))) {
      const response = await api.fetch(
        new Request(`http://edge${path}`, {
          method,
          ...(init.body !== undefined && { body: init.body }),
          headers: {
            "authorization": `Bearer ${key}`,
            "content-type": "application/json",
            ...init.headers,
          },
        }),
      );
      const answer = await response.json();
      const where = `${method} ${path}: ${what}`;
      assertEquals(
        [response.status, answer.code, answer.status],
        [init.status ?? 400, "malformed-request", init.status ?? 400],
        where,
      );
      assertEquals(
        response.headers.get("accept") ??
          response.headers.get("accept-encoding"),
        init.status !== 415
          ? null
          : what === "gzip"
          ? "identity"
          : "application/json",
      );
      assertEquals(
        response.headers.get("content-type"),
        "application/problem+json",
      );
      // One sentence of our own, with no value in it.
      assertMatch(answer.detail, /^[\w .,;:=/…-]{5,400}$/, where);
    }
  }
  assertEquals(dumpStore(app.path), before);
  assertEquals(
    app.logged.some((line) => line.includes("unexpected error")),
    false,
  );
  // The right ones were right all along.
  for (const { method, path, key, body, status } of all.toReversed()) {
    const answer = await api.call(method, path, { key, body });
    const expected = status ?? (method === "POST" ? 201 : 200);
    assertEquals(answer.status, expected, path);
  }
});

Deno.test("every call takes JSON as RFC 8259 lets clients write it", async () => {
  await using app = await startApp();
  const { api } = app;
  const { merchant, phone } = await setScene(api);
  const body = {
    code: phone.code(NOON_MS),
    order_id: "order-1",
    amount_minor: 1,
    currency: "EUR",
  };
  const escaped = JSON.stringify(body).replace("EUR", "\\u0045UR");
  const spellings = [
    { body: JSON.stringify(body, null, 8) },
    { body: escaped },
    { body: `\ufeff${JSON.stringify(body)}` },
    { body: JSON.stringify({ ...body, description: null, terminal_id: null }) },
    ...[
      "application/json; charset=utf-8",
      'Application/JSON;charset="UTF-8"',
      "application/json; charset=utf8",
      "application/json; profile=x",
    ]
      .map((type) => ({
        body: JSON.stringify(body),
        headers: { "content-type": type },
      })),
  ];
  const statuses: number[] = [];
  for (const spelling of spellings) {
    const { status } = await api.call("POST", "/v1/payments", {
      key: merchant.key,
      ...spelling,
    });
    statuses.push(status);
  }
  assertEquals(statuses, [201, ...Array(spellings.length - 1).fill(200)]);
});
