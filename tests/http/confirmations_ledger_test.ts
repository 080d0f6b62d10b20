import { assert, assertEquals } from "@std/assert";
import type { Answer } from "../support/world/api.ts";
import { openDesk, said, stateOf } from "../support/world/desk.ts";
import {
  MINUTES_3_MS,
  stepUpDesk,
  waitingPayment,
} from "../support/world/guesses/step_up.ts";

Deno.test("the ledger may ask for a confirmation, too", async () => {
  await using desk = await openDesk();
  desk.ledger.asks = "first";
  desk.ledger.afterDebit = () => {
    // A second went by until it had said so.
    desk.clock.advance(1_000);
    return Promise.resolve();
  };
  const { body } = await desk.pay("order-1", desk.code());
  assertEquals(
    [body.code, body.next_query_seconds],
    ["payment-pending", 2],
  );
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 2]);
  const [waiting, ...none] = await desk.waiting();
  assertEquals(none, []);
  assertEquals(waiting?.expires_at, "2026-01-15T12:03:01.000Z");
  const yes = await desk.confirm(body.payment_id, true);
  assertEquals([yes.status, yes.body.status], [200, "succeeded"]);
  assertEquals(desk.ledger.calls, ["debit", "debit confirmed"]);
  assertEquals(await stateOf(desk), ["succeeded", 4]);
  assertEquals(await desk.balance(), 8_750);
});

Deno.test("a payment that has not ended says whose word it waits for, in every answer", async () => {
  await using desk = await openDesk();
  const says = ({ status, body }: Answer) => [
    status,
    body.code ?? body.status,
    body.payment_status,
    body.waits_for,
    body.next_query_seconds,
  ];
  const code = desk.code();
  const path = (id: string) => `/v1/payments/${id}`;
  const { merchant, ledger, api } = desk;
  const byId = async (id: string) =>
    says(await api.call("GET", path(id), { key: merchant.key }));

  ledger.asks = "first";
  const pending = [402, "payment-pending"];
  const first = await desk.pay("order-1", code);
  const id = first.body.payment_id;
  assertEquals(says(first), [
    ...pending,
    "awaiting_confirmation",
    "customer",
    2,
  ]);
  assertEquals(says(await desk.pay("order-1", code)), says(first));
  const waiting = [200, "awaiting_confirmation", undefined, "customer", 2];
  assertEquals(says(await desk.query("order-1")), waiting);
  assertEquals(await byId(id), waiting);

  ledger.debits = "unheard";
  const processing = [200, "processing", undefined, "ledger", 2];
  assertEquals(says(await desk.confirm(id, true)), processing);
  assertEquals(says(await desk.query("order-1")), processing);
  assertEquals(await byId(id), processing);
  assertEquals(
    says(await desk.pay("order-1", code)),
    [...pending, "processing", "ledger", 2],
  );

  ledger.reversals = "unheard";
  const unsure = [503, "ledger-unavailable", "reversing", "ledger", 2];
  assertEquals(says(await desk.reverse("order-1")), unsure);
  const reversing = [200, "reversing", undefined, "ledger", 2];
  assertEquals(says(await desk.query("order-1")), reversing);
  assertEquals(
    says(await desk.pay("order-1", code)),
    [409, "payment-reversed", "reversing", "ledger", 2],
  );
  ledger.reversals = "up";
  assertEquals(says(await desk.reverse("order-1")).slice(0, 2), [
    200,
    "reversed",
  ]);
  const ended = [200, "reversed", undefined, undefined, undefined];
  assertEquals(says(await desk.query("order-1")), ended);
  const unseen = await desk.query("order-2");
  assertEquals([unseen.status, unseen.body.next_query_seconds], [404, 2]);
});

Deno.test("a no undoes what the ledger holds for a confirmation", async () => {
  await using desk = await openDesk();
  desk.ledger.asks = "first";
  const id = await waitingPayment(desk);
  const no = await desk.confirm(id, false);
  assertEquals([no.status, no.body.status], [200, "declined"]);
  assertEquals(desk.ledger.calls, ["debit", "reverse"]);
  assertEquals(await stateOf(desk), ["declined", 4]);
});

