import { assert, assertEquals, assertRejects } from "@std/assert";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { marks } from "../../edge/enrolment/writes.ts";
import { claims } from "../../edge/payment/crossing.ts";
import { orders } from "../../edge/payment/order_form.ts";
import { orderName } from "../../edge/payment/payment_id.ts";
import {
  confirmations,
  doubleScans,
  dueOrders,
} from "../../edge/payment/transition.ts";
import { offlineRuns } from "../../edge/risk/limits.ts";
import type { PaymentRecord } from "../../edge/payment/record.ts";
import { cellsOf, placesIn } from "../../edge/store/indexes.ts";
import {
  StoreUnavailableError,
  type Transaction,
  type Write,
} from "../../edge/store/store.ts";
import type { Answer } from "../support/world/api.ts";
import { NOON_MS, UNLIMITED } from "../support/world/app.ts";
import {
  type CrossScene,
  type LateStore,
  openCrossScene,
} from "../support/world/crossing.ts";
import { peekAccount, peekOrder } from "../support/world/peek.ts";
import { readRecords } from "../../edge/store/record.ts";
import { transactionName } from "../support/world/points/fail_points.ts";
import type { FaultMode } from "../support/store/faulty_store.ts";

const SWEEP_MS = 20_000;
const STEP_MS = 30_000;
/** How long fences and undone openings are remembered. */
const DAY_MS = 86_400_000;

const said = ({ status, body }: Answer): string =>
  status < 300 ? `${status}` : body.code;

/** What a payment across two cells asks of the store, once everything is cached. */
const CROSSING = [
  "txn order",
  "txn claim",
  "txn sandbox-debit",
  "txn payment",
];

const first = (scene: CrossScene, orderId = "order-1") => ({
  code: scene.phone.code(NOON_MS),
  order_id: orderId,
});

/** Pays once elsewhere, so that merchant, permits and bucket are known. */
async function warmUp(scene: CrossScene): Promise<void> {
  const { app, merchant, phone, faulty } = scene;
  app.clock.advance(-STEP_MS);
  const code = phone.code(app.clock.ms);
  await app.api.pay(merchant, { code, order_id: "warm" });
  app.clock.advance(STEP_MS);
  await app.api.pay(merchant, { code: "1", order_id: "warm" });
  faulty.plan();
}

Deno.test("a payment across two cells takes three transactions one after the other", async () => {
  await using scene = await openCrossScene();
  await warmUp(scene);
  const { app: { api }, faulty, merchant } = scene;
  const paid = await api.pay(merchant, first(scene));
  assertEquals(said(paid), "201");
  assertEquals(
    faulty.trace.filter((it) => CROSSING.includes(it)),
    CROSSING,
  );
  assertEquals(await scene.claimOf(paid.body.payment_id), "taken");
  assertEquals(await scene.due(), 0);
});

Deno.test("a payment within one cell of several is claimed as in a store of one", async () => {
  await using scene = await openCrossScene({ crossing: false });
  const { app: { api }, faulty, merchant } = scene;
  faulty.plan();
  const paid = await api.pay(merchant, first(scene));
  assertEquals(said(paid), "201");
  assert(!faulty.trace.includes("txn claim"), faulty.trace.join());
  assertEquals(await scene.claimOf(paid.body.payment_id), null);
});

/** How a payment begins after a fault, what a repeat says, and how it ends. */
const BEGINS: Record<
  Exclude<FaultMode, "twice">,
  Record<string, readonly [first: string, again: string, end: string]>
> = {
  before: {
    "txn order": ["store-unavailable", "201", "succeeded"],
    // Nobody knows of the claim, so the sweeper sees to it that there is none.
    "txn claim": ["payment-pending", "payment-pending", "declined"],
    "txn sandbox-debit": ["payment-pending", "payment-pending", "succeeded"],
    "txn payment": ["payment-pending", "payment-pending", "succeeded"],
  },
  after: {
    "txn order": ["store-unavailable", "payment-pending", "declined"],
    "txn claim": ["payment-pending", "payment-pending", "succeeded"],
    "txn sandbox-debit": ["payment-pending", "payment-pending", "succeeded"],
    "txn payment": ["payment-pending", "200", "succeeded"],
  },
};

