import { assert, assertEquals, assertRejects } from "@std/assert";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { orders } from "../../edge/payment/order_form.ts";
import { orderName } from "../../edge/payment/payment_id.ts";
import { dueOrders } from "../../edge/payment/transition.ts";
import { cellsOf, placesIn } from "../../edge/store/indexes.ts";
import {
  StoreUnavailableError,
  type Transaction,
} from "../../edge/store/store.ts";
import { NOON_MS } from "../support/world/app.ts";
import {
  behind,
  CROSSING,
  type CrossScene,
  first,
  limited,
  openCrossScene,
  STEP_MS,
  SWEEP_MS,
  warmUp,
} from "../support/world/crossing.ts";
import { said } from "../support/world/desk.ts";
import { peekAccount, peekOrder } from "../support/world/peek.ts";

Deno.test("what a decline owes is paid although its order is reversed before", async () => {
  await using scene = await openCrossScene();
  const { app, late, merchant, account } = scene;
  const { api, store, sweeper } = app;
  await api.setBalance(account, 1);
  Object.assign(late, { keeps: "txn claim", skip: 1 });
  const poor = await api.pay(merchant, first(scene));
  assertEquals(said(poor), "payment-declined");
  const body = { order_id: "order-1" };
  await api.must(200, "POST", "/v1/reversals", { key: merchant.key, body });
  const { payment } = (await peekOrder(store, merchant.id, "order-1"))!;
  assertEquals([payment!.status, await scene.due()], ["reversed", 1]);
  late.keeps = null;
  app.clock.advance(SWEEP_MS);
  await sweeper.sweep();
  assertEquals(await scene.claimOf(poor.body.payment_id), "given_back");
  const { count } = await peekAccount(store, account);
  assertEquals([count!.amount, await scene.due()], [0, 0]);
});

Deno.test("what an attempt owes is paid before another attempt takes its place", async () => {
  await using scene = await openCrossScene();
  await warmUp(scene);
  const { app, late, merchant, account } = scene;
  const { api, store } = app;
  await api.setBalance(account, 1);
  const before = (await peekAccount(store, account)).count!.amount;
  Object.assign(late, { keeps: "txn claim", skip: 1 });
  const poor = await api.pay(merchant, first(scene));
  assertEquals(said(poor), "payment-declined");
  await api.setBalance(account, 10_000);
  app.clock.advance(STEP_MS);
  const code = scene.phone.code(app.clock.ms);
  const again = { code, order_id: "order-1" };
  // While it cannot be paid, the note of it stays.
  assertEquals(said(await api.pay(merchant, again)), "store-unavailable");
  const { payment } = (await peekOrder(store, merchant.id, "order-1"))!;
  assertEquals(payment!.payment_id, poor.body.payment_id);
  late.keeps = null;
  const paid = await api.pay(merchant, again);
  assertEquals(said(paid), "201");
  assertEquals(await scene.claimOf(poor.body.payment_id), "given_back");
  const { count } = await peekAccount(store, account);
  assertEquals([count!.amount, await scene.due()], [before + 1, 0]);
});

/** What becomes of an order that owes while another attempt begins, and what is told. */
const OVERTAKEN: Record<
  string,
  readonly [
    told: string,
    balance: number,
    happens: (scene: CrossScene, code: string) => Promise<unknown>,
  ]
> = {
  "is reversed": ["payment-reversed", 10_000, ({ app, merchant }) => {
    const body = { order_id: "order-1" };
    const { key } = merchant;
    return app.api.must(200, "POST", "/v1/reversals", { key, body });
  }],
  "is paid with another code": [
    "200",
    8_750,
    ({ app, merchant }, code) =>
      app.api.pay(merchant, { code, order_id: "order-1" }),
  ],
};

for (const [what, [told, balance, happens]] of Object.entries(OVERTAKEN)) {
  Deno.test(`an order that owes and ${what} meanwhile is not paid once more`, async () => {
    await using scene = await openCrossScene();
    await warmUp(scene);
    const { app, late, merchant, account, phone } = scene;
    const { api, clock } = app;
    await api.setBalance(account, 1);
    Object.assign(late, { keeps: "txn claim", skip: 1 });
    const poor = await api.pay(merchant, first(scene));
    assertEquals(said(poor), "payment-declined");
    late.keeps = null;
    await api.setBalance(account, 10_000);
    clock.advance(2 * STEP_MS);
    const earlier = phone.code(clock.ms - STEP_MS);
    behind(late, "txn order", () => happens(scene, earlier));
    const order = { code: phone.code(clock.ms), order_id: "order-1" };
    assertEquals(said(await api.pay(merchant, order)), told);
    assertEquals([await api.balance(account), await scene.due()], [balance, 0]);
    assertEquals(await scene.claimOf(poor.body.payment_id), "given_back");
  });
}

