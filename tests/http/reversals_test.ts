import { assert, assertEquals } from "@std/assert";
import type { Answer } from "../support/api.ts";
import { startApp } from "../support/app.ts";
import {
  type Desk,
  limited,
  openDesk,
  said,
  STEP_MS,
} from "../support/desk.ts";
import { FaultyStore } from "../support/faulty_store.ts";

const HOUR_MS = 3_600_000;

/** Status and version of an order's payment. */
async function stateOf(desk: Desk, orderId = "order-1"): Promise<unknown[]> {
  const { status, body } = await desk.query(orderId);
  assertEquals(status, 200);
  return [body.status, body.order_version];
}

Deno.test("POST /v1/reversals undoes a payment and says so, again and again", async () => {
  await using desk = await openDesk();
  const paid = await desk.pay("order-1", desk.code());
  assertEquals([said(paid), paid.body.order_version], ["201", 2]);
  assertEquals(await desk.balance(), 8_750);
  const { payment_id } = paid.body;
  const done = { order_id: "order-1", status: "reversed", payment_id };
  for (const afterMs of [0, 0, HOUR_MS, 30 * 24 * HOUR_MS]) {
    desk.clock.advance(afterMs);
    const { status, body } = await desk.reverse("order-1");
    assertEquals([status, body], [200, done]);
    assertEquals(await desk.balance(), 10_000);
    assertEquals(await stateOf(desk), ["reversed", 4]);
  }
  // Told once, and then known.
  assertEquals(desk.ledger.calls, ["debit", "reverse"]);
  const found = await desk.api.call("GET", `/v1/payments/${payment_id}`, {
    key: desk.merchant.key,
  });
  assertEquals(found.body.updated_at, "2026-01-15T12:00:00.000Z");
});

Deno.test("a reversed order takes no payment any more, by whatever code", async () => {
  await using desk = await openDesk();
  const first = desk.code();
  await desk.pay("order-1", first);
  await desk.reverse("order-1");
  const codes = [first, desk.next(), "smudged", "901000000000000000"];
  for (const code of codes) {
    const { status, body } = await desk.pay("order-1", code);
    assertEquals(
      [status, body.code, body.retry, body.order_id],
      [409, "payment-reversed", "never", "order-1"],
    );
  }
  // Another amount is another purchase, whatever became of the first.
  const other = await desk.pay("order-1", desk.code(), { amount_minor: 1 });
  assertEquals(said(other), "order-conflict");
  assertEquals(await desk.balance(), 10_000);
  // The code that was refused with it is still good.
  assertEquals(said(await desk.pay("order-2", desk.code())), "201");
});

Deno.test("POST /v1/reversals closes an order never seen, without a payment", async () => {
  await using desk = await openDesk();
  const closed = { order_id: "order-1", status: "reversed" };
  for (let i = 0; i < 3; i++) {
    const { status, body } = await desk.reverse("order-1");
    assertEquals([status, body], [200, closed]);
  }
  const code = desk.code();
  for (const amount_minor of [1250, 1]) {
    const late = await desk.pay("order-1", code, { amount_minor });
    assertEquals(
      [late.status, late.body.code, late.body.order_id],
      [409, "payment-reversed", "order-1"],
    );
    assertEquals(late.body.payment_id, undefined);
  }
  const found = await desk.query("order-1");
  assertEquals([found.status, found.body.code], [409, "payment-reversed"]);
  assertEquals(desk.ledger.calls, []);
  assertEquals(await desk.balance(), 10_000);
  // 400 days hold what it says; and the code was not spent.
  assertEquals(said(await desk.pay("order-2", code)), "201");
  desk.clock.advance(399 * 24 * HOUR_MS);
  assertEquals((await desk.reverse("order-1")).body, closed);
  assertEquals(said(await desk.pay("order-1", "smudged")), "payment-reversed");
});