Deno.test("a ledger that asks for what was confirmed has not answered", async () => {
  await using desk = await openDesk();
  desk.ledger.asks = "always";
  const id = await waitingPayment(desk);
  for (let i = 0; i < 3; i++) {
    const yes = await desk.confirm(id, true);
    assertEquals([yes.status, yes.body.status], [200, "processing"]);
    assertEquals(await desk.waiting(), []);
  }
  assertEquals(said(await desk.pay("order-1", desk.code())), "payment-pending");
  // It has until the deadline, from the customer's word on.
  desk.clock.advance(45_000);
  assertEquals(await desk.app.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals(await stateOf(desk), ["reversed", 5]);
});

Deno.test("a yes whose debit is not answered is a payment under way", async () => {
  for (const debits of ["unheard", "lost"] as const) {
    await using desk = await stepUpDesk();
    const id = await waitingPayment(desk);
    // At the last moment: the debit has a deadline of its own.
    desk.clock.advance(MINUTES_3_MS - 1);
    desk.ledger.debits = debits;
    const first = await desk.confirm(id, true);
    assertEquals([first.status, first.body.status], [200, "processing"]);
    assertEquals(said(await desk.confirm(id, false)), "order-conflict");
    const order = await desk.pay("order-1", desk.code());
    assertEquals(said(order), "payment-pending");
    desk.ledger.debits = "up";
    desk.clock.advance(30_000);
    const second = await desk.confirm(id, true);
    assertEquals([second.status, second.body.status], [200, "succeeded"]);
    assertEquals(await desk.balance(), 8_750);
    assertEquals(await stateOf(desk), ["succeeded", 3]);
    assert(desk.ledger.calls.every((call) => call === "debit confirmed"));
  }
});

Deno.test("a yes whose debit never is answered ends as reversed", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  desk.ledger.debits = "lost";
  desk.ledger.queries = "unheard";
  await desk.confirm(id, true);
  desk.clock.advance(45_000);
  const late = await desk.confirm(id, true);
  assertEquals([late.status, late.body.code], [409, "payment-reversed"]);
  assertEquals(await stateOf(desk), ["reversed", 4]);
  assertEquals(await desk.balance(), 10_000);
});

Deno.test("a yes that the ledger declines is told so", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  await desk.api.setBalance("alice", 1_249);
  for (let i = 0; i < 2; i++) {
    const yes = await desk.confirm(id, true);
    assertEquals(
      [yes.status, yes.body.status, yes.body.decline_reason],
      [200, "declined", "insufficient_funds"],
    );
    const no = await desk.confirm(id, false);
    assertEquals([no.status, no.body.code], [422, "payment-declined"]);
  }
  assertEquals(await stateOf(desk), ["declined", 3]);
});

Deno.test("a no of which the ledger is not sure ends once it is", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  desk.ledger.reversals = "unheard";
  for (let i = 0; i < 2; i++) {
    const no = await desk.confirm(id, false);
    assertEquals([no.status, no.body.status], [200, "reversing"]);
    // Nothing is declined yet.
    assertEquals(no.body.decline_reason, undefined);
    const yes = await desk.confirm(id, true);
    assertEquals(
      [said(yes), yes.body.decline_reason],
      ["payment-declined", "refused_by_customer"],
    );
  }
  assertEquals(await desk.waiting(), []);
  // The till may try this order again once that is done.
  const open = await desk.pay("order-1", desk.next());
  assertEquals(
    [said(open), open.body.retry, open.body.payment_id],
    ["payment-pending", "query", id],
  );
  desk.ledger.reversals = "up";
  const no = await desk.confirm(id, false);
  assertEquals(
    [no.status, no.body.status, no.body.decline_reason],
    [200, "declined", "refused_by_customer"],
  );
  // And is then open for another code.
  assertEquals(said(await desk.pay("order-1", desk.next())), "payment-pending");
});

Deno.test("a till's reversal takes over a no that is not sure", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  desk.ledger.reversals = "unheard";
  await desk.confirm(id, false);
  assertEquals(said(await desk.reverse("order-1")), "ledger-unavailable");
  assertEquals(await stateOf(desk), ["reversing", 3]);
  desk.ledger.reversals = "up";
  assertEquals(said(await desk.reverse("order-1")), "200");
  assertEquals(await stateOf(desk), ["reversed", 4]);
  for (const approve of [true, false]) {
    assertEquals(said(await desk.confirm(id, approve)), "payment-reversed");
  }
  assertEquals(
    said(await desk.pay("order-1", desk.next())),
    "payment-reversed",
  );
});
