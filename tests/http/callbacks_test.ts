import { assert, assertEquals } from "@std/assert";
import { decodeBase64Url, encodeBase64Url } from "@std/encoding/base64url";
import {
  callback,
  callbackDetail,
  callbacks,
  paymentEvent,
  replayed,
} from "../../edge/http/callback_schemas.ts";
import type { TestApp } from "../support/app.ts";
import {
  headerOf,
  isSignedBy,
  Shop,
  startCallbackApp,
  takeAt,
} from "../support/callback_shop.ts";
import { answers } from "../support/hostile_behaviors.ts";
import { startHostileReceiver } from "../support/hostile_receiver.ts";
import { Inbox } from "../../scripts/till/inbox.ts";
import { setScene } from "../support/scene.ts";
import { dumpStore } from "../support/store_dump.ts";

const NOON = "2026-01-15T12:00:00.000Z";
const STEP_MS = 30_000;
const DAY_MS = 86_400_000;
const NOWHERE = "http://127.0.0.1:9/offcode";

/** A shop whose payments end as the test wants. */
async function openTill(app: TestApp, url = NOWHERE) {
  const { merchant, phone } = await setScene(app.api);
  const shop = new Shop(app.api, merchant);
  const secret = await shop.register(url);
  return {
    shop,
    secret,
    /** Pays an order with the phone's next code; the payment. */
    async pay(orderId: string, amountMinor = 1) {
      app.clock.advance(STEP_MS);
      return await shop.call("POST", "payments", {
        code: phone.code(app.clock.ms),
        order_id: orderId,
        amount_minor: amountMinor,
        currency: "EUR",
      });
    },
    reverse: (orderId: string) =>
      shop.must(200, "POST", "reversals", { order_id: orderId }),
    list: (query = "") => shop.must(200, "GET", `callbacks${query}`),
  };
}

