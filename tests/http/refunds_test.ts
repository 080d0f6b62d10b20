import { assert, assertEquals } from "@std/assert";
import { MOST_REFUNDS } from "../../edge/payment/refunds.ts";
import { NOON_VERSION } from "../support/world/app.ts";
import {
  type Desk,
  limited,
  openDesk,
  said,
  stateOf,
  tally,
} from "../support/world/desk.ts";
import { peekOrder } from "../support/world/peek.ts";
import { storedCallbacks, storeEndpoint } from "../support/callback/queue.ts";

const DAY_MS = 24 * 3_600_000;

/** A desk where order-1 of 12.50 EUR is paid. */
async function openPaid(
  ...options: Parameters<typeof openDesk>
): Promise<Desk> {
  const desk = await openDesk(...options);
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  return desk;
}

/** Status and version of the payment, and what is left of 12.50 EUR. */
const paymentOf = async (desk: Desk) => {
  const { body } = await desk.query("order-1");
  const { status, refunded_minor, order_version } = body;
  return [status, refunded_minor, order_version - NOON_VERSION];
};

Deno.test("POST /v1/refunds gives a part back, and says so again and again", async () => {
  await using desk = await openPaid();
  const { payment_id } = (await desk.query("order-1")).body;
  desk.clock.advance(DAY_MS);
  const { status, body } = await desk.refund("order-1", "r-1", 500);
  const refund = {
    refund_id: "r-1",
    order_id: "order-1",
    payment_id,
    status: "succeeded",
    amount_minor: 500,
    currency: "EUR",
    refunded_minor: 500,
    order_version: NOON_VERSION + 4,
    created_at: "2026-01-16T12:00:00.000Z",
    updated_at: "2026-01-16T12:00:00.000Z",
  };
  assertEquals([status, body], [201, refund]);
  assertEquals(await desk.balance(), 9_250);
  for (const afterMs of [0, DAY_MS, 350 * DAY_MS]) {
    desk.clock.advance(afterMs);
    const again = await desk.refund("order-1", "r-1", 500);
    assertEquals([again.status, again.body], [200, {
      ...refund,
      repeat: true,
    }]);
    assertEquals((await desk.getRefund("r-1")).body, refund);
    assertEquals(await desk.balance(), 9_250);
  }
  // Asked once, and then known.
  assertEquals(desk.ledger.calls, ["debit", "refund"]);
  const paid = (await desk.query("order-1")).body;
  assertEquals(
    [paid.status, paid.refunded_minor, paid.updated_at, paid.refunds],
    ["succeeded", 500, "2026-01-16T12:00:00.000Z", [{
      refund_id: "r-1",
      status: "succeeded",
      amount_minor: 500,
      created_at: "2026-01-16T12:00:00.000Z",
    }]],
  );
});

Deno.test("POST /v1/refunds gives back all there is by several, and no more", async () => {
  await using desk = await openPaid();
  assertEquals(said(await desk.refund("order-1", "r-1", 500)), "201");
  const tooMuch = await desk.refund("order-1", "r-2", 751);
  assertEquals(
    [
      ...[tooMuch.status, said(tooMuch), tooMuch.body.reason],
      ...[tooMuch.body.refundable_minor, tooMuch.body.currency],
      tooMuch.body.cashier.en,
    ],
    [
      ...[409, "refund-refused", "exceeds_payment", 750, "EUR"],
      "At most 7.50 EUR of this order can still be refunded.",
    ],
  );
  // What was refused was not written, so the name is free.
  assertEquals(said(await desk.getRefund("r-2")), "not-found");
  assertEquals(await paymentOf(desk), ["succeeded", 500, 4]);
  assertEquals(said(await desk.refund("order-1", "r-2", 750)), "201");
  assertEquals(await paymentOf(desk), ["refunded", 1250, 6]);
  assertEquals(await desk.balance(), 10_000);
  const none = await desk.refund("order-1", "r-3", 1);
  assertEquals([none.status, said(none)], [409, "order-refunded"]);
  assertEquals(said(await desk.refund("order-1", "r-1", 500)), "200");
});

Deno.test("a paid order with refunds answers its till by what is left of it", async () => {
  await using desk = await openPaid();
  const code = desk.code();
  await desk.refund("order-1", "r-1", 1_249);
  const partly = await desk.pay("order-1", code);
  assertEquals(
    [partly.status, partly.body.repeat, partly.body.refunded_minor],
    [200, true, 1_249],
  );
  await desk.refund("order-1", "r-2", 1);
  for (const code of [desk.code(), desk.next(), "smudged"]) {
    const wholly = await desk.pay("order-1", code);
    assertEquals([wholly.status, said(wholly), wholly.body.retry], [
      ...[409, "order-refunded", "never"],
    ]);
  }
  assertEquals(await desk.balance(), 10_000);
});

