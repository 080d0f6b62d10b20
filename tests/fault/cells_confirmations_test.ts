import { assertEquals } from "@std/assert";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { marks } from "../../edge/enrolment/writes.ts";
import { claims } from "../../edge/payment/crossing.ts";
import { orders } from "../../edge/payment/order_form.ts";
import { orderName } from "../../edge/payment/payment_id.ts";
import { confirmations, doubleScans } from "../../edge/payment/transition.ts";
import { offlineRuns } from "../../edge/risk/limits.ts";
import type { PaymentRecord } from "../../edge/payment/record.ts";
import type { Write } from "../../edge/store/store.ts";
import {
  behind,
  type CrossScene,
  first,
  limited,
  openCrossScene,
  SWEEP_MS,
} from "../support/world/crossing.ts";
import { said } from "../support/world/desk.ts";
import { peekOrder } from "../support/world/peek.ts";
import { readRecords } from "../../edge/store/record.ts";

const STEP_UP = limited({ stepUpAboveMinor: 500 });

Deno.test("a payment that awaits its customer is never debited before, wherever its process ends", async () => {
  for (const delivers of [false, true]) {
    await using scene = await openCrossScene({ settings: STEP_UP });
    const { app, late, merchant, account, walletKey: key } = scene;
    const { api, store, sweeper } = app;
    Object.assign(late, { keeps: "txn claim", delivers });
    const pending = await api.pay(merchant, first(scene));
    assertEquals(said(pending), "payment-pending");
    late.keeps = null;
    app.clock.advance(SWEEP_MS);
    await sweeper.sweep();
    const { payment } = (await peekOrder(store, merchant.id, "order-1"))!;
    assertEquals(await api.balance(account), 10_000);
    if (!delivers) {
      assertEquals(payment!.decline_reason, "not_claimed");
      continue;
    }
    assertEquals(payment!.status, "awaiting_confirmation");
    const path = `/v1/payments/${payment!.payment_id}/confirmation`;
    const answer = await api.must(200, "POST", path, {
      key,
      body: { approve: true },
    });
    assertEquals(answer.status, "succeeded");
    assertEquals(await scene.claimOf(payment!.payment_id), "confirmed");
    assertEquals(await api.balance(account), 8_750);
  }
});

Deno.test("a claim that awaits its customer is not debited, although a fail-over has lost that its order waits", async () => {
  await using scene = await openCrossScene({ settings: STEP_UP });
  const { app, late, merchant, account } = scene;
  const { api, store, sweeper } = app;
  Object.assign(late, { keeps: "txn claim", delivers: true });
  await api.pay(merchant, first(scene));
  late.keeps = null;
  const order = (await peekOrder(store, merchant.id, "order-1"))!;
  const payment = { ...order.payment!, status: "processing" as const };
  const place = orders(orderName(merchant.id, "order-1"));
  const waiting = confirmations(account);
  await store.txn({ checks: [], writes: [place.set({ ...order, payment })] });
  await store.txn({
    checks: [],
    writes: [waiting.remove(payment.payment_id)],
  });
  app.clock.advance(SWEEP_MS);
  await sweeper.sweep();
  const [listed] = await store.range(waiting.page(9));
  assertEquals(listed?.member, payment.payment_id);
  const now = (await peekOrder(store, merchant.id, "order-1"))!.payment!;
  assertEquals(now.status, "awaiting_confirmation");
  assertEquals(await api.balance(account), 10_000);
});

/** Approves a payment for its customer. */
const approve = ({ app, walletKey: key }: CrossScene, paymentId: string) =>
  app.api.call("POST", `/v1/payments/${paymentId}/confirmation`, {
    key,
    body: { approve: true },
  });

/** Suspends the merchant. */
const suspend = ({ app: { api }, merchant }: CrossScene) =>
  api.must(200, "PATCH", `/v1/admin/merchants/${merchant.id}`, {
    key: api.adminKey,
    body: { status: "suspended" },
  });

/** What befalls an account while its payment is being confirmed, and what is told. */
const BARRED: Record<
  string,
  readonly [told: string, happens: (scene: CrossScene) => Promise<unknown>]
> = {
  blocked: ["payer-blocked", ({ app, phone, walletKey: key }) => {
    const path = `/v1/enrolments/${phone.credentialId}`;
    const body = { risk: "blocked" };
    return app.api.must(200, "PATCH", path, { key, body });
  }],
  // The erasure has not yet refused what waits for the customer.
  erased: ["not-found", ({ app, account }) => {
    const writes = [marks(account).delete()];
    return app.store.txn({ checks: [], writes });
  }],
};