Deno.test("a claim that was refused, and whose copy is committed before its fence, is given back before the till hears of the refusal", async () => {
  const settings = limited({ countPerDay: 1 });
  await using scene = await openCrossScene({ settings });
  const { app, late, merchant, account } = scene;
  const { api, store } = app;
  assertEquals(said(await api.pay(merchant, first(scene))), "201");
  app.clock.advance(STEP_MS);
  let paymentId = "";
  behind(late, "txn claim", async (refused) => {
    // The other payment gives back what it took, so the copy finds the limit free.
    const body = { order_id: "order-1" };
    await api.must(200, "POST", "/v1/reversals", { key: merchant.key, body });
    const order = await peekOrder(store, merchant.id, "order-2");
    paymentId = order!.payment!.payment_id;
    assert((await late.txn(refused)).committed);
    assertEquals((await peekAccount(store, account)).count!.amount, 1);
  });
  const code = scene.phone.code(app.clock.ms);
  const answer = await api.pay(merchant, { code, order_id: "order-2" });
  assertEquals(said(answer), "limit-exceeded");
  assertEquals((await peekAccount(store, account)).count!.amount, 0);
  assertEquals(await scene.claimOf(paymentId), "given_back");
  assertEquals(await peekOrder(store, merchant.id, "order-2"), null);
  assertEquals([await scene.due(), await api.balance(account)], [0, 10_000]);
});

for (const isBefore of [true, false]) {
  Deno.test(`a refused claim whose copy is delivered ${isBefore ? "before" : "after"} a late fence leaves no trace in the limits`, async () => {
    const settings = limited({ countPerDay: 1 });
    await using scene = await openCrossScene({ settings });
    const { app, faulty, late, merchant, account } = scene;
    const { api, store, sweeper } = app;
    assertEquals(said(await api.pay(merchant, first(scene))), "201");
    app.clock.advance(STEP_MS);
    const pay = (order_id: string) =>
      api.pay(merchant, { order_id, code: scene.phone.code(app.clock.ms) });
    // The usual limit is known from now on, so that one claim is sent.
    assertEquals(said(await pay("order-2")), "limit-exceeded");
    let refused!: Transaction;
    let paymentId = "";
    behind(late, "txn claim", async (transaction) => {
      refused = transaction;
      const order = await peekOrder(store, merchant.id, "order-3");
      paymentId = order!.payment!.payment_id;
    });
    // No fence arrives, neither with the refusal nor with the next sweep.
    Object.assign(late, { keeps: "txn claim", skip: 1 });
    assertEquals(said(await pay("order-3")), "limit-exceeded");
    assertEquals(late.kept.length, 2);
    await assertRejects(() => sweeper.sweep(), StoreUnavailableError);
    assertEquals(late.kept.length, 3);
    late.keeps = null;
    assertEquals(await scene.claimOf(paymentId), null);
    // The limit is free now, so that a copy of the claim is not refused by it.
    const body = { order_id: "order-1" };
    await api.must(200, "POST", "/v1/reversals", { key: merchant.key, body });
    const counted = async () =>
      (await peekAccount(store, account)).count!.amount;
    if (isBefore) {
      assert((await late.txn(refused)).committed);
      assertEquals(await counted(), 1);
    }
    await sweeper.sweep();
    if (!isBefore) assert(!(await late.txn(refused)).committed);
    assertEquals(
      await scene.claimOf(paymentId),
      isBefore ? "given_back" : "void",
    );
    assertEquals([await counted(), await scene.due()], [0, 0]);
    assertEquals(await peekOrder(store, merchant.id, "order-3"), null);
    // A fence is made once.
    faulty.plan();
    await sweeper.sweep();
    assertEquals(faulty.trace.filter((it) => it.includes("claim")), []);
  });
}

Deno.test("a due entry of an order that is in another cell, or nowhere, is removed", async () => {
  await using scene = await openCrossScene();
  const { store, sweeper } = scene.app;
  const name = orderName(scene.merchant.id, "order-1");
  for (const due of placesIn(dueOrders, cellsOf(store))) {
    const writes = [due.put("nobody", 0), due.put(name, 0)];
    await store.txn({ checks: [], writes });
  }
  assertEquals(await sweeper.sweep(), { due: 16, ended: 16 });
  assertEquals(await scene.due(), 0);
});

/** When a payment with the code of noon begins, how long its opening takes, and what is told. */
const SLOW: Record<string, readonly [startMs: number, ms: number, string]> = {
  "the till has given up": [NOON_MS, 6_000, "store-unavailable"],
  "the code's window is over": [NOON_MS + 58_000, 3_000, "code-not-accepted"],
};

for (const [what, [startMs, ms, told]] of Object.entries(SLOW)) {
  Deno.test(`no claim is sent behind an opening that took so long that ${what}`, async () => {
    await using scene = await openCrossScene();
    const { app, faulty, late, merchant, account } = scene;
    app.clock.ms = startMs;
    const before = await peekAccount(app.store, account);
    behind(late, "txn order", () => {
      app.clock.advance(ms);
      faulty.plan();
    });
    assertEquals(said(await app.api.pay(merchant, first(scene))), told);
    // Only the fence and the undoing follow.
    assertEquals(
      faulty.trace.filter((it) => CROSSING.includes(it)),
      ["txn claim", "txn payment"],
    );
    assertEquals(await peekAccount(app.store, account), before);
    assertEquals(await peekOrder(app.store, merchant.id, "order-1"), null);
    assertEquals([await scene.due(), await app.api.balance(account)], [
      0,
      10_000,
    ]);
  });
}

