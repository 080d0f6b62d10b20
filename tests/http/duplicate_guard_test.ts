import { assertEquals } from "@std/assert";
import type { TestAppOptions } from "../support/world/app.ts";
import {
  type Desk,
  limited,
  openDesk,
  said,
  STEP_MS,
  storedValues,
} from "../support/world/desk.ts";

const GUARD_MS = 60_000;

/** A shop that asks the customer about what looks like a double scan. */
function guardedDesk(options: TestAppOptions = {}): Promise<Desk> {
  return openDesk({
    ...options,
    settings: {
      doubleScanMs: GUARD_MS,
      doubleScanAsks: "customer",
      ...options.settings,
    },
  });
}

/** What is left of the guard. */
const guards = ({ app, clock }: Desk) =>
  storedValues(app.path, "double-scan")
    .filter(({ expiresAtMs }) => expiresAtMs! > clock.ms);

Deno.test("the same purchase under another order waits for the customer", async () => {
  await using desk = await guardedDesk();
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  const second = await desk.pay("order-2", desk.next());
  assertEquals(
    [second.status, second.body.code, second.body.next_query_seconds],
    [402, "payment-pending", 2],
  );
  assertEquals(await desk.balance(), 8_750);
  const [waiting, ...none] = await desk.waiting();
  assertEquals(none, []);
  assertEquals(waiting, {
    payment_id: second.body.payment_id,
    account_id: "alice",
    merchant_name: "Corner Shop",
    amount_minor: 1250,
    currency: "EUR",
    expires_at: "2026-01-15T12:03:30.000Z",
  });
  // It may be meant: one more coffee.
  const yes = await desk.confirm(second.body.payment_id, true);
  assertEquals(yes.body.status, "succeeded");
  assertEquals(await desk.balance(), 7_500);
});

Deno.test("the guard holds for 60 seconds, to the millisecond", async () => {
  for (
    const [afterMs, answer] of [
      [0, "payment-pending"],
      [GUARD_MS - 1, "payment-pending"],
      [GUARD_MS, "201"],
    ] as const
  ) {
    await using desk = await guardedDesk();
    assertEquals(said(await desk.pay("order-1", desk.code())), "201");
    desk.clock.advance(afterMs);
    const code = desk.phone.code(desk.clock.ms + (afterMs === 0 ? STEP_MS : 0));
    assertEquals(said(await desk.pay("order-2", code)), answer, `${afterMs}`);
  }
});

Deno.test("an online code does not get around the guard", async () => {
  await using desk = await guardedDesk();
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  assertEquals(
    said(await desk.pay("order-2", await desk.onlineCode())),
    "payment-pending",
  );
});

Deno.test("another amount, currency, payer or merchant is another purchase", async () => {
  await using desk = await guardedDesk();
  const { api, walletKey } = desk;
  const other = await api.merchant("Another Shop");
  const bob = await api.enrol(walletKey, "bob", "phone-b");
  await api.setBalance("bob", 10_000);
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  const pay = async (order: string, fields = {}, who = desk.merchant) =>
    said(await desk.pay(order, desk.next(), fields, who));
  assertEquals(await pay("order-2", { amount_minor: 1_251 }), "201");
  const bobs = bob.code(desk.clock.ms);
  assertEquals(said(await desk.pay("order-3", bobs)), "201");
  desk.clock.advance(-STEP_MS);
  assertEquals(await pay("order-4", {}, other), "code-replayed");
  assertEquals(await pay("order-4", {}, other), "201");
  await desk.api.setBalance("alice", 10_000, "CNY");
  const online = await desk.onlineCode();
  const yuan = await desk.pay("order-5", online, { currency: "CNY" });
  assertEquals(said(yuan), "201");
});

Deno.test("a first one that was declined is no reason to ask", async () => {
  await using desk = await guardedDesk();
  await desk.api.setBalance("alice", 0);
  assertEquals(
    said(await desk.pay("order-1", desk.code())),
    "payment-declined",
  );
  assertEquals(guards(desk), []);
  await desk.api.setBalance("alice", 10_000);
  assertEquals(said(await desk.pay("order-2", desk.next())), "201");
});

Deno.test("a first one that was reversed is no reason to ask", async () => {
  await using desk = await guardedDesk();
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  desk.ledger.reversals = "unheard";
  await desk.reverse("order-1");
  // Not yet: nobody knows whether it is undone.
  const unsure = await desk.pay("order-2", desk.next());
  assertEquals(said(unsure), "payment-pending");
  desk.ledger.reversals = "up";
  await desk.reverse("order-2");
  await desk.reverse("order-1");
  desk.clock.advance(GUARD_MS);
  assertEquals(said(await desk.pay("order-3", desk.code())), "201");
  await desk.reverse("order-3");
  assertEquals(said(await desk.pay("order-4", desk.next())), "201");
});

