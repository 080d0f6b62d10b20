import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { NOON_VERSION } from "../support/world/app.ts";
import { said, stateOf } from "../support/world/desk.ts";
import {
  MINUTES_3_MS,
  stepUpDesk,
  waitingPayment,
} from "../support/world/guesses/step_up.ts";

Deno.test("a payment above the step-up amount waits for its customer, and is listed", async () => {
  await using desk = await stepUpDesk();
  const pending = await desk.pay("order-1", desk.code(), {
    description: "Two flat whites",
  });
  const { payment_id } = pending.body;
  const { status, body } = pending;
  assertEquals(
    [status, body.code, body.retry, body.next_query_seconds, body.order_id],
    [402, "payment-pending", "query", 2, "order-1"],
  );
  assert(/^pay_[0-9a-f]{48}$/.test(payment_id));
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
  assertEquals(await desk.waiting(), [{
    payment_id,
    account_id: "alice",
    merchant_name: "Corner Shop",
    amount_minor: 1250,
    currency: "EUR",
    expires_at: "2026-01-15T12:03:00.000Z",
  }]);
  // The same order again starts nothing, by whatever code.
  for (const code of [desk.code(), desk.next(), "smudged"]) {
    const again = await desk.pay("order-1", code);
    assertEquals(
      [again.status, again.body.code, again.body.payment_id],
      [402, "payment-pending", payment_id],
    );
  }
  assertEquals((await desk.waiting()).length, 1);
  assertEquals(desk.ledger.calls, []);
  assertEquals(await desk.balance(), 10_000);
});

Deno.test("a payment of the step-up amount itself does not wait", async () => {
  await using desk = await stepUpDesk();
  const pay = async (amount_minor: number) =>
    said(
      await desk.pay(`order-${amount_minor}`, desk.next(), { amount_minor }),
    );
  assertEquals(await pay(1_000), "201");
  assertEquals(await pay(1_001), "payment-pending");
});

Deno.test("a yes lets the debit go ahead, and the same yes is the same", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  const first = await desk.confirm(id, true);
  assertEquals(first.status, 200);
  const { payment_id, payer, ...rest } = first.body;
  assertEquals(payment_id, id);
  assert(/^payer_/.test(payer));
  assertEquals(rest, {
    order_id: "order-1",
    status: "succeeded",
    amount_minor: 1250,
    currency: "EUR",
    order_version: NOON_VERSION + 3,
    created_at: "2026-01-15T12:00:00.000Z",
    updated_at: "2026-01-15T12:00:00.000Z",
  });
  assertEquals(desk.ledger.calls, ["debit confirmed"]);
  assertEquals(await desk.balance(), 8_750);
  assertEquals(await desk.waiting(), []);
  assertEquals((await desk.query("order-1")).body, first.body);
  for (const afterMs of [0, MINUTES_3_MS, 3_600_000]) {
    desk.clock.advance(afterMs);
    const again = await desk.confirm(id, true);
    assertEquals([again.status, again.body], [200, first.body]);
    const no = await desk.confirm(id, false);
    assertEquals([no.status, no.body.code], [409, "order-conflict"]);
    assertEquals(await desk.app.sweeper.sweep(), { due: 0, ended: 0 });
  }
  const repeat = await desk.pay("order-1", desk.code());
  assertEquals([repeat.status, repeat.body.repeat], [200, true]);
  assertEquals(await desk.balance(), 8_750);
});

Deno.test("a no ends the payment as declined, and the same no is the same", async () => {
  await using desk = await stepUpDesk();
  const code = desk.code();
  const id = await waitingPayment(desk);
  const first = await desk.confirm(id, false);
  assertEquals(
    [first.status, first.body.status, first.body.decline_reason],
    [200, "declined", "refused_by_customer"],
  );
  assertEquals(first.body.order_version, NOON_VERSION + 3);
  assertEquals(await desk.waiting(), []);
  for (const afterMs of [0, MINUTES_3_MS, 3_600_000]) {
    desk.clock.advance(afterMs);
    const again = await desk.confirm(id, false);
    assertEquals([again.status, again.body], [200, first.body]);
    const yes = await desk.confirm(id, true);
    assertEquals(
      [yes.status, yes.body.code, yes.body.decline_reason],
      [422, "payment-declined", "refused_by_customer"],
    );
  }
  // The ledger was told, so that nothing that it holds can become a debit.
  assertEquals(desk.ledger.calls, ["reverse"]);
  assertEquals(await desk.balance(), 10_000);
  const same = await desk.pay("order-1", code);
  assertEquals(
    [same.status, same.body.code, same.body.decline_reason],
    [422, "payment-declined", "refused_by_customer"],
  );
  assertEquals(same.body.payment_id, id);
});