Deno.test("POST /v1/refunds refuses a name that is known with other contents", async () => {
  await using desk = await openPaid();
  await desk.pay("order-2", desk.next());
  await desk.refund("order-1", "r-1", 500);
  for (
    const [order, amount] of [["order-1", 501], ["order-2", 500]] as const
  ) {
    const { status, body } = await desk.refund(order, "r-1", amount);
    assertEquals(
      [status, body.code, body.order_id, body.refund_id],
      [409, "refund-conflict", order, "r-1"],
    );
  }
  assertEquals(await desk.balance(), 8_000);
  // Another merchant's names are its own.
  const other = await desk.api.merchant("Another Shop");
  assertEquals(said(await desk.getRefund("r-1", other)), "not-found");
  const theirs = await desk.refund("order-1", "r-1", 500, other);
  assertEquals([theirs.status, said(theirs), theirs.body.retry], [
    ...[404, "not-found", "query"],
  ]);
  await desk.pay("order-1", desk.next(), {}, other);
  assertEquals(said(await desk.refund("order-1", "r-1", 1, other)), "201");
});

Deno.test("50 refunds at once give back no more than was paid", async () => {
  await using desk = await openPaid();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => desk.refund("order-1", `r-${i}`, 100)),
  );
  const { "201": given, ...refusals } = tally(answers);
  assertEquals([given, refusals], [12, { "refund-refused": 38 }]);
  assertEquals(await desk.balance(), 9_950);
  assertEquals(await paymentOf(desk), ["succeeded", 1_200, 26]);
  assertEquals(await desk.app.sweeper.sweep(), { due: 0, ended: 0 });
});

Deno.test("one refund 50 times at once gives back once", async () => {
  await using desk = await openPaid();
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => desk.refund("order-1", "r-1", 100)),
  );
  // Those that come in one moment are one request that arrives twice.
  assert(answers.every(({ status }) => status === 200 || status === 201));
  assertEquals((await desk.query("order-1")).body.refunds.length, 1);
  assertEquals(await desk.balance(), 8_850);
});

for (const refunds of ["unheard", "lost"] as const) {
  Deno.test(`a refund is not sure while its ledger call is ${refunds}, and goes on by itself`, async () => {
    for (const by of ["sweeper", "till"]) {
      await using desk = await openPaid();
      desk.ledger.refunds = refunds;
      const { status, body, headers } = await desk.refund("order-1", "r-1", 50);
      assertEquals(
        [status, body.code, body.retry, body.order_id, body.refund_id],
        [503, "ledger-unavailable", "same-order", "order-1", "r-1"],
      );
      assert(body.cashier.en.includes("The refund goes on by itself"));
      assertEquals(headers.get("retry-after"), "2");
      assertEquals(body.next_query_seconds, 2);
      assertEquals(await paymentOf(desk), ["succeeded", 0, 3]);
      const asked = (await desk.getRefund("r-1")).body;
      assertEquals([asked.status, asked.next_query_seconds], ["processing", 2]);
      // What is under way is not free for another refund.
      const other = await desk.refund("order-1", "r-2", 1_201);
      assertEquals(other.body.refundable_minor, 1_200);
      // Nor is the order reversed, by anybody.
      const reversed = await desk.reverse("order-1");
      assertEquals(said(reversed), "ledger-unavailable");
      assertEquals(reversed.body.next_query_seconds, 2);
      desk.ledger.refunds = "up";
      desk.clock.advance(10_000);
      if (by === "sweeper") {
        assertEquals(await desk.app.sweeper.sweep(), { due: 1, ended: 1 });
      } else {
        assertEquals(said(await desk.refund("order-1", "r-1", 50)), "200");
      }
      const ended = (await desk.getRefund("r-1")).body;
      assertEquals(ended.status, "succeeded");
      assertEquals(ended.next_query_seconds, undefined);
      assertEquals(await paymentOf(desk), ["succeeded", 50, 4]);
      assertEquals(await desk.balance(), 8_800);
      assertEquals(await desk.app.sweeper.sweep(), { due: 0, ended: 0 });
    }
  });
}

