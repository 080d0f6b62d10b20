import { assert, assertEquals } from "@std/assert";
import { listAlarms } from "../../edge/http/native/admin/watch/alarms.ts";
import { listCallbackQueues } from "../../edge/http/native/admin/watch/callback_queues.ts";
import { listDuePayments } from "../../edge/http/native/admin/watch/due_payments.ts";
import { findOrders } from "../../edge/http/native/admin/watch/orders.ts";
import { answers } from "../support/callback/hostile/hostile_behaviors.ts";
import { startHostileReceiver } from "../support/callback/hostile/hostile_receiver.ts";
import { openTill, startCallbackApp } from "../support/callback/shop.ts";
import { FaultyStore } from "../support/store/faulty_store.ts";
import { accountKey, merchantKey } from "../../edge/store/keys.ts";
import { storeEndpoint } from "../support/callback/queue.ts";
import { testCells } from "../support/store/cells.ts";
import type { Api } from "../support/world/api.ts";
import { NOON_MS, startApp } from "../support/world/app.ts";
import { openDesk } from "../support/world/desk.ts";

/** What an administrator gets. */
const get = (api: Api, path: string) =>
  api.must(200, "GET", `/v1/admin/${path}`, { key: api.adminKey });

/** The one order that is found, as the document says. */
async function findOne(api: Api, query: string) {
  const body = findOrders.answers[200].schema.parse(
    await get(api, `orders?${query}`),
  );
  assertEquals(body.orders.length, 1, query);
  return body.orders[0]!;
}

const at = (ms: number) => new Date(ms).toISOString();

Deno.test("GET /v1/admin/orders finds an order by its id and by any of its payments, with its life", async () => {
  await using desk = await openDesk();
  const { api, clock, merchant, phone } = desk;
  await storeEndpoint(desk.app.store, merchant.id);
  // A first try that is declined, one that is paid, and a refund of a part.
  const declined = await desk.pay("order-1", desk.code(), {
    amount_minor: 1e6,
    terminal_id: "till-3",
  });
  assertEquals(declined.body.code, "payment-declined");
  await api.setBalance(phone.accountId, 2_000_000);
  const paid = await desk.pay("order-1", desk.next(), { amount_minor: 1e6 });
  assertEquals(paid.status, 201);
  clock.advance(60_000);
  await desk.refund("order-1", "refund-1", 100);
  const of = `order_id=order-1&merchant_id=${merchant.id}`;
  const life = await findOne(api, of);
  assertEquals([life.merchant_id, life.order_id, life.state], [
    ...[merchant.id, "order-1", "paid"],
  ]);
  assertEquals(
    life.payments.map((it) => [
      ...[it.payment_id, it.status, it.amount_minor, it.account_id],
      ...[it.terminal_id, it.decline_reason],
    ]),
    [
      [
        ...[declined.body.payment_id, "declined", 1e6, phone.accountId],
        ...["till-3", "insufficient_funds"],
      ],
      [
        ...[paid.body.payment_id, "succeeded", 1e6, phone.accountId],
        ...[undefined, undefined],
      ],
    ],
  );
  assertEquals(
    life.steps.map((it) => [it.at, it.step, it.reason ?? it.refund_id]),
    [
      [at(NOON_MS), "accepted", undefined],
      [at(NOON_MS), "declined", "insufficient_funds"],
      [at(NOON_MS), "callback_queued", undefined],
      [at(NOON_MS + 30_000), "accepted", undefined],
      [at(NOON_MS + 30_000), "succeeded", undefined],
      [at(NOON_MS + 30_000), "callback_queued", undefined],
      [at(NOON_MS + 90_000), "refund_asked", "refund-1"],
      [at(NOON_MS + 90_000), "refund_succeeded", "refund-1"],
      [at(NOON_MS + 90_000), "callback_queued", undefined],
    ],
  );
  for (const { payment_id } of life.payments) {
    assertEquals(await findOne(api, `payment_id=${payment_id}`), life);
  }
});

