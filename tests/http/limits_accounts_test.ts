import { assertEquals } from "@std/assert";
import { limited, openDesk, said, STANDARD } from "../support/world/desk.ts";
import {
  assertLimit,
  counters,
  DAY_MS,
  till,
} from "../support/world/guesses/limits.ts";

Deno.test("what was spent stays spent when the account is enrolled again", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 2_000, countPerDay: 3 }, {
      restricted: { perDayMinor: 1_500 },
    }),
  });
  const { api, walletKey } = desk;
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  let phone = desk.phone;
  const again: Record<string, () => Promise<unknown>> = {
    "on another phone": async () =>
      phone = await api.enrol(walletKey, "alice", "phone-2"),
    "on the same phone": async () =>
      phone = await api.enrol(walletKey, "alice", "phone-2"),
    "after it was revoked": async () => {
      await api.must(204, "DELETE", `/v1/enrolments/${phone.credentialId}`, {
        key: walletKey,
      });
      phone = await api.enrol(walletKey, "alice", "phone-3");
    },
    "after its phone went to another account": async () => {
      await api.enrol(walletKey, "bob", "phone-3");
      phone = await api.enrol(walletKey, "alice", "phone-4");
    },
  };
  for (const [what, enrol] of Object.entries(again)) {
    await enrol();
    const code = phone.code(desk.clock.ms);
    const more = await desk.pay(`order-2-${what.length}`, code, {
      amount_minor: 751,
    });
    assertLimit(more, "per-day");
  }
  // The tier is the account's, too.
  await desk.setRisk("restricted", phone.credentialId);
  phone = await api.enrol(walletKey, "alice", "phone-5");
  const tight = await desk.pay("order-3", phone.code(desk.clock.ms), {
    amount_minor: 251,
  });
  assertLimit(tight, "per-day");
  const fits = await desk.pay("order-3", phone.code(desk.clock.ms), {
    amount_minor: 250,
  });
  assertEquals(said(fits), "201");
});

Deno.test("a payment repeated takes nothing twice", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 2_500, countPerDay: 2 }),
  });
  const code = desk.code();
  for (const answer of ["201", "200", "200"]) {
    assertEquals(said(await desk.pay("order-1", code)), answer);
  }
  assertEquals(said(await desk.pay("order-1", desk.next())), "200");
  assertEquals(await counters(desk, "spent", "payments"), {
    "payments:alice:2026-01-15": "1",
    "spent:alice:EUR:2026-01-15": "1250",
  });
});

Deno.test("the limits that hold where nothing is chosen hold", async () => {
  await using desk = await openDesk({ settings: STANDARD });
  await desk.api.setBalance("alice", 10_000_000);
  const pay = till(desk);
  assertLimit(await pay(500_001), "per-payment");
  assertEquals(said(await pay(100_000)), "201");
  assertEquals(said(await pay(100_001)), "payment-pending");
  assertLimit(await pay(300_000), "per-day");
  await desk.setRisk("restricted");
  assertLimit(await pay(50_001), "per-payment");
  desk.clock.advance(DAY_MS);
  assertEquals(said(await pay(5_000)), "201");
  const large = await pay(5_001);
  assertEquals(said(large), "payment-pending");
  await desk.confirm(large.body.payment_id, true);
  for (let i = 0; i < 5; i++) assertEquals(said(await pay(10 + i)), "201");
  assertLimit(await pay(100), "offline-uses");
});