Deno.test("GET /v1/refunds starts nothing, and ends what the ledger has done", async () => {
  for (const refunds of ["unheard", "lost"] as const) {
    await using desk = await openPaid();
    desk.ledger.refunds = refunds;
    await desk.refund("order-1", "r-1", 50);
    desk.ledger.refunds = "up";
    const calls = ["debit", "refund"];
    assertEquals((await desk.getRefund("r-1")).body.status, "processing");
    assertEquals(desk.ledger.calls, calls);
    // Once the answer is overdue.
    desk.clock.advance(10_000);
    assertEquals(
      (await desk.getRefund("r-1")).body.status,
      refunds === "lost" ? "succeeded" : "processing",
    );
    assertEquals(desk.ledger.calls, [...calls, "query refund"]);
    assertEquals(await desk.balance(), refunds === "lost" ? 8_800 : 8_750);
  }
});

Deno.test("a refund that the ledger declines stays declined, and its amount is free", async () => {
  await using desk = await openPaid();
  desk.ledger.refusesRefunds = "account_closed";
  for (let i = 0; i < 2; i++) {
    const { status, body } = await desk.refund("order-1", "r-1", 1_250);
    assertEquals(
      [status, body.code, body.decline_reason, body.refund_id],
      [422, "refund-declined", "account_closed", "r-1"],
    );
    desk.ledger.refusesRefunds = null;
  }
  assertEquals(desk.ledger.calls, ["debit", "refund"]);
  const { status, decline_reason, refunded_minor } =
    (await desk.getRefund("r-1")).body;
  assertEquals([status, decline_reason, refunded_minor], [
    ...["declined", "account_closed", 0],
  ]);
  assertEquals(await paymentOf(desk), ["succeeded", 0, 4]);
  assertEquals(said(await desk.refund("order-1", "r-2", 1_250)), "201");
  assertEquals(await desk.balance(), 10_000);
});

Deno.test("POST /v1/reversals refuses an order with a refund, and says so", async () => {
  await using desk = await openPaid();
  await desk.refund("order-1", "r-1", 1);
  for (let i = 0; i < 2; i++) {
    const { status, body } = await desk.reverse("order-1");
    assertEquals(
      [status, body.code, body.retry, body.order_id],
      [409, "order-refunded", "never", "order-1"],
    );
  }
  assertEquals(desk.ledger.calls, ["debit", "refund"]);
  await desk.refund("order-1", "r-2", 1_249);
  assertEquals(said(await desk.reverse("order-1")), "order-refunded");
  assertEquals(await stateOf(desk), ["refunded", 6]);
});

Deno.test("POST /v1/reversals undoes an order whose refunds were all declined", async () => {
  await using desk = await openPaid();
  desk.ledger.refusesRefunds = "refused";
  // Also one that ends while it is reversed.
  desk.ledger.refunds = "lost";
  assertEquals(
    said(await desk.refund("order-1", "r-1", 5)),
    "ledger-unavailable",
  );
  desk.ledger.refunds = "up";
  assertEquals(said(await desk.reverse("order-1")), "200");
  assertEquals((await desk.getRefund("r-1")).body.status, "declined");
  assertEquals(await desk.balance(), 10_000);
  assertEquals(await stateOf(desk), ["reversed", 6]);
  assertEquals(
    said(await desk.refund("order-1", "r-2", 5)),
    "payment-reversed",
  );
});

Deno.test("POST /v1/refunds gives nothing back for what is not paid", async () => {
  await using desk = await openDesk();
  const ask = async () => said(await desk.refund("order-1", "r-1", 1));
  assertEquals(await ask(), "not-found");
  await desk.api.setBalance("alice", 0);
  await desk.pay("order-1", desk.code());
  assertEquals(await ask(), "payment-declined");
  await desk.api.setBalance("alice", 10_000);
  desk.ledger.debits = "unheard";
  await desk.pay("order-1", desk.next());
  assertEquals(await ask(), "payment-pending");
  desk.ledger.reversals = "unheard";
  await desk.reverse("order-1");
  assertEquals(await ask(), "payment-reversed");
  desk.ledger.reversals = "up";
  await desk.reverse("order-1");
  assertEquals(await ask(), "payment-reversed");
  await desk.reverse("order-2");
  assertEquals(
    said(await desk.refund("order-2", "r-2", 1)),
    "not-found",
  );
  assertEquals(desk.ledger.calls.includes("refund"), false);
});