/** All pages of a list. */
async function pages(
  shop: Shop,
  query: string,
  // deno-lint-ignore no-explicit-any
): Promise<any[][]> {
  // deno-lint-ignore no-explicit-any
  const found: any[][] = [];
  let cursor: string | undefined;
  do {
    const page = await shop.must(
      200,
      "GET",
      `callbacks?${query}${cursor === undefined ? "" : `&cursor=${cursor}`}`,
    );
    callbacks.parse(page);
    found.push(page.callbacks);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

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
  callbacks.parse(page);
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
    callbackDetail.parse(detail);
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
    const answer = await a.must(202, "POST", "callbacks/replays", range);
    assertEquals(replayed.parse(answer), { replayed: 0, more: false });
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

Deno.test("a delivery is what the list said, once, and shows what came back", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  const { body: payment } = await till.pay("order-1");
  const [waiting] = (await till.list()).callbacks;
  receiver.next(answers(200, {}, "noted"));
  app.clock.advance(1_000);
  await app.dispatcher.dispatch();
  await app.dispatcher.dispatch();
  const [request, ...more] = receiver.requests;
  assertEquals(more, []);
  assert(isSignedBy(till.secret, request!, app.clock.ms));
  assertEquals(headerOf(request!, "webhook-id"), waiting.callback_id);
  const at = new Date(app.clock.ms).toISOString();
  const { next_attempt_at: _, ...rest } = waiting;
  const detail = await till.shop.must(
    200,
    "GET",
    `callbacks/${waiting.callback_id}`,
  );
  callbackDetail.parse(detail);
  assertEquals(detail, {
    ...rest,
    status: "delivered",
    tries: 1,
    ended_at: at,
    payload: request!.body,
    attempts: [{ at, duration_ms: 0, status: 200, response: "noted" }],
    attempts_dropped: 0,
  });
  assertEquals(takeAt(new Inbox(till.secret), request!, app.clock.ms), {
    kind: "new",
    event: {
      id: waiting.callback_id,
      type: "payment.succeeded",
      timestamp: waiting.created_at,
      payment: {
        payment_id: payment.payment_id,
        order_id: "order-1",
        order_version: payment.order_version,
        status: "succeeded",
        amount_minor: 1,
        currency: "EUR",
      },
    },
  });
});

Deno.test("what was given up is dead, and comes again under its id when it is replayed", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  receiver.rule = ({ body }) => answers(body.includes("bad") ? 500 : 204);
  await till.pay("order-bad");
  const [{ callback_id }] = (await till.list("?order_id=order-bad")).callbacks;
  const path = `callbacks/${callback_id}`;
  // What succeeds meanwhile tells that the endpoint is not down.
  for (let i = 0; i < 13; i++) {
    await app.dispatcher.dispatch();
    app.clock.advance(1.3 * DAY_MS);
    await till.pay(`order-${i}`);
  }
  await app.dispatcher.dispatch();
  const tried = receiver.requests.filter(({ body }) => body.includes("bad"));
  assertEquals(tried.length, 13);
  const detail = await till.shop.must(200, "GET", path);
  callbackDetail.parse(detail);
  assertEquals(
    [detail.status, detail.tries, detail.attempts.length],
    ["dead", 13, 13],
  );
  assert(detail.dead_reason.length > 0 && detail.ended_at !== undefined);
  const dead = await till.list("?status=dead");
  // deno-lint-ignore no-explicit-any
  assertEquals(dead.callbacks.map((it: any) => it.callback_id), [callback_id]);
  assertEquals((await pages(till.shop, "status=delivered")).flat().length, 13);

  // One by one.
  receiver.rule = () => answers(204);
  const queued = await till.shop.must(202, "POST", `${path}/replays`);
  callback.parse(queued);
  assertEquals([queued.status, queued.tries], ["pending", 0]);
  assertEquals(await till.list("?status=dead"), { callbacks: [] });
  await app.dispatcher.dispatch();
  const after = await till.shop.must(200, "GET", path);
  assertEquals(
    [after.status, after.dead_reason, after.attempts.length],
    ["delivered", undefined, 14],
  );
  const all = receiver.requests.filter(({ body }) => body.includes("bad"));
  assertEquals(all.length, 14);
  assertEquals(new Set(all.map(({ body }) => body)).size, 1);
  assertEquals(
    new Set(all.map((it) => headerOf(it, "webhook-id"))),
    new Set([callback_id]),
  );
  // A try of weeks later verifies, too.
  assert(isSignedBy(till.secret, all.at(-1)!, app.clock.ms));
});

Deno.test("POST /v1/callbacks/replays sends a range again, and a shop knows it", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  const inbox = new Inbox(till.secret);
  let read = 0;
  /** What the shop makes of what came since it was asked. */
  const kinds = () => {
    const fresh = receiver.requests.slice(read);
    read = receiver.requests.length;
    return fresh.map((it) => takeAt(inbox, it, app.clock.ms).kind);
  };
  const times: string[] = [];
  for (const order of ["order-1", "order-2", "order-3"]) {
    await till.pay(order);
    times.push(new Date(app.clock.ms).toISOString());
  }
  await app.dispatcher.dispatch();
  assertEquals(kinds(), ["new", "new", "new"]);
  const replay = async (
    since: string,
    until: string,
    status = "delivered",
  ) => {
    const range = { since, until, status };
    const answer = await till.shop.must(
      202,
      "POST",
      "callbacks/replays",
      range,
    );
    replayed.parse(answer);
    await app.dispatcher.dispatch();
    const found = kinds();
    assertEquals(answer, { replayed: found.length, more: false });
    return found;
  };
  // Both ends are in it.
  assertEquals(await replay(times[0]!, times[1]!), ["repeat", "repeat"]);
  assertEquals(await replay(times[2]!, times[2]!), ["repeat"]);
  assertEquals(await replay(times[0]!, times[2]!, "dead"), []);
  assertEquals(
    await replay("2026-01-15T00:00:00Z", "2026-01-15T12:00:29.999Z"),
    [],
  );
  assertEquals(
    // The same moments, written elsewhere.
    await replay("2026-01-15T13:00:00+01:00", "2026-01-15T14:00:00+01:00"),
    ["repeat", "repeat", "repeat"],
  );
  for (const [since, until] of [[times[1], times[0]], ["1", "2"]]) {
    const { status, body } = await till.shop.call("POST", "callbacks/replays", {
      since,
      until,
      status: "dead",
    });
    assertEquals([status, body.code], [400, "malformed-request"]);
  }
});