/** What becomes of an opened order while its claim is corrected, and what the till hears. */
const CHANGED: Record<
  string,
  readonly [told: string, happens: (scene: CrossScene) => Promise<unknown>]
> = {
  // The other process has undone the payment.
  "another process reverses": ["payment-reversed", ({ app, merchant }) => {
    const body = { order_id: "order-1" };
    const { key } = merchant;
    return app.api.must(200, "POST", "/v1/reversals", { key, body });
  }],
  // There is nothing that the till could wait for.
  "a fail-over loses": ["store-unavailable", ({ app, merchant }) => {
    const order = orders(orderName(merchant.id, "order-1"));
    return app.store.txn({ checks: [], writes: [order.delete()] });
  }],
};

for (const [what, [told, happens]] of Object.entries(CHANGED)) {
  Deno.test(`an opening that ${what} is not taken back by the process that wrote it`, async () => {
    const settings = limited({}, { stepUpAboveMinor: 500 });
    await using scene = await openCrossScene({ settings });
    const { app, faulty, late, merchant, phone, walletKey: key } = scene;
    // The first claim assumes the usual tier, and opens the order without a confirmation.
    const path = `/v1/enrolments/${phone.credentialId}`;
    await app.api.must(200, "PATCH", path, {
      key,
      body: { risk: "restricted" },
    });
    behind(late, "txn claim", async () => {
      await happens(scene);
      faulty.plan();
    });
    assertEquals(said(await app.api.pay(merchant, first(scene))), told);
    // The opening is tried again, and neither fenced nor undone.
    const made = faulty.trace.filter((it) => CROSSING.includes(it));
    assertEquals([...new Set(made)], ["txn order"]);
  });
}

Deno.test("a reversal fences a claim before it asks the ledger, so that the code stays unused", async () => {
  await using scene = await openCrossScene();
  const { app: { api, store }, late, merchant, account } = scene;
  late.keeps = "txn claim";
  await api.pay(merchant, first(scene));
  late.keeps = null;
  let delivered = -1;
  behind(late, "txn sandbox-debit", async () => {
    delivered = await late.deliver();
  });
  const body = { order_id: "order-1" };
  await api.must(200, "POST", "/v1/reversals", { key: merchant.key, body });
  assertEquals(delivered, 0);
  const { count, mark } = await peekAccount(store, account);
  assertEquals([count, mark], [null, 0]);
  const paid = await api.pay(merchant, first(scene, "order-2"));
  assertEquals([said(paid), await api.balance(account)], ["201", 8_750]);
});

Deno.test("an order that owes is kept for longer than an order that has ended", async () => {
  // Shorter than the time of a claim, so that there is something to give back afterwards.
  const times = { ...DEFAULT_SETTINGS.times, recordMs: 86_400_000 };
  await using scene = await openCrossScene({ settings: { times } });
  const { app, late, merchant, account } = scene;
  const { api, store, sweeper } = app;
  await api.setBalance(account, 1);
  Object.assign(late, { keeps: "txn claim", skip: 1 });
  const poor = await api.pay(merchant, first(scene));
  assertEquals(said(poor), "payment-declined");
  late.keeps = null;
  app.clock.advance(times.recordMs + 1);
  const { payment } = (await peekOrder(store, merchant.id, "order-1"))!;
  assertEquals([payment!.status, payment!.owes], ["declined", true]);
  await sweeper.sweep();
  assertEquals((await peekAccount(store, account)).count!.amount, 0);
  assertEquals(await scene.claimOf(poor.body.payment_id), "given_back");
  assertEquals(await scene.due(), 0);
  // What has paid is kept no longer than others.
  app.clock.advance(1);
  assertEquals(await peekOrder(store, merchant.id, "order-1"), null);
});

Deno.test("a declined order that an undoing brings back ends when it would have ended", async () => {
  const times = { ...DEFAULT_SETTINGS.times, recordMs: 86_400_000 };
  for (const [leftMs, takesMs] of [[10_000, 9_999], [1, 2]] as const) {
    await using scene = await openCrossScene({ settings: { times } });
    const { app, late, merchant, account, phone } = scene;
    const { api, clock } = app;
    const isThere = async () =>
      await peekOrder(app.store, merchant.id, "order-1") !== null;
    await api.setBalance(account, 1);
    assertEquals(
      said(await api.pay(merchant, first(scene))),
      "payment-declined",
    );
    await api.setBalance(account, 10_000);
    clock.advance(times.recordMs - leftMs);
    const code = phone.code(clock.ms);
    const paid = await api.pay(merchant, { code, order_id: "order-2" });
    assertEquals(said(paid), "201");
    behind(late, "txn claim", () => clock.advance(takesMs));
    const again = await api.pay(merchant, { code, order_id: "order-1" });
    assertEquals([said(again), await isThere()], ["code-replayed", true]);
    clock.advance(1);
    assertEquals([await isThere(), await scene.due()], [false, 0]);
  }
});