Deno.test("POST /v1/refunds ends with its days, and what began before goes on", async () => {
  await using desk = await openPaid({ settings: { refundMs: 30 * DAY_MS } });
  desk.clock.advance(30 * DAY_MS);
  desk.ledger.refunds = "unheard";
  await desk.refund("order-1", "r-1", 5);
  desk.clock.advance(1);
  const late = await desk.refund("order-1", "r-2", 5);
  assertEquals(
    [late.status, said(late), late.body.reason],
    [409, "refund-refused", "too_late"],
  );
  desk.clock.advance(500 * DAY_MS);
  // However long its ledger is silent, it is kept until it has ended.
  desk.ledger.refunds = "up";
  assertEquals(await desk.app.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals(await paymentOf(desk), ["succeeded", 5, 4]);
  desk.clock.advance(400 * DAY_MS - 1);
  assertEquals((await desk.getRefund("r-1")).body.status, "succeeded");
  desk.clock.advance(1);
  assertEquals(said(await desk.getRefund("r-1")), "not-found");
  assertEquals(
    await peekOrder(desk.app.store, desk.merchant.id, "order-1"),
    null,
  );
});

Deno.test(`POST /v1/refunds takes ${MOST_REFUNDS} refunds of an order`, async () => {
  await using desk = await openPaid();
  for (let i = 0; i < MOST_REFUNDS; i++) {
    assertEquals(said(await desk.refund("order-1", `r-${i}`, 1)), "201");
  }
  const { body } = await desk.refund("order-1", "one-more", 1);
  assertEquals([body.code, body.reason], ["refund-refused", "too_many"]);
  assertEquals(await desk.balance(), 8_850);
});

Deno.test("a refund gives no share of a limit back", async () => {
  await using desk = await openPaid({
    settings: limited({ perDayMinor: 1_300 }),
  });
  await desk.refund("order-1", "r-1", 1_250);
  const more = await desk.pay("order-2", desk.next());
  assertEquals(said(more), "limit-exceeded");
});

Deno.test("a suspended merchant gives money back", async () => {
  await using desk = await openPaid();
  await desk.api.must(200, "PATCH", `/v1/admin/merchants/${desk.merchant.id}`, {
    key: desk.api.adminKey,
    body: { status: "suspended" },
  });
  assertEquals(said(await desk.refund("order-1", "r-1", 1_250)), "201");
});

Deno.test("each end of a refund is told to the merchant, in order", async () => {
  await using desk = await openDesk();
  await storeEndpoint(desk.app.store, desk.merchant.id);
  await desk.pay("order-1", desk.code());
  await desk.refund("order-1", "r-1", 250);
  desk.ledger.refusesRefunds = "account_closed";
  await desk.refund("order-1", "r-2", 250);
  desk.ledger.refusesRefunds = null;
  await desk.refund("order-1", "r-3", 1_000);
  const { all } = await storedCallbacks(desk.app.store, desk.merchant.id);
  const told = all.map(({ type, order_id, payload }) => {
    const event = JSON.parse(payload);
    assertEquals([event.type, order_id], [type, "order-1"]);
    const { refund_id, status, refunded_minor, order_version } = event.data;
    return [type, refund_id, status, refunded_minor, order_version];
  }).sort(([, , , , a], [, , , , b]) => a - b);
  const v = (changes: number) => NOON_VERSION + changes;
  assertEquals(told, [
    ["payment.succeeded", undefined, "succeeded", undefined, v(2)],
    ["refund.succeeded", "r-1", "succeeded", 250, v(4)],
    ["refund.declined", "r-2", "declined", 250, v(6)],
    ["refund.succeeded", "r-3", "succeeded", 1_250, v(8)],
  ]);
  // A refund tells what GET tells.
  const last = all.find(({ payload }) => payload.includes('"r-3"'))!;
  assertEquals(
    JSON.parse(last.payload).data,
    (await desk.getRefund("r-3")).body,
  );
});

Deno.test("what a merchant says of a refund is kept on one line", async () => {
  await using desk = await openPaid();
  const ask = (refund_id: string, reason: string) =>
    desk.api.must(201, "POST", "/v1/refunds", {
      key: desk.merchant.key,
      body: { order_id: "order-1", refund_id, amount_minor: 1, reason },
    });
  assertEquals((await ask("r-1", "Came\nback cold")).reason, "Came back cold");
  assertEquals((await ask("r-2", "")).reason, undefined);
  assertEquals((await desk.getRefund("r-1")).body.reason, "Came back cold");
});