for (const [mode, cases] of Object.entries(BEGINS)) {
  for (const [operation, [begin, again, end]] of Object.entries(cases)) {
    Deno.test(`a crossing payment tells no lie: ${mode} on "${operation}"`, async () => {
      await using scene = await openCrossScene();
      await warmUp(scene);
      const { app, faulty, merchant, account } = scene;
      const at = await placeOf(operation);
      const before = await peekAccount(app.store, account);
      faulty.plan({ at, mode: mode as FaultMode });
      const order = first(scene);
      assertEquals(said(await app.api.pay(merchant, order)), begin);
      assertEquals(faulty.trace[at], operation);
      faulty.plan();
      assertEquals(said(await app.api.pay(merchant, order)), again);
      app.clock.advance(SWEEP_MS);
      await app.sweeper.sweep();
      const { payment } = (await peekOrder(app.store, merchant.id, "order-1"))!;
      assertEquals(payment!.status, end);
      assertEquals(await scene.due(), 0);
      const paid = end === "succeeded" ? 1 : 0;
      const now = await peekAccount(app.store, account);
      assertEquals(now.count!.amount, before.count!.amount + paid);
      assertEquals(await app.api.balance(account), 8_750 - 1_250 * paid);
      const claim = await scene.claimOf(payment!.payment_id);
      assertEquals(claim, paid === 1 ? "taken" : "void");
      if (end === "declined") {
        assertEquals(payment!.decline_reason, "not_claimed");
      }
    });
  }
}

/** The position of an operation in the trace of a warm payment. */
async function placeOf(operation: string): Promise<number> {
  await using scene = await openCrossScene();
  await warmUp(scene);
  await scene.app.api.pay(scene.merchant, first(scene));
  return scene.faulty.trace.indexOf(operation);
}

for (const operation of CROSSING) {
  Deno.test(`a crossing payment pays once when "${operation}" is sent twice`, async () => {
    await using scene = await openCrossScene();
    await warmUp(scene);
    const { app: { api }, faulty, merchant, account } = scene;
    faulty.plan({ at: await placeOf(operation), mode: "twice" });
    assertEquals(said(await api.pay(merchant, first(scene))), "201");
    assertEquals(await api.balance(account), 7_500);
    assertEquals(await scene.due(), 0);
  });
}

Deno.test("a refused code leaves no order, no payment and nothing due, and a declined order comes back as it was", async () => {
  await using scene = await openCrossScene();
  const { app, merchant, account } = scene;
  const { api, store } = app;
  const used = first(scene);
  await api.pay(merchant, used);
  const replayed = await api.pay(merchant, { ...used, order_id: "order-2" });
  assertEquals(said(replayed), "code-replayed");
  assertEquals(await peekOrder(store, merchant.id, "order-2"), null);
  assertEquals(await scene.due(), 0);
  // A decline, then another attempt with the used code.
  app.clock.advance(STEP_MS);
  await api.setBalance(account, 1);
  const poor = { code: scene.phone.code(app.clock.ms), order_id: "order-3" };
  assertEquals(said(await api.pay(merchant, poor)), "payment-declined");
  const before = await peekOrder(store, merchant.id, "order-3");
  const again = { ...used, order_id: "order-3" };
  assertEquals(said(await api.pay(merchant, again)), "code-replayed");
  assertEquals(await peekOrder(store, merchant.id, "order-3"), before);
  assertEquals(await scene.due(), 0);
});

/** What befalls a fence or an undoing, by how often; and what the till hears. */
const TAKEN_BACK: readonly (readonly [
  what: "fence" | "undoing",
  mode: FaultMode,
  times: 1 | 2,
  told: string,
])[] = [
  ["fence", "before", 1, "code-replayed"],
  ["fence", "after", 1, "code-replayed"],
  ["fence", "twice", 1, "code-replayed"],
  ["fence", "before", 2, "code-replayed"],
  ["fence", "after", 2, "code-replayed"],
  ["undoing", "before", 1, "code-replayed"],
  ["undoing", "after", 1, "code-replayed"],
  ["undoing", "twice", 1, "code-replayed"],
  // Nobody knows, so the sweeper finds out.
  ["undoing", "before", 2, "payment-pending"],
  ["undoing", "after", 2, "payment-pending"],
];

