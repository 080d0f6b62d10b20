import { assertEquals } from "@std/assert";
import { readConfig } from "../../edge/boot/config.ts";
import { DEFAULT_SETTINGS } from "../../edge/boot/settings.ts";
import { startApp } from "../support/world/app.ts";
import { limited, openDesk, said } from "../support/world/desk.ts";
import {
  assertLimit,
  counters,
  DAY_MS,
  recordsOf,
  till,
} from "../support/world/guesses/limits.ts";

Deno.test("a payment may be as large as the limit, and not a cent larger", async () => {
  await using desk = await openDesk({
    settings: limited({ perPaymentMinor: 1_250 }),
  });
  const pay = till(desk);
  assertLimit(await pay(1_251), "per-payment");
  assertEquals(said(await pay(1_250)), "201");
  assertEquals(said(await pay(1_250)), "201");
});

Deno.test("a day's sum may be as large as the limit, and not a cent larger", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 3_000 }),
  });
  const pay = till(desk);
  assertEquals(said(await pay()), "201");
  assertEquals(said(await pay()), "201");
  assertLimit(await pay(501), "per-day");
  assertEquals(said(await pay(500)), "201");
  assertLimit(await pay(1), "per-day");
  assertEquals(await desk.balance(), 7_000);
  assertEquals(await counters(desk, "spent"), {
    "spent:alice:EUR:2026-01-15": "3000",
  });
});

Deno.test("an amount is limited by the figures of its currency, and no currency by another's", async () => {
  const OFFCODE_LIMITS = JSON.stringify({
    currencies: { JPY: { rate: 160 }, KWD: { rate: 0.33 } },
  });
  const { limits } = readConfig({ OFFCODE_LIMITS }).settings;
  await using desk = await openDesk({ settings: { limits } });
  const pay = till(desk);
  const account = desk.phone.accountId;
  // What awaits the customer is within the limits.
  for (
    const [currency, most] of [
      ["JPY", 800_000],
      ["KWD", 1_650_000],
      ["EUR", 500_000],
      ["CNY", 500_000],
    ] as const
  ) {
    await desk.api.setBalance(account, most, currency);
    assertLimit(await pay(most + 1, { currency }), "per-payment");
    assertEquals(said(await pay(most, { currency })), "payment-pending");
  }
  // Rupiah and dollars have no figures here: 6 000.00 IDR is no 6 000.00 EUR.
  await desk.api.setBalance(account, 1_000_000, "IDR");
  for (const currency of ["IDR", "USD"]) {
    for (const amount of [1, 600_000]) {
      const { status, body } = await pay(amount, { currency });
      assertEquals([status, body.code, body.detail], [
        400,
        "malformed-request",
        "currency must be one that limits are configured for on this server.",
      ]);
    }
  }
});

Deno.test("an order answers as before though its currency lost its limits", async () => {
  const { limits } = readConfig({
    OFFCODE_LIMITS: '{"currencies":{"JPY":{"rate":160}}}',
  }).settings;
  await using desk = await openDesk({ settings: { limits } });
  await desk.api.setBalance(desk.phone.accountId, 5_000, "JPY");
  const order = { amount_minor: 500, currency: "JPY" };
  const code = desk.code();
  const paid = await desk.pay("order-1", code, order);
  assertEquals(said(paid), "201");
  // Another edge, with the standard figures alone.
  const { api } = desk.app;
  await using other = await startApp({
    path: desk.app.path,
    clock: desk.clock,
    settings: { limits: DEFAULT_SETTINGS.limits },
  });
  const pay = (order_id: string, code: string) =>
    other.api.pay(desk.merchant, { order_id, code, ...order });
  const again = await pay("order-1", code);
  assertEquals([again.status, again.body.payment_id], [
    200,
    paid.body.payment_id,
  ]);
  const fresh = await pay("order-2", desk.next());
  assertEquals(fresh.body.code, "malformed-request");
  assertEquals(await api.balance(desk.phone.accountId), 4_500);
});

Deno.test("a day has so many payments, whatever their amounts and currencies", async () => {
  await using desk = await openDesk({
    settings: limited({ countPerDay: 3, perDayMinor: 2_500 }),
  });
  const pay = till(desk);
  assertEquals(said(await pay()), "201");
  assertEquals(said(await pay()), "201");
  // Each currency has a sum of its own.
  assertLimit(await pay(1), "per-day");
  await desk.api.setBalance("alice", 10_000, "CNY");
  assertEquals(said(await pay(1_250, { currency: "CNY" })), "201");
  assertLimit(await pay(1, { currency: "CNY" }), "count-per-day");
  assertEquals(await counters(desk, "spent", "payments"), {
    "payments:alice:2026-01-15": "3",
    "spent:alice:EUR:2026-01-15": "2500",
    "spent:alice:CNY:2026-01-15": "1250",
  });
});

Deno.test("the limits are the account's at all merchants together, and its own", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 2_000 }),
  });
  const { api, walletKey } = desk;
  const other = await api.merchant("Another Shop");
  const bob = await api.enrol(walletKey, "bob", "phone-b");
  await api.setBalance("bob", 10_000);
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  assertLimit(await desk.pay("order-1", desk.next(), {}, other), "per-day");
  const bobs = bob.code(desk.clock.ms);
  assertEquals(said(await desk.pay("order-2", bobs, {}, other)), "201");
});