for (const [what, [told, happens]] of Object.entries(BARRED)) {
  Deno.test(`a customer who is ${what} behind the check does not get a payment confirmed`, async () => {
    await using scene = await openCrossScene({ settings: STEP_UP });
    const { app, late, merchant, account } = scene;
    const waiting = await app.api.pay(merchant, first(scene));
    const { payment_id } = waiting.body;
    // The claim was read, and it is not confirmed yet.
    behind(late, "txn claim", () => happens(scene));
    assertEquals(said(await approve(scene, payment_id)), told);
    assertEquals(await scene.claimOf(payment_id), "taken");
    const { payment } = (await peekOrder(app.store, merchant.id, "order-1"))!;
    assertEquals(payment!.status, "awaiting_confirmation");
    assertEquals(await app.api.balance(account), 10_000);
  });
}

Deno.test("a merchant who is suspended behind the check is not paid by what a customer confirms", async () => {
  await using scene = await openCrossScene({ settings: STEP_UP });
  const { app: { api, store }, late, merchant, account } = scene;
  const waiting = await api.pay(merchant, first(scene));
  const { payment_id } = waiting.body;
  // The merchant was read, and its cell does not say yet that the customer has confirmed.
  behind(
    late,
    "txn claim",
    () => suspend(scene),
  );
  assertEquals(said(await approve(scene, payment_id)), "merchant-suspended");
  assertEquals(await scene.claimOf(payment_id), "confirmed");
  const { payment } = (await peekOrder(store, merchant.id, "order-1"))!;
  assertEquals(payment!.status, "awaiting_confirmation");
  assertEquals(await api.balance(account), 10_000);
});

Deno.test("a customer cannot confirm a payment whose claim was never made", async () => {
  await using scene = await openCrossScene({ settings: STEP_UP });
  const { app: { api }, late, merchant, account } = scene;
  late.keeps = "txn claim";
  const pending = await api.pay(merchant, first(scene));
  assertEquals(said(pending), "payment-pending");
  late.keeps = null;
  const { payment_id } = pending.body;
  const answer = await approve(scene, payment_id);
  assertEquals(
    [said(answer), answer.body.decline_reason],
    ["payment-declined", "not_claimed"],
  );
  assertEquals(await scene.claimOf(payment_id), "void");
  assertEquals(await late.deliver(), 0);
  assertEquals([await scene.due(), await api.balance(account)], [0, 10_000]);
});

/** Which record a fail-over takes back to what it was before the customer confirmed. */
const UNHEARD: Record<
  string,
  (scene: CrossScene, payment: PaymentRecord) => Write
> = {
  claim: (_, { payment_id }) =>
    claims(payment_id).set({ state: "taken", awaits: true }),
  order: ({ merchant }, payment) =>
    orders(orderName(merchant.id, "order-1")).set({
      ...{ merchant_id: merchant.id, order_id: "order-1", earlier: [] },
      ...{ version: 1, first_version: 1 },
      payment: { ...payment, confirmed: false },
    }),
};

for (const [what, lost] of Object.entries(UNHEARD)) {
  Deno.test(`a customer who has confirmed is not asked again, although a fail-over has lost that in the ${what}`, async () => {
    await using scene = await openCrossScene({ settings: STEP_UP });
    const { app, late, merchant, account } = scene;
    const { api, store, sweeper } = app;
    const { payment_id } = (await api.pay(merchant, first(scene))).body;
    late.keeps = "txn sandbox-debit";
    await approve(scene, payment_id);
    late.keeps = null;
    const order = (await peekOrder(store, merchant.id, "order-1"))!;
    assertEquals(order.payment!.status, "processing");
    const writes = [lost(scene, order.payment!)];
    await store.txn({ checks: [], writes });
    app.clock.advance(SWEEP_MS);
    await sweeper.sweep();
    const { payment } = (await peekOrder(store, merchant.id, "order-1"))!;
    assertEquals(payment!.status, "succeeded");
    assertEquals(await api.balance(account), 8_750);
  });
}

Deno.test("an opening whose claim another process has fenced is left to that process", async () => {
  await using scene = await openCrossScene();
  const { app, late, merchant, account } = scene;
  const { api, store, sweeper } = app;
  behind(late, "txn order", async () => {
    const order = (await peekOrder(store, merchant.id, "order-1"))!;
    const claim = claims(order.payment!.payment_id);
    const writes = [claim.set({ state: "void" })];
    await store.txn({ checks: [], writes });
  });
  assertEquals(said(await api.pay(merchant, first(scene))), "payment-pending");
  app.clock.advance(SWEEP_MS);
  await sweeper.sweep();
  const { payment } = (await peekOrder(store, merchant.id, "order-1"))!;
  assertEquals(payment!.decline_reason, "not_claimed");
  assertEquals([await scene.due(), await api.balance(account)], [0, 10_000]);
});