for (const [what, mode, times, told] of TAKEN_BACK) {
  Deno.test(`a refused code leaves nothing behind an answer: ${mode} on the ${what}, ${times} times`, async () => {
    await using scene = await openCrossScene();
    const { app, faulty, late, merchant, account } = scene;
    const { api, store } = app;
    const used = first(scene);
    await api.pay(merchant, used);
    const before = await peekAccount(store, account);
    faulty.plan();
    await api.pay(merchant, { ...used, order_id: "order-2" });
    const opened = faulty.trace.indexOf("txn order");
    // T1, T2, then both at once; each is made once more if its answer is lost.
    assertEquals(
      faulty.trace.slice(opened),
      ["txn order", "txn claim", "txn claim", "txn payment"],
    );
    const isFence = what === "fence";
    const at = opened + (isFence ? 2 : 3);
    const again = { at: opened + 4, mode };
    faulty.plan({ at, mode }, ...(times === 2 ? [again] : []));
    const sent: Parameters<typeof late.txn>[0][] = [];
    const txn = late.txn.bind(late);
    late.txn = (transaction) => {
      sent.push(transaction);
      return txn(transaction);
    };
    const answer = await api.pay(merchant, { ...used, order_id: "order-3" });
    assertEquals(said(answer), told);
    faulty.plan();
    const left = await peekOrder(store, merchant.id, "order-3");
    assertEquals(left !== null, told !== "code-replayed" && mode === "before");
    app.clock.advance(SWEEP_MS);
    await app.sweeper.sweep();
    const { payment } = await peekOrder(store, merchant.id, "order-3") ?? {};
    assertEquals(payment?.status, left === null ? undefined : "declined");
    assertEquals(await scene.due(), 0);
    // Whatever the network still has, nothing comes of it.
    for (const it of sent) await txn(it);
    assertEquals(await peekAccount(store, account), before);
    assertEquals(await scene.due(), 0);
    const now = await peekOrder(store, merchant.id, "order-3");
    assertEquals(now?.payment?.status, payment?.status);
  });
}

Deno.test("a decline and a reversal give back in the customer's cell, once", async () => {
  await using scene = await openCrossScene();
  const { app, merchant, account } = scene;
  const { api, store } = app;
  const counted = async () => (await peekAccount(store, account)).count?.amount;
  await api.setBalance(account, 1);
  const poor = await api.pay(merchant, first(scene));
  assertEquals(said(poor), "payment-declined");
  assertEquals(await scene.claimOf(poor.body.payment_id), "given_back");
  assertEquals(await counted(), 0);
  await api.setBalance(account, 10_000);
  app.clock.advance(STEP_MS);
  const code = scene.phone.code(app.clock.ms);
  const paid = await api.pay(merchant, { code, order_id: "order-2" });
  assertEquals([said(paid), await counted()], ["201", 1]);
  const body = { order_id: "order-2" };
  for (let i = 0; i < 2; i++) {
    await api.must(200, "POST", "/v1/reversals", { key: merchant.key, body });
    assertEquals(await counted(), 0);
  }
  assertEquals(await scene.claimOf(paid.body.payment_id), "given_back");
  assertEquals(await api.balance(account), 10_000);
});

Deno.test("an opening that is delivered after it was taken back opens nothing", async () => {
  await using scene = await openCrossScene();
  const { app: { api, store, clock }, late, merchant } = scene;
  await api.pay(merchant, first(scene));
  // The network keeps a copy of T1, and delivers another one.
  const copies: Parameters<typeof late.txn>[0][] = [];
  const txn = late.txn.bind(late);
  late.txn = (transaction) => {
    copies.push(transaction);
    return txn(transaction);
  };
  const replayed = await api.pay(merchant, first(scene, "order-2"));
  assertEquals(said(replayed), "code-replayed");
  clock.advance(DAY_MS - 1);
  let committed = 0;
  for (const copy of copies) {
    // Their order: T1, T2, then the fence and the undoing.
    if ((await txn(copy)).committed) committed++;
  }
  assertEquals(committed, 0);
  assertEquals(await peekOrder(store, merchant.id, "order-2"), null);
  assertEquals(await scene.due(), 0);
});

Deno.test("a claim that is delivered after it was fenced takes nothing", async () => {
  await using scene = await openCrossScene();
  const { app, late, merchant, account } = scene;
  late.keeps = "txn claim";
  assertEquals(
    said(await app.api.pay(merchant, first(scene))),
    "payment-pending",
  );
  late.keeps = null;
  app.clock.advance(SWEEP_MS);
  await app.sweeper.sweep();
  assertEquals(late.kept.length, 1);
  app.clock.advance(DAY_MS - 1);
  assertEquals(await late.deliver(), 0);
  const { count, mark } = await peekAccount(app.store, account);
  assertEquals([count, mark], [null, 0]);
  const { payment } = (await peekOrder(app.store, merchant.id, "order-1"))!;
  assertEquals(payment!.status, "declined");
});

