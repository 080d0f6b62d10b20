import { assert, assertEquals } from "@std/assert";
import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";
import { paymentEvent } from "../../edge/http/docs/webhooks.ts";
import { callback } from "../../edge/http/native/callback/callback.ts";
import { getCallback } from "../../edge/http/native/callback/get.ts";
import { listCallbacks } from "../../edge/http/native/callback/list.ts";
import { replayCallbacks } from "../../edge/http/native/callback/replay_range.ts";
import {
  openTill,
  pages,
  Shop,
  startCallbackApp,
} from "../support/callback/shop.ts";
import { dumpStore } from "../support/store/dump.ts";

const NOON = "2026-01-15T12:00:00.000Z";
const NOWHERE = "http://127.0.0.1:9/offcode";

Deno.test("GET /v1/callbacks shows how each payment ended, the latest first", async () => {
  await using app = await startCallbackApp();
  const till = await openTill(app);
  const paid = await till.pay("order-1");
  const declined = await till.pay("order-2", 1_000_000);
  assertEquals([paid.status, declined.status], [201, 422]);
  app.clock.advance(1_000);
  await till.reverse("order-1");
  // An order that was never seen has no payment to tell about.
  await till.reverse("order-3");
  const page = await till.list();
  listCallbacks.answers[200].schema.parse(page);
  const at = (ms: number) => new Date(Date.parse(NOON) + ms).toISOString();
  const view = (
    type: string,
    order_id: string,
    payment_id: string,
    ms: number,
  ) => ({
    type,
    status: "pending",
    order_id,
    payment_id,
    tries: 0,
    next_attempt_at: at(ms),
    created_at: at(ms),
  });
  assertEquals(
    page.callbacks.map(
      // deno-lint-ignore no-explicit-any
      ({ callback_id, ...rest }: any) => {
        assert(/^cb_[0-9a-f]{32}$/.test(callback_id));
        return rest;
      },
    ),
    [
      view("payment.reversed", "order-1", paid.body.payment_id, 61_000),
      view("payment.declined", "order-2", declined.body.payment_id, 60_000),
      view("payment.succeeded", "order-1", paid.body.payment_id, 30_000),
    ],
  );
  assertEquals(page.cursor, undefined);
});

Deno.test("GET /v1/callbacks/:id shows the very payment as it was then", async () => {
  await using app = await startCallbackApp();
  const till = await openTill(app);
  const { body: payment } = await till.pay("order-1");
  const declined = await till.pay("order-2", 1_000_000);
  app.clock.advance(1_000);
  await till.reverse("order-1");
  const now = await till.shop.must(
    200,
    "GET",
    `payments/${payment.payment_id}`,
  );
  const { callbacks: all } = await till.list();
  const events = [];
  for (const { callback_id } of all) {
    const detail = await till.shop.must(200, "GET", `callbacks/${callback_id}`);
    getCallback.answers[200].schema.parse(detail);
    const { payload, attempts, attempts_dropped, ...view } = detail;
    assertEquals([attempts, attempts_dropped], [[], 0]);
    // deno-lint-ignore no-explicit-any
    assertEquals(view, all.find((it: any) => it.callback_id === callback_id));
    events.push(paymentEvent.parse(JSON.parse(payload)));
    assertEquals(events.at(-1)!.timestamp, view.created_at);
  }
  const [reversal, decline, success] = events;
  assertEquals(success!.data, payment);
  assertEquals(reversal!.data, now);
  assertEquals(
    [decline!.data.status, decline!.data.payment_id],
    ["declined", declined.body.payment_id],
  );
  // What comes out of order can be told by this.
  assert(reversal!.data.order_version > success!.data.order_version);
});

Deno.test("GET /v1/callbacks keeps to a status and to an order", async () => {
  await using app = await startCallbackApp();
  const till = await openTill(app);
  for (const order of ["order-1", "order-2"]) await till.pay(order);
  await till.reverse("order-1");
  const types = async (query: string) =>
    // deno-lint-ignore no-explicit-any
    (await till.list(query)).callbacks.map((it: any) =>
      `${it.order_id} ${it.type}`
    );
  assertEquals(await types("?order_id=order-1"), [
    "order-1 payment.reversed",
    "order-1 payment.succeeded",
  ]);
  assertEquals(await types("?order_id=order-2&status=pending"), [
    "order-2 payment.succeeded",
  ]);
  assertEquals((await types("?status=pending")).sort(), [
    "order-1 payment.reversed",
    "order-1 payment.succeeded",
    "order-2 payment.succeeded",
  ]);
  for (
    const query of [
      "?status=delivered",
      "?status=dead",
      "?order_id=order-1&status=dead",
      "?order_id=order-9",
      "?order_id=ORDER-1",
      "?order_id=*",
    ]
  ) {
    assertEquals(await types(query), [], query);
  }
});

