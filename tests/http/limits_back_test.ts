import { assertEquals } from "@std/assert";
import { type Desk, limited, openDesk, said } from "../support/world/desk.ts";
import {
  assertLimit,
  counters,
  till,
} from "../support/world/guesses/limits.ts";

Deno.test("a declined payment gives its share back", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 1_250, countPerDay: 1, offlineUses: 1 }),
  });
  const pay = till(desk);
  await desk.api.setBalance("alice", 0);
  for (let i = 0; i < 3; i++) {
    assertEquals(said(await pay()), "payment-declined");
    assertEquals(await counters(desk), {
      "offline-uses:alice": "0",
      "payments:alice:2026-01-15": "0",
      "spent:alice:EUR:2026-01-15": "0",
    });
  }
  await desk.api.setBalance("alice", 10_000);
  assertEquals(said(await pay()), "201");
  assertLimit(await pay(1), "per-day");
});

Deno.test("a reversed payment gives its share back, once", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 2_500, countPerDay: 2, offlineUses: 2 }),
  });
  const pay = till(desk);
  assertEquals(said(await pay()), "201");
  assertEquals(said(await pay()), "201");
  assertLimit(await pay(1), "per-day");
  desk.ledger.reversals = "lost";
  await desk.reverse("order-1");
  // Nothing is given back before it is certain.
  assertLimit(await pay(1), "per-day");
  desk.ledger.reversals = "up";
  for (let i = 0; i < 3; i++) {
    assertEquals(said(await desk.reverse("order-1")), "200");
  }
  assertEquals(await counters(desk), {
    "offline-uses:alice": "1",
    "payments:alice:2026-01-15": "1",
    "spent:alice:EUR:2026-01-15": "1250",
  });
  assertEquals(said(await pay()), "201");
  assertLimit(await pay(1), "per-day");
});

Deno.test("a payment that was refused, lapsed or ran out gives its share back", async () => {
  const ends: Record<string, (desk: Desk, id: string) => Promise<unknown>> = {
    refused: (desk, id) => desk.confirm(id, false),
    lapsed: (desk) => {
      desk.clock.advance(180_000);
      return desk.app.sweeper.sweep();
    },
    reversed: (desk) => desk.reverse("order-1"),
    "ran out": async (desk, id) => {
      desk.ledger.debits = "unheard";
      desk.ledger.queries = "unheard";
      await desk.confirm(id, true);
      desk.clock.advance(45_000);
      await desk.app.sweeper.sweep();
      desk.ledger.debits = "up";
    },
  };
  for (const [what, end] of Object.entries(ends)) {
    await using desk = await openDesk({
      settings: limited({ perDayMinor: 1_250, stepUpAboveMinor: 1_249 }),
    });
    const pay = till(desk);
    const waiting = await pay();
    assertEquals(said(waiting), "payment-pending");
    assertLimit(await pay(1), "per-day");
    await end(desk, waiting.body.payment_id);
    assertEquals(said(await pay(1_249)), "201", what);
    assertLimit(await pay(2), "per-day");
  }
});