Deno.test("a code scanned anew after a no is a new attempt, that waits again", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  await desk.confirm(id, false);
  const second = await desk.pay("order-1", desk.next());
  assertEquals(said(second), "payment-pending");
  assertNotEquals(second.body.payment_id, id);
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 4]);
  // The word about the first attempt is no word about the second.
  for (const approve of [true, false]) {
    await desk.confirm(id, approve);
    assertEquals(await stateOf(desk), ["awaiting_confirmation", 4]);
  }
  const yes = await desk.confirm(second.body.payment_id, true);
  assertEquals([yes.status, yes.body.status], [200, "succeeded"]);
  assertEquals(await stateOf(desk), ["succeeded", 6]);
  const first = await desk.api.call("GET", `/v1/payments/${id}`, {
    key: desk.merchant.key,
  });
  assertEquals([first.body.status, first.body.order_version], [
    "declined",
    NOON_VERSION + 3,
  ]);
  assertEquals(await desk.balance(), 8_750);
});

Deno.test("the customer has three minutes, to the millisecond", async () => {
  for (
    const [afterMs, answer] of [
      [MINUTES_3_MS - 1, "200"],
      [MINUTES_3_MS, "payment-declined"],
    ] as const
  ) {
    await using desk = await stepUpDesk();
    const id = await waitingPayment(desk);
    desk.clock.advance(afterMs);
    assertEquals((await desk.waiting()).length, answer === "200" ? 1 : 0);
    for (let i = 0; i < 2; i++) {
      const yes = await desk.confirm(id, true);
      assertEquals(said(yes), answer);
      assertEquals(
        yes.body.decline_reason,
        answer === "200" ? undefined : "confirmation_timeout",
      );
    }
    assertEquals(await desk.balance(), answer === "200" ? 8_750 : 10_000);
  }
});

Deno.test("silence ends as declined, once the three minutes are over", async () => {
  await using desk = await stepUpDesk();
  const code = desk.code();
  const id = await waitingPayment(desk);
  desk.clock.advance(MINUTES_3_MS - 1);
  assertEquals(await desk.app.sweeper.sweep(), { due: 0, ended: 0 });
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
  desk.clock.advance(1);
  assertEquals(await desk.app.sweeper.sweep(), { due: 1, ended: 1 });
  const found = await desk.query("order-1");
  assertEquals(
    [found.body.status, found.body.decline_reason, found.body.order_version],
    ["declined", "confirmation_timeout", NOON_VERSION + 3],
  );
  const same = await desk.pay("order-1", code);
  assertEquals(
    [same.body.code, same.body.decline_reason],
    ["payment-declined", "confirmation_timeout"],
  );
  for (const approve of [true, false]) {
    const late = await desk.confirm(id, approve);
    assertEquals(
      [late.status, late.body.code, late.body.decline_reason],
      [422, "payment-declined", "confirmation_timeout"],
    );
  }
  assertEquals(await desk.app.sweeper.sweep(), { due: 0, ended: 0 });
});

Deno.test("a no that comes too late is told what ended the payment", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  desk.clock.advance(MINUTES_3_MS);
  const no = await desk.confirm(id, false);
  assertEquals(
    [no.status, no.body.code, no.body.decline_reason],
    [422, "payment-declined", "confirmation_timeout"],
  );
});

Deno.test("no word counts after the till has reversed", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  assertEquals(said(await desk.reverse("order-1")), "200");
  assertEquals(await desk.waiting(), []);
  for (const approve of [true, false]) {
    const { status, body } = await desk.confirm(id, approve);
    assertEquals(
      [status, body.code, body.order_id, body.payment_id],
      [409, "payment-reversed", "order-1", id],
    );
  }
  assertEquals(await stateOf(desk), ["reversed", 3]);
  assertEquals(await desk.balance(), 10_000);
  desk.clock.advance(MINUTES_3_MS);
  assertEquals(await desk.app.sweeper.sweep(), { due: 0, ended: 0 });
});

Deno.test("no word counts while the till's reversal is not sure", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  desk.ledger.reversals = "unheard";
  assertEquals(said(await desk.reverse("order-1")), "ledger-unavailable");
  for (const approve of [true, false]) {
    assertEquals(said(await desk.confirm(id, approve)), "payment-reversed");
  }
  assertEquals(await stateOf(desk), ["reversing", 2]);
});

Deno.test("a confirmed payment can be reversed, and is then said to be", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  await desk.confirm(id, true);
  assertEquals(said(await desk.reverse("order-1")), "200");
  assertEquals(await desk.balance(), 10_000);
  for (const approve of [true, false]) {
    assertEquals(said(await desk.confirm(id, approve)), "payment-reversed");
  }
});