for (const debits of ["unheard", "lost"] as const) {
  Deno.test(`POST /v1/reversals ends a payment that is open, its debit ${debits}`, async () => {
    await using desk = await openDesk();
    desk.ledger.debits = debits;
    const open = await desk.pay("order-1", desk.code());
    assertEquals([open.status, said(open)], [402, "payment-pending"]);
    assertEquals(await stateOf(desk), ["processing", 1]);
    assertEquals(await desk.balance(), debits === "lost" ? 8_750 : 10_000);
    const { status, body } = await desk.reverse("order-1");
    assertEquals([status, body], [200, {
      order_id: "order-1",
      status: "reversed",
      payment_id: open.body.payment_id,
    }]);
    assertEquals(await desk.balance(), 10_000);
    assertEquals(await stateOf(desk), ["reversed", 3]);
    // What the ledger hears after that moves nothing.
    desk.ledger.debits = "up";
    const answer = await desk.ledger.debit({
      paymentId: open.body.payment_id,
      accountId: "alice",
      merchantId: desk.merchant.id,
      amountMinor: 1250,
      currency: "EUR",
    }, { confirmed: false });
    assertEquals(answer, { kind: "declined", reason: "reversed" });
    assertEquals(await desk.balance(), 10_000);
    assertEquals(await desk.app.sweeper.sweep(), { due: 0, ended: 0 });
  });
}

for (const held of ["beforeDebit", "afterDebit"] as const) {
  Deno.test(`a reversal during a payment wins, held ${held}`, async () => {
    await using desk = await openDesk();
    const arrived = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    desk.ledger[held] = () => {
      arrived.resolve();
      return released.promise;
    };
    const paying = desk.pay("order-1", desk.code());
    await arrived.promise;
    assertEquals(await stateOf(desk), ["processing", 1]);
    const reversed = await desk.reverse("order-1");
    assertEquals(said(reversed), "200");
    released.resolve();
    const late = await paying;
    assertEquals([late.status, said(late)], [409, "payment-reversed"]);
    assertEquals(late.body.payment_id, reversed.body.payment_id);
    assertEquals(await desk.balance(), 10_000);
    assertEquals(await stateOf(desk), ["reversed", 3]);
  });
}

Deno.test("POST /v1/reversals closes a declined order without the ledger", async () => {
  await using desk = await openDesk();
  await desk.api.setBalance("alice", 100);
  const first = desk.code();
  const declined = await desk.pay("order-1", first);
  assertEquals(said(declined), "payment-declined");
  await desk.api.setBalance("alice", 10_000);
  const done = {
    order_id: "order-1",
    status: "reversed",
    payment_id: declined.body.payment_id,
  };
  for (let i = 0; i < 2; i++) {
    const { status, body } = await desk.reverse("order-1");
    assertEquals([status, body], [200, done]);
  }
  // A second attempt that was under way meanwhile comes late, and so does the
  // first one again.
  for (const code of [desk.next(), first]) {
    assertEquals(said(await desk.pay("order-1", code)), "payment-reversed");
  }
  assertEquals(await desk.balance(), 10_000);
  assertEquals(await stateOf(desk), ["reversed", 3]);
  assertEquals((await desk.query("order-1")).body.decline_reason, undefined);
  assertEquals(desk.ledger.calls, ["debit"]);
});

for (const reversals of ["unheard", "lost"] as const) {
  Deno.test(`POST /v1/reversals is not sure while its ledger call is ${reversals}`, async () => {
    await using desk = await openDesk();
    const paid = await desk.pay("order-1", desk.code());
    const { payment_id } = paid.body;
    desk.ledger.reversals = reversals;
    for (let i = 0; i < 3; i++) {
      const { status, body, headers } = await desk.reverse("order-1");
      assertEquals(
        [status, body.code, body.retry, body.order_id, body.payment_id],
        [503, "ledger-unavailable", "same-order", "order-1", payment_id],
      );
      assertEquals(headers.get("retry-after"), "2");
      assertEquals(await stateOf(desk), ["reversing", 3]);
      // Meanwhile no goods, by the same code or another one.
      for (const code of [desk.code(), desk.next()]) {
        const { body } = await desk.pay("order-1", code);
        assertEquals(body.code, "payment-reversed");
      }
    }
    desk.ledger.reversals = "up";
    const { status, body } = await desk.reverse("order-1");
    assertEquals([status, body], [200, {
      order_id: "order-1",
      status: "reversed",
      payment_id,
    }]);
    assertEquals(await desk.balance(), 10_000);
    assertEquals(await stateOf(desk), ["reversed", 4]);
  });
}