Deno.test("GET /v1/admin/orders asks at every merchant, and finds nothing by what is not there", async () => {
  await using desk = await openDesk();
  const { api, merchant } = desk;
  // More than a page of merchants, of which the last one is the other.
  for (let i = 0; i < 100; i++) await api.merchant();
  desk.clock.advance(30_000);
  const other = await api.merchant("Another Shop");
  const { body: paid } = await desk.pay("order-1", desk.code());
  await desk.pay("order-1", desk.next(), {}, other);
  const { orders } = await get(api, "orders?order_id=order-1");
  assertEquals(
    orders.map((it: { merchant_id: string }) => it.merchant_id).sort(),
    [merchant.id, other.id].sort(),
  );
  // What is not there is not there, and the rest of an id proves nothing.
  const tail = paid.payment_id.slice(0, -1);
  const wrong = tail + (paid.payment_id.endsWith("0") ? "1" : "0");
  for (
    const query of [
      ...["order_id=order-2", `payment_id=${wrong}`, "payment_id=pay_0"],
      "order_id=order-1&merchant_id=mer_0",
    ]
  ) assertEquals(await get(api, `orders?${query}`), { orders: [] }, query);
  for (const query of ["", "?merchant_id=mer_0", "?payment_id=a&order_id=b"]) {
    const { body } = await api.call("GET", `/v1/admin/orders${query}`, {
      key: api.adminKey,
    });
    assertEquals(body.code, "malformed-request", query);
  }
});

Deno.test("a life says how a payment was reversed, and that an order was closed before it was seen", async () => {
  await using desk = await openDesk();
  const { api, clock } = desk;
  await desk.pay("order-1", desk.code());
  clock.advance(5_000);
  await desk.reverse("order-1");
  await desk.reverse("order-2");
  const steps = async (orderId: string) =>
    (await findOne(api, `order_id=${orderId}`)).steps
      .map((it) => [Date.parse(it.at) - NOON_MS, it.step]);
  assertEquals(await steps("order-1"), [
    ...[[0, "accepted"], [0, "succeeded"], [5_000, "reversed"]],
  ]);
  assertEquals(await steps("order-2"), [[5_000, "closed_unseen"]]);
});

Deno.test("over many cells everything is found, and a life names the cells", async () => {
  const cells = testCells(8);
  await using desk = await openDesk({ cells: 8 });
  const { api, merchant, phone } = desk;
  for (let i = 0; i < 4; i++) await api.merchant();
  await desk.pay("order-1", desk.code());
  desk.ledger.debits = desk.ledger.queries = "unheard";
  await desk.pay("order-2", desk.next());
  const life = await findOne(api, "order_id=order-1");
  assertEquals(life.cell, cells.cellOf(merchantKey(merchant.id)) ?? undefined);
  assertEquals(
    life.payments.map((it) => it.cell),
    [cells.cellOf(accountKey(phone.accountId)) ?? undefined],
  );
  const { payments } = await get(api, "due-payments");
  assertEquals(payments.length, 1);
  await storeEndpoint(desk.app.store, merchant.id);
  assertEquals((await get(api, "callback-queues")).queues.length, 1);
  const text = await get(api, "metrics");
  assert(text.includes("\noffcode_store_cells 8\n"));
});

Deno.test("GET /v1/admin/due-payments lists what is under way, those that are due first", async () => {
  await using desk = await openDesk();
  const { api, clock } = desk;
  await desk.pay("order-1", desk.code());
  desk.ledger.debits = desk.ledger.queries = "unheard";
  const { body } = await desk.pay("order-2", desk.next());
  assertEquals(body.code, "payment-pending");
  const { payments } = listDuePayments.answers[200].schema.parse(
    await get(api, "due-payments"),
  );
  assertEquals(payments.map((it) => [it.order_id, it.status, it.created_at]), [
    ["order-2", "processing", at(clock.ms)],
  ]);
  assert(Date.parse(payments[0]!.due_at) > clock.ms);
});

