import { assertEquals } from "@std/assert";
import { NOON_VERSION } from "../support/world/app.ts";
import { openDesk, said, stateOf } from "../support/world/desk.ts";

const HOUR_MS = 3_600_000;

Deno.test("POST /v1/reversals undoes a payment and says so, again and again", async () => {
  await using desk = await openDesk();
  const paid = await desk.pay("order-1", desk.code());
  assertEquals([said(paid), paid.body.order_version], [
    "201",
    NOON_VERSION + 2,
  ]);
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