Deno.test("a reversal that is not sure is finished without the till", async () => {
  for (const by of ["sweeper", "query"]) {
    await using desk = await openDesk();
    await desk.pay("order-1", desk.code());
    desk.ledger.reversals = "unheard";
    assertEquals(said(await desk.reverse("order-1")), "ledger-unavailable");
    desk.ledger.reversals = "up";
    desk.clock.advance(10_000);
    if (by === "sweeper") {
      assertEquals(await desk.app.sweeper.sweep(), { due: 1, ended: 1 });
    }
    assertEquals(await stateOf(desk), ["reversed", 4]);
    assertEquals(await desk.balance(), 10_000);
  }
});

Deno.test("POST /v1/reversals sees another merchant's order as one never seen", async () => {
  await using desk = await openDesk();
  const other = await desk.api.merchant("Another Shop");
  await desk.pay("order-1", desk.code());
  const theirs = await desk.reverse("order-1", other);
  const unseen = await desk.reverse("order-2", other);
  assertEquals([theirs.status, theirs.body], [200, {
    order_id: "order-1",
    status: "reversed",
  }]);
  assertEquals({ ...theirs.body, order_id: "order-2" }, unseen.body);
  assertEquals(await stateOf(desk), ["succeeded", 2]);
  assertEquals(await desk.balance(), 8_750);
  // And the other way round: their closed order is no obstacle here.
  assertEquals(said(await desk.pay("order-2", desk.next())), "201");
  assertEquals(
    said(await desk.pay("order-2", desk.next(), {}, other)),
    "payment-reversed",
  );
});

