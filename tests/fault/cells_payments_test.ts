import { assert, assertEquals } from "@std/assert";
import { claims } from "../../edge/payment/crossing.ts";
import {
  CROSSING,
  first,
  openCrossScene,
  STEP_MS,
  SWEEP_MS,
  warmUp,
} from "../support/world/crossing.ts";
import { said } from "../support/world/desk.ts";
import { peekAccount, peekOrder } from "../support/world/peek.ts";
import type { FaultMode } from "../support/store/faulty_store.ts";

/** How long fences and undone openings are remembered. */
const DAY_MS = 86_400_000;

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