Deno.test("a declined order tried again is no double scan of itself", async () => {
  await using desk = await guardedDesk();
  await desk.api.setBalance("alice", 0);
  for (let i = 0; i < 2; i++) {
    const declined = await desk.pay("order-1", desk.next());
    assertEquals(said(declined), "payment-declined");
  }
  await desk.api.setBalance("alice", 10_000);
  assertEquals(said(await desk.pay("order-1", desk.next())), "201");
  assertEquals(said(await desk.pay("order-1", desk.next())), "200");
});

Deno.test("a purchase that is not decided yet counts as one", async () => {
  await using desk = await guardedDesk();
  desk.ledger.debits = "unheard";
  assertEquals(said(await desk.pay("order-1", desk.code())), "payment-pending");
  desk.ledger.debits = "up";
  const second = await desk.pay("order-2", desk.next());
  assertEquals(said(second), "payment-pending");
  assertEquals((await desk.waiting()).length, 1);
});

Deno.test("a double scan that the customer refused leaves the first one guarded", async () => {
  await using desk = await guardedDesk();
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  desk.clock.advance(-STEP_MS);
  for (const order of ["order-2", "order-3", "order-4"]) {
    const again = await desk.pay(order, await desk.onlineCode());
    assertEquals(said(again), "payment-pending", order);
    const id = again.body.payment_id;
    if (order === "order-3") await desk.reverse(order);
    else assertEquals((await desk.confirm(id, false)).body.status, "declined");
  }
  assertEquals(await desk.balance(), 8_750);
  // The order of the refused one, too.
  const same = await desk.pay("order-2", await desk.onlineCode());
  assertEquals(said(same), "payment-pending");
});

Deno.test("reversing the first leaves a second one guarded that was meant", async () => {
  await using desk = await guardedDesk();
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  const second = await desk.pay("order-2", desk.next());
  await desk.confirm(second.body.payment_id, true);
  await desk.reverse("order-1");
  assertEquals(await desk.balance(), 8_750);
  assertEquals(said(await desk.pay("order-3", desk.next())), "payment-pending");
});

Deno.test("a second one that was meant is guarded for 60 seconds of its own", async () => {
  await using desk = await guardedDesk();
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  desk.clock.advance(GUARD_MS - 1);
  const second = await desk.pay("order-2", desk.code());
  await desk.confirm(second.body.payment_id, true);
  desk.clock.advance(GUARD_MS - 1);
  assertEquals(said(await desk.pay("order-3", desk.code())), "payment-pending");
});

Deno.test("a purchase above the step-up amount is asked about once", async () => {
  await using desk = await guardedDesk({
    settings: limited({ stepUpAboveMinor: 1_000 }),
  });
  const first = await desk.pay("order-1", desk.code());
  assertEquals(said(first), "payment-pending");
  const yes = await desk.confirm(first.body.payment_id, true);
  assertEquals(yes.body.status, "succeeded");
  const second = await desk.pay("order-2", desk.next());
  assertEquals(said(second), "payment-pending");
  assertEquals((await desk.waiting()).length, 1);
});

Deno.test("the guard may be turned off", async () => {
  await using desk = await guardedDesk({ settings: { doubleScanMs: 0 } });
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  assertEquals(said(await desk.pay("order-2", desk.next())), "201");
  assertEquals(guards(desk), []);
  assertEquals(await desk.balance(), 7_500);
});

Deno.test("the guard is as long as it was chosen to be", async () => {
  await using desk = await guardedDesk({ settings: { doubleScanMs: 600_000 } });
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  desk.clock.advance(599_999);
  assertEquals(said(await desk.pay("order-2", desk.code())), "payment-pending");
});

Deno.test("what a guard keeps ends with it", async () => {
  await using desk = await guardedDesk();
  await desk.pay("order-1", desk.code());
  const [guard, ...none] = guards(desk);
  assertEquals(none, []);
  assertEquals(guard?.expiresAtMs, desk.clock.ms + GUARD_MS);
});

Deno.test("the customer is asked, whatever the cashier says, but not about the halves of a bill", async () => {
  await using desk = await guardedDesk();
  const split = { of: "table-7", parts: 2 };
  assertEquals(said(await desk.pay("half-1", desk.code(), { split })), "201");
  assertEquals(said(await desk.pay("half-2", desk.next(), { split })), "201");
  const more = await desk.pay("order-3", desk.next(), {
    second_purchase: true,
  });
  assertEquals(said(more), "payment-pending");
});