Deno.test("an event that was overtaken can be told by its order_version", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  const inbox = new Inbox(till.secret);
  await till.pay("order-1");
  receiver.next(answers(503));
  await app.dispatcher.dispatch();
  await till.reverse("order-1");
  await app.dispatcher.dispatch();
  app.clock.advance(10_000);
  await app.dispatcher.dispatch();
  // The first try was taken by nobody: the shop was down.
  const taken = receiver.requests.slice(1).map((it) =>
    takeAt(inbox, it, Number(headerOf(it, "webhook-timestamp")) * 1000)
  );
  assertEquals(
    taken.map((it) => [it.kind, it.kind !== "refused" && it.event.type]),
    [["new", "payment.reversed"], ["outdated", "payment.succeeded"]],
  );
});

Deno.test("an endpoint that is gone is disabled, says so, and takes all of it when it is back", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  await till.pay("order-1");
  receiver.next(answers(410));
  await app.dispatcher.dispatch();
  const view = await till.shop.must(200, "GET", "callback-endpoint");
  assertEquals([view.status, view.disabled_reason], ["disabled", "gone"]);
  await till.pay("order-2");
  app.clock.advance(DAY_MS);
  await app.dispatcher.dispatch();
  assertEquals(receiver.requests.length, 1);
  const waiting = (await till.list()).callbacks;
  assertEquals(
    // deno-lint-ignore no-explicit-any
    waiting.map((it: any) => [it.status, it.next_attempt_at]),
    [["pending", undefined], ["pending", undefined]],
  );
  const back = await till.shop.must(200, "PUT", "callback-endpoint", {
    url: receiver.url,
  });
  assertEquals(
    [back.status, back.disabled_reason, back.endpoint_id],
    ["active", undefined, view.endpoint_id],
  );
  await app.dispatcher.dispatch();
  assertEquals((await till.list("?status=delivered")).callbacks.length, 2);
  assert(isSignedBy(till.secret, receiver.requests.at(-1)!, app.clock.ms));
});

Deno.test("an endpoint that fails says since when, until a 2xx comes", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, receiver.url);
  await till.pay("order-1");
  receiver.next(answers(500));
  await app.dispatcher.dispatch();
  const since = new Date(app.clock.ms).toISOString();
  const failing = async () =>
    (await till.shop.must(200, "GET", "callback-endpoint")).failing_since;
  assertEquals(await failing(), since);
  app.clock.advance(10_000);
  await app.dispatcher.dispatch();
  assertEquals(receiver.requests.length, 2);
  assertEquals(await failing(), undefined);
});

Deno.test("what waits for an endpoint that was replaced goes to the next one, under its secret", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const till = await openTill(app, `${receiver.url}/500`);
  await till.pay("order-1");
  await app.dispatcher.dispatch();
  await till.shop.must(204, "DELETE", "callback-endpoint");
  app.clock.advance(DAY_MS);
  await app.dispatcher.dispatch();
  assertEquals(receiver.requests.length, 1);
  const secret = await till.shop.register(`${receiver.url}/204`);
  await app.dispatcher.dispatch();
  const [first, second, ...more] = receiver.requests;
  assertEquals(more, []);
  assertEquals(second!.path, "/204");
  assertEquals(
    headerOf(second!, "webhook-id"),
    headerOf(first!, "webhook-id"),
  );
  assertEquals(isSignedBy(secret, second!, app.clock.ms), true);
  assertEquals(isSignedBy(till.secret, second!, app.clock.ms), false);
});