/** What changes in the customer's cell before a decline is given back there. */
const MEANWHILE: Record<
  string,
  (payment: PaymentRecord, nowMs: number) => Write
> = {
  "the customer was seen online": ({ account_id }, nowMs) =>
    offlineRuns(account_id).set(nowMs),
  "its claim was confirmed": ({ payment_id }) =>
    claims(payment_id).set({ state: "confirmed" }),
  "its guard against double scans has expired": (payment) => {
    const { merchant_id, account_id, currency, amount_minor } = payment;
    return doubleScans(merchant_id, account_id, currency, amount_minor)
      .delete();
  },
};

for (const [what, change] of Object.entries(MEANWHILE)) {
  Deno.test(`a decline owes nothing, although ${what} meanwhile`, async () => {
    const settings = { doubleScanMs: 60_000 };
    await using scene = await openCrossScene({ settings });
    const { app, late, merchant, account } = scene;
    const { api, store, clock } = app;
    await api.setBalance(account, 1);
    behind(late, "txn claim", async () => {
      const order = (await peekOrder(store, merchant.id, "order-1"))!;
      behind(late, "txn sandbox-debit", async () => {
        const writes = [change(order.payment!, clock.ms)];
        await store.txn({ checks: [], writes });
      });
    });
    const poor = await api.pay(merchant, first(scene));
    assertEquals(said(poor), "payment-declined");
    assertEquals(await scene.claimOf(poor.body.payment_id), "given_back");
    const { payment } = (await peekOrder(store, merchant.id, "order-1"))!;
    assertEquals([payment!.owes, await scene.due()], [undefined, 0]);
  });
}

Deno.test("a claim that waits is looked at soon, and lapses when the customer's time is over", async () => {
  await using scene = await openCrossScene({ settings: STEP_UP });
  const { app, merchant, account } = scene;
  const { payment_id } = (await app.api.pay(merchant, first(scene))).body;
  app.clock.advance(SWEEP_MS);
  assertEquals(await app.sweeper.sweep(), { due: 1, ended: 0 });
  assertEquals(await app.sweeper.sweep(), { due: 0, ended: 0 });
  app.clock.advance(DEFAULT_SETTINGS.times.confirmationMs - SWEEP_MS);
  assertEquals(await app.sweeper.sweep(), { due: 1, ended: 1 });
  const { payment } = (await peekOrder(app.store, merchant.id, "order-1"))!;
  assertEquals(
    [payment!.status, payment!.decline_reason],
    ["declined", "confirmation_timeout"],
  );
  assertEquals(await scene.claimOf(payment_id), "given_back");
  assertEquals(await app.api.balance(account), 10_000);
});

for (const ends of ["reversed", "confirmed"] as const) {
  Deno.test(`a payment that is ${ends} waits for its customer no more`, async () => {
    await using scene = await openCrossScene({ settings: STEP_UP });
    const { app: { api, store, clock }, merchant, account } = scene;
    const waiting = async () =>
      (await store.range(confirmations(account).page(9))).length;
    const { payment_id } = (await api.pay(merchant, first(scene))).body;
    assertEquals(await waiting(), 1);
    const body = { order_id: "order-1" };
    const { key } = merchant;
    if (ends === "reversed") {
      await api.must(200, "POST", "/v1/reversals", { key, body });
    } else assertEquals(said(await approve(scene, payment_id)), "200");
    assertEquals(await waiting(), 0);
    // Who confirms is online, so offline codes are counted anew.
    const [run] = await readRecords(store, [offlineRuns(account)]);
    assertEquals(run.value, ends === "confirmed" ? clock.ms : null);
  });
}

Deno.test("a merchant that is suspended behind the customer's confirmation is not paid", async () => {
  await using scene = await openCrossScene({ settings: STEP_UP });
  const { app: { api }, late, merchant, account } = scene;
  const { payment_id } = (await api.pay(merchant, first(scene))).body;
  // The claim was read by "txn claim", and is confirmed by the second one.
  behind(
    late,
    "txn claim",
    () =>
      behind(
        late,
        "txn claim",
        () => suspend(scene),
      ),
  );
  assertEquals(said(await approve(scene, payment_id)), "merchant-suspended");
  assertEquals(await scene.claimOf(payment_id), "confirmed");
  assertEquals(await api.balance(account), 10_000);
});
