import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { startApp, type TestAppOptions } from "../support/app.ts";
import { type Desk, limited, openDesk, said, tally } from "../support/desk.ts";

const MINUTES_3_MS = 180_000;

/** A shop whose customers confirm above 10.00. */
function stepUpDesk(options: TestAppOptions = {}): Promise<Desk> {
  return openDesk({
    ...options,
    settings: limited({ stepUpAboveMinor: 1_000 }),
  });
}

/** Status and version of an order's payment. */
async function stateOf(desk: Desk, orderId = "order-1"): Promise<unknown[]> {
  const { status, body } = await desk.query(orderId);
  assertEquals(status, 200);
  return [body.status, body.order_version];
}

/** A payment of 12.50 that waits; its id. */
async function waitingPayment(desk: Desk, order = "order-1"): Promise<string> {
  const { status, body } = await desk.pay(order, desk.code());
  assertEquals([status, body.code], [402, "payment-pending"]);
  return body.payment_id;
}

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
  assert(/^pay_[0-9a-f]{32}$/.test(payment_id));
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
    order_version: 3,
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
  assertEquals(first.body.order_version, 3);
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
  assertEquals([first.body.status, first.body.order_version], ["declined", 3]);
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
    ["declined", "confirmation_timeout", 3],
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

Deno.test("a yes of a blocked account is none, and may come later", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  await desk.setRisk("blocked");
  const yes = await desk.confirm(id, true);
  assertEquals([yes.status, said(yes)], [422, "payer-blocked"]);
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
  assertEquals(desk.ledger.calls, []);
  await desk.setRisk("restricted");
  assertEquals((await desk.confirm(id, true)).body.status, "succeeded");
});

Deno.test("a no of a blocked account is one", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  await desk.setRisk("blocked");
  assertEquals((await desk.confirm(id, false)).body.status, "declined");
});

Deno.test("a suspended merchant is paid nothing, whatever the customer says", async () => {
  await using desk = await stepUpDesk();
  const { api, merchant } = desk;
  const setStatus = (status: string) =>
    api.must(200, "PATCH", `/v1/admin/merchants/${merchant.id}`, {
      key: api.adminKey,
      body: { status },
    });
  const id = await waitingPayment(desk);
  await setStatus("suspended");
  const yes = await desk.confirm(id, true);
  assertEquals([yes.status, said(yes)], [403, "merchant-suspended"]);
  assertEquals(await desk.balance(), 10_000);
  await setStatus("active");
  assertEquals((await desk.confirm(id, true)).body.status, "succeeded");
});

Deno.test("an account blocked while its yes is on the way is not debited", async () => {
  let block: (() => Promise<unknown>) | null = null;
  await using desk = await stepUpDesk({
    wrapStore: (store) => ({
      read: (request) => store.read(request),
      range: (query) => store.range(query),
      async txn(transaction) {
        const confirms = transaction.writes.some((write) =>
          write.kind === "unindex" && write.index.includes(":confirmations:")
        );
        if (confirms && block !== null) {
          const call = block;
          block = null;
          await call();
        }
        return await store.txn(transaction);
      },
      timeMs: () => store.timeMs(),
      close: () => store.close(),
    }),
  });
  const id = await waitingPayment(desk);
  block = () => desk.setRisk("blocked");
  assertEquals(said(await desk.confirm(id, true)), "payer-blocked");
  assertEquals(desk.ledger.calls, []);
});

Deno.test("GET /v1/confirmations lists an account's own, the soonest deadline first", async () => {
  await using desk = await stepUpDesk();
  const { api, walletKey } = desk;
  const other = await api.merchant("Another Shop");
  const bob = await api.enrol(walletKey, "bob", "phone-b");
  await api.setBalance("bob", 10_000);
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    const who = i === 1 ? other : desk.merchant;
    const { body } = await desk.pay(`order-${i}`, desk.next(), {}, who);
    ids.push(body.payment_id);
  }
  const bobs = await desk.pay("order-b", bob.code(desk.clock.ms));
  const listed = async (account: string) =>
    (await desk.waiting(account)).map(({ payment_id }) => payment_id);
  assertEquals(await listed("alice"), ids);
  assertEquals(await listed("bob"), [bobs.body.payment_id]);
  assertEquals(await listed("nobody"), []);
  const names = (await desk.waiting()).map((it) => it.merchant_name);
  assertEquals(names, ["Corner Shop", "Another Shop", "Corner Shop"]);
  desk.clock.advance(MINUTES_3_MS - 60_000);
  assertEquals(await listed("alice"), ids.slice(1));
});

Deno.test("every key of the wallet's backend may list and answer, no other key may", async () => {
  await using desk = await stepUpDesk();
  const { api } = desk;
  const id = await waitingPayment(desk);
  const confirm = (key: string) =>
    api.call("POST", `/v1/payments/${id}/confirmation`, {
      key,
      body: { approve: true },
    });
  const list = (key: string) =>
    api.call("GET", "/v1/confirmations?account_id=alice", { key });
  for (const key of [desk.merchant.key, api.adminKey]) {
    assertEquals(said(await confirm(key)), "forbidden");
    assertEquals(said(await list(key)), "forbidden");
  }
  assertEquals(said(await confirm("ofc_unknown")), "not-authenticated");
  assertEquals(said(await list("ofc_unknown")), "not-authenticated");
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
  const second = await api.walletKey("another backend");
  assertEquals((await list(second)).body.confirmations.length, 1);
  assertEquals(said(await confirm(second)), "200");
});