Deno.test("a reversal fences a claim that is still on its way", async () => {
  await using scene = await openCrossScene();
  const { app: { api, store }, late, merchant, account } = scene;
  late.keeps = "txn claim";
  await api.pay(merchant, first(scene));
  late.keeps = null;
  const body = { order_id: "order-1" };
  await api.must(200, "POST", "/v1/reversals", { key: merchant.key, body });
  assertEquals(await late.deliver(), 0);
  assertEquals((await peekAccount(store, account)).count, null);
  assertEquals(await api.balance(account), 10_000);
  assertEquals(await scene.due(), 0);
});

for (const delivers of [false, true]) {
  Deno.test(`what a decline owes while the customer's cell is ${delivers ? "deaf" : "away"} is paid later, once, before another attempt`, async () => {
    await using scene = await openCrossScene();
    await warmUp(scene);
    const { app, late, merchant, account } = scene;
    const { api, store, sweeper } = app;
    const counted = async () =>
      (await peekAccount(store, account)).count?.amount;
    await api.setBalance(account, 1);
    const before = await counted();
    // The claim gets through; what gives it back does not, or nobody hears of it.
    Object.assign(late, { keeps: "txn claim", skip: 1, delivers });
    const order = { ...first(scene), order_id: "order-2" };
    assertEquals(said(await api.pay(merchant, order)), "payment-declined");
    const owing = (await peekOrder(store, merchant.id, "order-2"))!.payment!;
    assertEquals([owing.status, owing.owes], ["declined", true]);
    assertEquals(await scene.due(), 1);
    assertEquals(await counted(), delivers ? before : before! + 1);
    late.keeps = null;
    app.clock.advance(SWEEP_MS);
    assertEquals(await sweeper.sweep(), { due: 1, ended: 1 });
    const paid = (await peekOrder(store, merchant.id, "order-2"))!.payment!;
    assertEquals([paid.status, paid.owes], ["declined", undefined]);
    assertEquals([await scene.due(), await counted()], [0, before]);
    assertEquals(await late.deliver(), 0);
    assertEquals(await counted(), before);
  });
}

Deno.test("a fail-over that loses a claim behind its debit undoes the debit", async () => {
  await using scene = await openCrossScene();
  await warmUp(scene);
  const { app, faulty, merchant, account } = scene;
  // The money has moved, and its end is not written.
  faulty.plan({ at: await placeOf("txn payment"), mode: "before" });
  const pending = await app.api.pay(merchant, first(scene));
  assertEquals(said(pending), "payment-pending");
  faulty.plan();
  assertEquals(await app.api.balance(account), 7_500);
  const { payment_id } = pending.body;
  await app.store.txn({ checks: [], writes: [claims(payment_id).delete()] });
  app.clock.advance(SWEEP_MS);
  await app.sweeper.sweep();
  const { payment } = (await peekOrder(app.store, merchant.id, "order-1"))!;
  assertEquals(
    [payment!.status, payment!.decline_reason],
    ["declined", "not_claimed"],
  );
  assertEquals(await app.api.balance(account), 8_750);
  assertEquals(await scene.claimOf(payment_id), "void");
});

/** The limits, with some figures of the normal tier, or of both. */
const limited = (
  normal: Partial<typeof UNLIMITED.limits.normal>,
  restricted: typeof normal = {},
) => ({
  limits: {
    ...UNLIMITED.limits,
    normal: { ...UNLIMITED.limits.normal, ...normal },
    restricted: { ...UNLIMITED.limits.restricted, ...restricted },
  },
});

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

/** Lets something happen behind the next transaction of this name, before its answer arrives. */
function behind(
  late: LateStore,
  name: string,
  happens: (transaction: Transaction) => unknown,
): void {
  const txn = late.txn.bind(late);
  late.txn = async (transaction) => {
    const result = await txn(transaction);
    if (transactionName(transaction) === name) {
      late.txn = txn;
      await happens(transaction);
    }
    return result;
  };
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

/** Approves a payment for its customer. */
const approve = ({ app, walletKey: key }: CrossScene, paymentId: string) =>
  app.api.call("POST", `/v1/payments/${paymentId}/confirmation`, {
    key,
    body: { approve: true },
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
    () =>
      api.must(200, "PATCH", `/v1/admin/merchants/${merchant.id}`, {
        key: api.adminKey,
        body: { status: "suspended" },
      }),
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
        () =>
          api.must(200, "PATCH", `/v1/admin/merchants/${merchant.id}`, {
            key: api.adminKey,
            body: { status: "suspended" },
          }),
      ),
  );
  assertEquals(said(await approve(scene, payment_id)), "merchant-suspended");
  assertEquals(await scene.claimOf(payment_id), "confirmed");
  assertEquals(await api.balance(account), 10_000);
});