Deno.test("a payment above a limit leaves no trace and does not spend the code", async () => {
  const one: Record<string, ReturnType<typeof limited>> = {
    "per-payment": limited({ perPaymentMinor: 1_249 }),
    "per-day": limited({ perDayMinor: 1_249 }),
    "count-per-day": limited({ countPerDay: 0 }),
    "offline-uses": limited({ offlineUses: 0 }),
  };
  for (const [limit, settings] of Object.entries(one)) {
    await using desk = await openDesk({ settings });
    const before = recordsOf(desk);
    for (let i = 0; i < 2; i++) {
      assertLimit(await desk.pay("order-1", desk.code()), limit);
    }
    assertEquals(recordsOf(desk), before, limit);
    const found = await desk.query("order-1");
    assertEquals([found.status, said(found)], [404, "not-found"]);
    assertEquals(desk.ledger.calls, []);
    if (limit === "per-payment" || limit === "per-day") {
      const less = await desk.pay("order-1", desk.code(), {
        amount_minor: 1_249,
      });
      assertEquals(said(less), "201");
    } else {
      const { status } = await desk.api.verify(
        desk.walletKey,
        desk.code(),
        "ref-1",
      );
      assertEquals(status, 200);
    }
  }
});

Deno.test("a limit is told only of a code that is good", async () => {
  await using desk = await openDesk({
    settings: limited({ perPaymentMinor: 0, perDayMinor: 0 }),
  });
  const code = desk.code();
  await desk.api.verify(desk.walletKey, code, "ref-1");
  assertEquals(said(await desk.pay("order-1", code)), "code-replayed");
  const unknown = await desk.pay("order-1", "901000000000000000");
  assertEquals(said(unknown), "code-not-accepted");
  await desk.setRisk("blocked");
  assertEquals(said(await desk.pay("order-1", desk.next())), "payer-blocked");
});

Deno.test("an account has so many offline uses until it is seen online", async () => {
  await using desk = await openDesk({
    settings: limited({ offlineUses: 2 }),
  });
  const pay = till(desk);
  for (let run = 0; run < 2; run++) {
    assertEquals(said(await pay()), "201");
    assertEquals(said(await pay()), "201");
    assertLimit(await pay(1), "offline-uses");
    // Days do not help.
    desk.clock.advance(10 * DAY_MS);
    assertLimit(await pay(1), "offline-uses");
    await desk.onlineCode();
    assertEquals(await counters(desk, "offline-uses"), {});
  }
  await pay();
  await pay();
  // Nor does another phone.
  const { api, walletKey } = desk;
  const phone = await api.enrol(walletKey, "alice", "phone-2");
  const code = phone.code(desk.clock.ms);
  assertLimit(await desk.pay("order-x", code), "offline-uses");
  await desk.onlineCode(phone.credentialId);
  assertEquals(said(await desk.pay("order-x", code)), "201");
});

Deno.test("online codes are no offline uses", async () => {
  await using desk = await openDesk({ settings: limited({ offlineUses: 1 }) });
  for (let i = 0; i < 3; i++) {
    const paid = await desk.pay(`online-${i}`, await desk.onlineCode());
    assertEquals(said(paid), "201");
  }
  assertEquals(said(await desk.pay("offline-1", desk.code())), "201");
  assertLimit(await desk.pay("offline-2", desk.next()), "offline-uses");
});

Deno.test("a customer who confirms was seen online, one who refuses was not", async () => {
  await using desk = await openDesk({
    settings: limited({ offlineUses: 2, stepUpAboveMinor: 1_000 }),
  });
  const pay = till(desk);
  assertEquals(said(await pay(1)), "201");
  const first = await pay();
  assertEquals(said(first), "payment-pending");
  assertLimit(await pay(1), "offline-uses");
  // The one that waits takes its share until it is refused.
  await desk.confirm(first.body.payment_id, false);
  assertEquals(await counters(desk, "offline-uses"), {
    "offline-uses:alice": "1",
  });
  const second = await pay();
  assertLimit(await pay(1), "offline-uses");
  const yes = await desk.confirm(second.body.payment_id, true);
  assertEquals(yes.body.status, "succeeded");
  assertEquals(await counters(desk, "offline-uses"), {});
  assertEquals(said(await pay(1)), "201");
  assertEquals(said(await pay(1)), "201");
  assertLimit(await pay(1), "offline-uses");
});

Deno.test("a restricted account has the limits of its tier, at once and with what was spent", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 5_000 }, {
      restricted: {
        perPaymentMinor: 1_250,
        perDayMinor: 2_000,
        countPerDay: 3,
        offlineUses: 1_000,
        stepUpAboveMinor: 1_000,
      },
    }),
  });
  const pay = till(desk);
  assertEquals(said(await pay()), "201");
  const changed = await desk.setRisk("restricted");
  assertEquals([changed.status, changed.body.risk], [200, "restricted"]);
  assertLimit(await pay(1_251), "per-payment");
  assertLimit(await pay(751), "per-day");
  assertEquals(said(await pay(700)), "201");
  assertEquals(said(await pay(50)), "201");
  assertLimit(await pay(1), "per-day");
  await desk.setRisk("normal");
  assertEquals(said(await pay(3_000)), "201");
  assertLimit(await pay(1), "per-day");
  await desk.setRisk("restricted");
  assertLimit(await pay(1), "per-day");
  desk.clock.advance(DAY_MS);
  const large = await pay(1_001);
  assertEquals([large.status, said(large)], [402, "payment-pending"]);
});