Deno.test("order_version rises by one with every change and is in every answer", async () => {
  await using desk = await openDesk();
  await desk.api.setBalance("alice", 0);
  assertEquals(
    said(await desk.pay("order-1", desk.code())),
    "payment-declined",
  );
  assertEquals(await stateOf(desk), ["declined", 2]);
  desk.ledger.debits = "unheard";
  await desk.api.setBalance("alice", 10_000);
  assertEquals(said(await desk.pay("order-1", desk.next())), "payment-pending");
  assertEquals(await stateOf(desk), ["processing", 3]);
  desk.ledger.debits = "up";
  desk.clock.advance(10_000);
  assertEquals(await desk.app.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals(await stateOf(desk), ["succeeded", 4]);
  desk.ledger.reversals = "lost";
  await desk.reverse("order-1");
  assertEquals(await stateOf(desk), ["reversing", 5]);
  desk.ledger.reversals = "up";
  await desk.reverse("order-1");
  assertEquals(await stateOf(desk), ["reversed", 6]);
});

/** When an order of each time of payment can no longer be reversed. */
const WINDOWS: readonly (readonly [
  zone: string,
  paid: string,
  last: string,
])[] = [
  // The day of the payment, to its last millisecond.
  ["UTC", "2026-01-15T00:00:00.000Z", "2026-01-15T23:59:59.999Z"],
  ["UTC", "2026-01-15T12:00:00.000Z", "2026-01-15T23:59:59.999Z"],
  ["UTC", "2026-01-15T21:59:59.999Z", "2026-01-15T23:59:59.999Z"],
  // Two hours at least, to the millisecond.
  ["UTC", "2026-01-15T22:00:00.000Z", "2026-01-16T00:00:00.000Z"],
  ["UTC", "2026-01-15T23:59:59.999Z", "2026-01-16T01:59:59.999Z"],
  // A day in Shanghai ends at 16:00 UTC.
  ["Asia/Shanghai", "2026-01-15T12:00:00.000Z", "2026-01-15T15:59:59.999Z"],
  ["Asia/Shanghai", "2026-01-15T15:00:00.000Z", "2026-01-15T17:00:00.000Z"],
  ["Asia/Shanghai", "2026-01-15T16:00:00.000Z", "2026-01-16T15:59:59.999Z"],
  // The night in which New York's clocks go forward has 23 hours.
  ["America/New_York", "2026-03-08T05:00:00.000Z", "2026-03-09T03:59:59.999Z"],
  // And 25 hours when they go back.
  ["America/New_York", "2026-11-01T04:00:00.000Z", "2026-11-02T04:59:59.999Z"],
];

for (const [timeZone, paid, last] of WINDOWS) {
  Deno.test(`paid at ${paid}, an order can be reversed until ${last} in ${timeZone}`, async () => {
    await using desk = await openDesk({
      nowMs: Date.parse(paid),
      settings: limited({}, { timeZone }),
    });
    for (const order of ["in time", "late"]) {
      const id = order.replace(" ", "-");
      // Both in one millisecond, by the codes of two steps.
      const code = desk.phone.code(
        Date.parse(paid) + (order === "late" ? STEP_MS : 0),
      );
      assertEquals(said(await desk.pay(id, code)), "201");
    }
    desk.clock.ms = Date.parse(last);
    assertEquals(said(await desk.reverse("in-time")), "200");
    assertEquals(await desk.balance(), 8_750);
    desk.clock.advance(1);
    const late = await desk.reverse("late");
    assertEquals(
      [late.status, late.body.code, late.body.retry, late.body.order_id],
      [409, "reversal-too-late", "never", "late"],
    );
    assertEquals(await stateOf(desk, "late"), ["succeeded", 2]);
    assertEquals(await desk.balance(), 8_750);
    // What was reversed in time stays so, and says so.
    assertEquals(said(await desk.reverse("in-time")), "200");
  });
}

Deno.test("a reversal begun in time goes on after it", async () => {
  await using desk = await openDesk();
  await desk.pay("order-1", desk.code());
  desk.clock.advance(11 * HOUR_MS);
  desk.ledger.reversals = "unheard";
  assertEquals(said(await desk.reverse("order-1")), "ledger-unavailable");
  desk.clock.advance(24 * HOUR_MS);
  assertEquals(said(await desk.reverse("order-1")), "ledger-unavailable");
  desk.ledger.reversals = "up";
  assertEquals(said(await desk.reverse("order-1")), "200");
  assertEquals(await desk.balance(), 10_000);
});

Deno.test("an order that is open or declined can be reversed at any time", async () => {
  await using desk = await openDesk();
  await desk.api.setBalance("alice", 0);
  await desk.pay("declined", desk.code());
  desk.ledger.debits = "unheard";
  await desk.pay("open", desk.next());
  desk.clock.advance(48 * HOUR_MS);
  assertEquals(said(await desk.reverse("declined")), "200");
  assertEquals(said(await desk.reverse("open")), "200");
});

Deno.test("POST /v1/reversals refuses a suspended merchant and a withdrawn key at once", async () => {
  await using desk = await openDesk();
  const { api, merchant } = desk;
  const path = `/v1/admin/merchants/${merchant.id}`;
  const admin = { key: api.adminKey };
  await desk.pay("order-1", desk.code());
  await api.must(200, "PATCH", path, {
    ...admin,
    body: { status: "suspended" },
  });
  for (const order of ["order-1", "order-2"]) {
    const { status, body } = await desk.reverse(order);
    assertEquals([status, body.code], [403, "merchant-suspended"]);
  }
  assertEquals(await desk.balance(), 8_750);
  await api.must(200, "PATCH", path, { ...admin, body: { status: "active" } });
  desk.clock.advance(5_000);
  // What was refused has closed nothing.
  assertEquals(said(await desk.pay("order-2", desk.next())), "201");
  assertEquals(said(await desk.reverse("order-2")), "200");
  for (let i = 0; i < 2; i++) {
    await api.must(201, "POST", `${path}/keys`, admin);
  }
  const gone = await desk.reverse("order-1");
  assertEquals([gone.status, gone.body.code], [401, "not-authenticated"]);
  assertEquals(await desk.balance(), 8_750);
});

Deno.test("POST /v1/reversals takes an order id and nothing else", async () => {
  await using desk = await openDesk();
  const call = (body: unknown, key = desk.merchant.key) =>
    desk.api.call("POST", "/v1/reversals", { key, body });
  for (
    const body of [
      {},
      { order_id: "" },
      { order_id: "a b" },
      { order_id: "x".repeat(65) },
      { order_id: 1 },
      { order_id: null },
      { order_id: ["order-1"] },
      { order_id: "order-1", payment_id: "pay_1" },
      [],
      null,
      "order-1",
      '{"order_id":"order-1"',
      '{"order_id":"a","order_id":"b"}',
    ]
  ) {
    const { status, body: problem } = await call(body);
    assertEquals([status, problem.code], [400, "malformed-request"]);
  }
  const order = { order_id: "order-1" };
  assertEquals(said(await call(order, desk.walletKey)), "forbidden");
  assertEquals(said(await call(order, desk.api.adminKey)), "forbidden");
  assertEquals(said(await call(order, "ofc_unknown")), "not-authenticated");
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
});

Deno.test("100 reversals at once on two edges are one", async () => {
  await using desk = await openDesk();
  await using second = await startApp({
    path: desk.app.path,
    clock: desk.clock,
  });
  const paid = await desk.pay("order-1", desk.code());
  const apis = [desk.api, second.api];
  const all = (order_id: string) =>
    Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        apis[i % 2]!.call("POST", "/v1/reversals", {
          key: desk.merchant.key,
          body: { order_id },
        })),
    );
  const done = { order_id: "order-1", status: "reversed" };
  for (const { status, body } of await all("order-1")) {
    const { payment_id } = paid.body;
    assertEquals([status, body], [200, { ...done, payment_id }]);
  }
  assertEquals(await stateOf(desk), ["reversed", 4]);
  assertEquals(await desk.balance(), 10_000);
  for (const { status, body } of await all("order-2")) {
    assertEquals([status, body], [200, { ...done, order_id: "order-2" }]);
  }
});