Deno.test("GET /v1/callbacks pages through all of them, each once", async () => {
  await using app = await startCallbackApp();
  const till = await openTill(app);
  const orders = Array.from({ length: 60 }, (_, i) => `order-${i}`);
  for (const order of orders) {
    assertEquals((await till.pay(order)).status, 201);
    // Two that ended in one millisecond, too.
    if (order === "order-30") await till.reverse("order-29");
  }
  for (const query of ["", "status=pending"]) {
    const found = await pages(till.shop, query);
    assertEquals(found.map(({ length }) => length), [50, 11], query);
    const ids = found.flat().map((it) => it.callback_id);
    assertEquals(new Set(ids).size, 61);
    if (query !== "") continue;
    const times = found.flat().map((it) => it.created_at);
    assertEquals(times, times.toSorted().reverse());
  }
  // A cursor is good for the query that gave it, and for its merchant.
  const { cursor } = await till.list();
  const refusals = [
    `?cursor=${cursor}&order_id=order-1`,
    "?cursor=AAAA",
    `?cursor=${encodeBase64Url('["0",1,"cb_1"]')}`,
    `?cursor=${encodeBase64Url('["0",-1,"cb_' + "0".repeat(32) + '"]')}`,
    `?cursor=${encodeBase64Url('["9",1,"cb_' + "0".repeat(32) + '"]')}`,
    `?cursor=${encodeBase64Url('["__proto__",1,"cb_' + "0".repeat(32) + '"]')}`,
  ];
  for (const query of refusals) {
    const { status, body } = await till.shop.call("GET", `callbacks${query}`);
    assertEquals(
      [status, body.code, body.detail],
      [
        400,
        "malformed-request",
        "cursor must be one that a page of the same query gave.",
      ],
      query,
    );
  }
  const other = await Shop.open(app.api);
  const page = await other.must(200, "GET", `callbacks?cursor=${cursor}`);
  assertEquals(page, { callbacks: [] });
  const text = new TextDecoder().decode(decodeBase64Url(cursor));
  assertEquals(text.includes(till.shop.merchant.id), false);
});

Deno.test("without an endpoint a payment makes no callback", async () => {
  await using app = await startCallbackApp();
  const till = await openTill(app);
  await till.shop.must(204, "DELETE", "callback-endpoint");
  assertEquals((await till.pay("order-1")).status, 201);
  assertEquals(await till.list(), { callbacks: [] });
  // One that comes later is told what ends from then on.
  await till.shop.register(NOWHERE);
  await till.reverse("order-1");
  const { callbacks: all } = await till.list();
  // deno-lint-ignore no-explicit-any
  assertEquals(all.map((it: any) => it.type), ["payment.reversed"]);
});

Deno.test("a merchant cannot list, read or replay another's callbacks", async () => {
  await using app = await startCallbackApp();
  const b = await openTill(app);
  const a = await Shop.open(app.api);
  await b.pay("order-1");
  const [{ callback_id, created_at }] = (await b.list()).callbacks;
  const before = dumpStore(app.path);
  assertEquals(await a.must(200, "GET", "callbacks"), { callbacks: [] });
  for (
    const query of [
      "order_id=order-1",
      "status=pending",
      `merchant_id=${b.shop.merchant.id}`,
    ]
  ) {
    const { status, body } = await a.call("GET", `callbacks?${query}`);
    assertEquals(
      [status, body.callbacks ?? body.code],
      query.startsWith("merchant") ? [400, "malformed-request"] : [200, []],
    );
  }
  for (
    const [method, path] of [
      ["GET", `callbacks/${callback_id}`],
      ["POST", `callbacks/${callback_id}/replays`],
    ] as const
  ) {
    const { status, body } = await a.call(method, path);
    assertEquals([status, body.code], [404, "not-found"], path);
  }
  for (const status of ["delivered", "dead"]) {
    const range = { since: created_at, until: created_at, status };
    const answer = await a.must(202, "POST", "callback-replays", range);
    assertEquals(replayCallbacks.answers[202].schema.parse(answer), {
      replayed: 0,
      more: false,
    });
  }
  assertEquals(dumpStore(app.path), before);
  await b.shop.must(200, "GET", `callbacks/${callback_id}`);
});

Deno.test("POST /v1/callbacks/:id/replays leaves what is about to be sent as it is", async () => {
  await using app = await startCallbackApp();
  const till = await openTill(app);
  await till.pay("order-1");
  const [view] = (await till.list()).callbacks;
  const path = `callbacks/${view.callback_id}/replays`;
  const answer = await till.shop.must(202, "POST", path);
  assertEquals(callback.parse(answer), view);
  for (const id of ["replays", "cb_0", `cb_${"0".repeat(32)}`]) {
    const { status, body } = await till.shop.call(
      "POST",
      `callbacks/${id}/replays`,
    );
    assertEquals([status, body.code], [404, "not-found"], id);
  }
});

Deno.test("POST /v1/callback-replays takes every time that is one, and says what is wrong with another", async () => {
  await using app = await startCallbackApp();
  const shop = await Shop.open(app.api);
  const post = (since: string, until: string) =>
    shop.call("POST", "callback-replays", { since, until, status: "dead" });
  const first = "0001-01-01T00:00:00Z";
  for (
    const [since, until] of [
      [first, first],
      [first, "9999-12-31T23:59:59Z"],
      ["1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"],
    ] as const
  ) {
    const { status, body } = await post(since, until);
    assertEquals([status, body], [202, { replayed: 0, more: false }], since);
  }
  const { body } = await post("yesterday", "2026-01-15T12:00:00Z");
  assertEquals(
    body.detail,
    "since must be an RFC 3339 time such as 2026-01-31T12:00:00Z",
  );
});