Deno.test("an operator sees the queues of callbacks, and sends a dead one again", async () => {
  await using app = await startCallbackApp();
  await using receiver = startHostileReceiver();
  const { api, clock } = app;
  const till = await openTill(app, receiver.url);
  await api.merchant("Without an endpoint");
  const queue = async () => {
    const { queues } = listCallbackQueues.answers[200].schema.parse(
      await get(api, "callback-queues"),
    );
    assertEquals(queues.map((it) => it.merchant_id), [till.shop.merchant.id]);
    return queues[0]!;
  };
  receiver.rule = () => answers(500, {}, "<b>down</b>");
  await till.pay("order-1");
  const { waiting, dead, breaker, ...rest } = await queue();
  assertEquals([waiting, dead, breaker], [1, 0, "closed"]);
  assertEquals(
    [rest.endpoint, rest.url, rest.due_at, rest.failing_since],
    ["active", receiver.url, at(clock.ms), undefined],
  );
  const firstMs = clock.ms;
  for (let i = 0; i < 5; i++) {
    await app.dispatcher.dispatch();
    clock.advance(3_600_000);
  }
  const failing = await queue();
  assertEquals([failing.breaker, failing.failing_since], ["open", at(firstMs)]);
  assert(failing.next_probe_at !== undefined);
  // What succeeds in between tells that the endpoint is not down.
  receiver.rule = ({ body }) => answers(body.includes("order-1") ? 500 : 204);
  for (let i = 2; i < 16; i++) {
    await app.dispatcher.dispatch();
    clock.advance(1.3 * 86_400_000);
    await till.pay(`good-${i}`);
  }
  await app.dispatcher.dispatch();
  assertEquals((await queue()).dead, 1);
  const path = `callbacks?merchant_id=${till.shop.merchant.id}&status=dead`;
  const { callbacks: [given] } = await get(api, path);
  assertEquals([given.order_id, given.status], ["order-1", "dead"]);
  const life = await findOne(api, "order_id=order-1");
  const ofCallback = life.steps.filter((it) => it.callback_id !== undefined);
  assertEquals(
    [ofCallback[0]!.step, ofCallback.at(-1)!.step],
    ["callback_queued", "callback_dead"],
  );
  assertEquals(
    ofCallback.find(({ step }) => step === "callback_attempt")!.response,
    "<b>down</b>",
  );

  receiver.rule = () => answers(204);
  const again = `/v1/admin/callbacks/${given.callback_id}/replays`;
  const key = api.adminKey;
  const replayed = await api.must(202, "POST", again, { key });
  assertEquals([replayed.status, replayed.tries], ["pending", 0]);
  await app.dispatcher.dispatch();
  const last = (await findOne(api, "order_id=order-1")).steps.at(-1)!;
  assertEquals(last.step, "callback_delivered");
  assertEquals((await queue()).dead, 0);
  for (const id of ["cb_0", `cb_${"0".repeat(32)}`]) {
    const path = `/v1/admin/callbacks/${id}/replays`;
    const { body } = await api.call("POST", path, { key });
    assertEquals(body.code, "not-found");
  }
});

Deno.test("GET /v1/admin/metrics is the text of /metrics, and an alarm is in GET /v1/admin/alarms under its fault", async () => {
  let faulty: FaultyStore;
  await using app = await startApp({
    wrapStore: (store) => faulty = new FaultyStore(store),
  });
  const { api, clock } = app;
  const key = await api.metricsKey();
  const of = (text: string) =>
    text.split("\n").filter((it) => it.startsWith("offcode_events_total"));
  assertEquals(
    of(await get(api, "metrics")),
    of(await api.must(200, "GET", "/metrics", { key })),
  );
  const alarms = async () => {
    const { alarms, watched_seconds } = listAlarms.answers[200].schema.parse(
      await get(api, "alarms"),
    );
    const loud = alarms.filter((it) => /pending|firing/.test(it.state));
    return [watched_seconds, loud.map((it) => [it.name, it.state, it.cases])];
  };
  assertEquals(await alarms(), [0, []]);
  faulty!.plan({ at: 0, mode: "before", onwards: true });
  for (let i = 0; i < 10; i++) await api.call("GET", "/readyz");
  clock.advance(20_000);
  const firing = { state: "firing" as const, labels: {} };
  assertEquals(await alarms(), [20, [
    ["OffcodeAnswersFailing", "pending", [
      { labels: {}, state: "pending", seconds: 0 },
    ]],
    ["OffcodeStoreAway", "firing", [{ ...firing, seconds: 0 }]],
  ]]);
});