Deno.test("payments and reversals of one order at once end in agreement", async () => {
  for (let round = 0; round < 20; round++) {
    await using desk = await openDesk();
    const code = desk.code();
    const answers = await Promise.all(
      Array.from(
        { length: 20 },
        (_, i) =>
          (i + round) % 4 === 3
            ? desk.reverse("order-1")
            : desk.pay("order-1", code),
      ),
    );
    for (const [i, answer] of answers.entries()) {
      const expected = (i + round) % 4 === 3
        ? ["200"]
        : ["201", "200", "payment-pending", "payment-reversed"];
      assert(expected.includes(said(answer)), `${i}: ${said(answer)}`);
    }
    assertEquals(await desk.balance(), 10_000);
    const found = await desk.query("order-1");
    // Either the payment was undone or it never came to be.
    assertEquals(
      found.status === 200 ? found.body.status : found.body.code,
      found.status === 200 ? "reversed" : "payment-reversed",
    );
  }
});

/** What a reversal of a paid order asks of the store. */
const REVERSE = [
  "read merchant",
  "read order",
  "read payment",
  "txn payment",
  "read sandbox-debit",
  "txn sandbox-debit",
  "read seen-online",
  "txn payment",
];

Deno.test("POST /v1/reversals answers success only when it is certain, whatever fails", async () => {
  for (const mode of ["before", "after", "twice"] as const) {
    for (const [at, operation] of REVERSE.entries()) {
      let store!: FaultyStore;
      await using desk = await openDesk({
        wrapStore: (opened) => store = new FaultyStore(opened),
      });
      const paid = await desk.pay("order-1", desk.code());
      store.plan({ at, mode });
      const what = `${operation} ${mode}`;
      const first: Answer = await desk.reverse("order-1");
      assertEquals(store.trace[at], operation, what);
      const answer = said(first);
      assert(
        ["200", "store-unavailable", "ledger-unavailable"].includes(answer),
        `${what}: ${answer}`,
      );
      if (mode === "twice") assertEquals(answer, "200", what);
      if (answer === "200") {
        assertEquals(await stateOf(desk), ["reversed", 4], what);
        assertEquals(await desk.balance(), 10_000, what);
      }
      store.plan();
      const again = await desk.reverse("order-1");
      assertEquals([again.status, again.body], [200, {
        order_id: "order-1",
        status: "reversed",
        payment_id: paid.body.payment_id,
      }], what);
      assertEquals(await stateOf(desk), ["reversed", 4], what);
      assertEquals(await desk.balance(), 10_000, what);
      assertEquals(await desk.app.sweeper.sweep(), { due: 0, ended: 0 });
    }
  }
});