Deno.test("POST /v1/payments/:id/confirmation knows only payments that were made", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  for (
    const unknown of [
      `pay_${"0".repeat(32)}`,
      "pay_1",
      "order-1",
      id.toUpperCase(),
      id.replace("pay_", "cred_"),
      "%00",
      "x".repeat(2_000),
    ]
  ) {
    const { status, body } = await desk.confirm(unknown, true);
    assertEquals([status, body.code, body.retry], [404, "not-found", "never"]);
  }
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
});

Deno.test("POST /v1/payments/:id/confirmation takes a yes or a no and nothing else", async () => {
  await using desk = await stepUpDesk();
  const id = await waitingPayment(desk);
  for (
    const body of [
      {},
      { approve: "true" },
      { approve: 1 },
      { approve: null },
      { approve: [true] },
      { approved: true },
      { approve: true, amount_minor: 1 },
      [],
      null,
      true,
      '{"approve":true',
      '{"approve":true,"approve":false}',
    ]
  ) {
    const path = `/v1/payments/${id}/confirmation`;
    const answer = await desk.api.call("POST", path, {
      key: desk.walletKey,
      body,
    });
    assertEquals([answer.status, said(answer)], [400, "malformed-request"]);
  }
  for (const query of ["", "?account_id=", "?account_id=a%20b", "?x=1"]) {
    const answer = await desk.api.call("GET", `/v1/confirmations${query}`, {
      key: desk.walletKey,
    });
    assertEquals([answer.status, said(answer)], [400, "malformed-request"]);
  }
  assertEquals(await stateOf(desk), ["awaiting_confirmation", 1]);
});

Deno.test("a payment that does not wait is answered as one", async () => {
  await using desk = await stepUpDesk();
  const paid = await desk.pay("order-1", desk.code(), { amount_minor: 1 });
  for (const approve of [true, false]) {
    const { status, body } = await desk.confirm(paid.body.payment_id, approve);
    assertEquals([status, body.code], [409, "order-conflict"]);
  }
  assertEquals(await stateOf(desk), ["succeeded", 2]);
});

Deno.test("a yes and a no at once on two edges are one of them", async () => {
  const ends = new Set<string>();
  for (let round = 0; round < 10; round++) {
    await using desk = await stepUpDesk();
    await using second = await startApp({
      path: desk.app.path,
      clock: desk.clock,
    });
    const id = await waitingPayment(desk);
    // In every other round a debit has begun when the no's come.
    const debiting = Promise.withResolvers<void>();
    desk.ledger.beforeDebit = () => Promise.resolve(debiting.resolve());
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const { api } = i % 2 === 0 ? desk : second;
        const approve = (i + round) % 4 < 2;
        if (!approve && round % 2 === 0) await debiting.promise;
        return await api.call("POST", `/v1/payments/${id}/confirmation`, {
          key: desk.walletKey,
          body: { approve },
        });
      }),
    );
    const [status] = await stateOf(desk);
    const yes = status === "succeeded";
    ends.add(`${status}`);
    const [asked, other] = [true, false].map((approve) =>
      tally(answers.filter((_, i) => ((i + round) % 4 < 2) === approve))
    );
    const [won, lost] = yes ? [asked, other] : [other, asked];
    assertEquals(won, { "200": 20 });
    assertEquals(lost, { [yes ? "order-conflict" : "payment-declined"]: 20 });
    assertEquals(await desk.balance(), yes ? 8_750 : 10_000);
  }
  assertEquals(ends, new Set(["succeeded", "declined"]));
});

Deno.test("a yes racing the till's reversal ends in agreement", async () => {
  for (let round = 0; round < 10; round++) {
    await using desk = await stepUpDesk();
    const id = await waitingPayment(desk);
    const [yes, reversed] = await Promise.all(
      round % 2 === 0
        ? [desk.confirm(id, true), desk.reverse("order-1")]
        : [desk.reverse("order-1"), desk.confirm(id, true)].toReversed(),
    );
    assertEquals(said(reversed!), "200");
    assert(["200", "payment-reversed"].includes(said(yes!)));
    assertEquals(await desk.balance(), 10_000);
    assertEquals((await stateOf(desk))[0], "reversed");
  }
});

Deno.test("a customer's word after the deadline, racing the sweeper, is too late", async () => {
  await using desk = await stepUpDesk();
  const ids: string[] = [];
  for (let i = 0; i < 10; i++) {
    const { body } = await desk.pay(`order-${i}`, desk.next());
    ids.push(body.payment_id);
  }
  desk.clock.advance(MINUTES_3_MS);
  const [answers] = await Promise.all([
    Promise.all(ids.map((id) => desk.confirm(id, true))),
    desk.app.sweeper.sweep(),
    desk.app.sweeper.sweep(),
  ]);
  assertEquals(tally(answers), { "payment-declined": 10 });
  for (let i = 0; i < 10; i++) {
    assertEquals(await stateOf(desk, `order-${i}`), ["declined", 3]);
  }
  assertEquals(await desk.balance(), 10_000);
});
