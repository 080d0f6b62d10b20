import { assert, assertEquals } from "@std/assert";
import { planLimits, type TierLimits } from "../../edge/risk/limits.ts";
import { openSqliteStore } from "../../edge/store/sqlite.ts";
import type { Store } from "../../edge/store/store.ts";
import type { Answer } from "../support/api.ts";
import { NOON_MS, startApp, TestClock, UNLIMITED } from "../support/app.ts";
import {
  type Desk,
  limited,
  openDesk,
  said,
  storedValues,
  tally,
} from "../support/desk.ts";
import { withStorePath } from "../support/store_sqlite.ts";

const PAYMENTS = 50;

/** What the counters of a day's limits say. */
function counters({ app }: Desk): Record<string, string> {
  return Object.fromEntries(
    storedValues(app.path, "spent", "payments").map(({ name, value }) => [
      name.split(":")[0]!,
      value,
    ]),
  );
}

/**
 * 50 payments under way at once: each has claimed its code and its share, or
 * was refused, before the first debit is begun.
 */
async function allAtOnce(desk: Desk, prefix = "order"): Promise<Answer[]> {
  const go = Promise.withResolvers<void>();
  let arrived = Promise.withResolvers<void>();
  desk.ledger.beforeDebit = () => {
    arrived.resolve();
    return go.promise;
  };
  const running: Promise<Answer>[] = [];
  for (let i = 0; i < PAYMENTS; i++) {
    arrived = Promise.withResolvers();
    const payment = desk.pay(`${prefix}-${i}`, desk.next());
    running.push(payment);
    await Promise.race([payment, arrived.promise]);
  }
  go.resolve();
  return await Promise.all(running);
}

Deno.test("of 50 payments at once as many succeed as a daily limit has room for", async () => {
  for (
    const [settings, room] of [
      [limited({ perDayMinor: 20 * 1_250 + 1_249 }), 20],
      [limited({ countPerDay: 7 }), 7],
      [limited({ offlineUses: 11 }), 11],
    ] as const
  ) {
    await using desk = await openDesk({ settings });
    await desk.api.setBalance("alice", 1_000_000);
    assertEquals(tally(await allAtOnce(desk)), {
      "201": room,
      "limit-exceeded": PAYMENTS - room,
    });
    assertEquals(await desk.balance(), 1_000_000 - room * 1_250);
    assertEquals(counters(desk), {
      payments: `${room}`,
      spent: `${room * 1_250}`,
    });
  }
});

Deno.test("what declined payments give back fits others, of 50 at once too", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 20 * 1_250 }),
  });
  await desk.api.setBalance("alice", 8 * 1_250);
  assertEquals(tally(await allAtOnce(desk)), {
    "201": 8,
    "payment-declined": 12,
    "limit-exceeded": 30,
  });
  assertEquals(counters(desk), { payments: "8", spent: `${8 * 1_250}` });
  await desk.api.setBalance("alice", 1_000_000);
  assertEquals(tally(await allAtOnce(desk, "again")), {
    "201": 12,
    "limit-exceeded": 38,
  });
  assertEquals(counters(desk), { payments: "20", spent: `${20 * 1_250}` });
});

Deno.test("payments and reversals at once leave exactly what was not reversed", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: PAYMENTS * 1_250 }),
  });
  await using second = await startApp({
    path: desk.app.path,
    clock: desk.clock,
    settings: limited({ perDayMinor: PAYMENTS * 1_250 }),
  });
  await desk.api.setBalance("alice", 1_000_000);
  assertEquals(tally(await allAtOnce(desk)), { "201": PAYMENTS });
  assertEquals(said(await desk.pay("one-more", desk.next())), "limit-exceeded");
  const answers = await Promise.all(
    Array.from(
      { length: 200 },
      (_, i) =>
        (i % 2 === 0 ? desk : second).api.call("POST", "/v1/reversals", {
          key: desk.merchant.key,
          // Each of 25 orders by eight calls.
          body: { order_id: `order-${i % 25}` },
        }),
    ),
  );
  assertEquals(tally(answers), { "200": 200 });
  assertEquals(counters(desk), { payments: "25", spent: `${25 * 1_250}` });
  assertEquals(await desk.balance(), 1_000_000 - 25 * 1_250);
});

const ROOMS: readonly (readonly [Partial<TierLimits>, number])[] = [
  [{ perDayMinor: 20 * 1_250 + 1_249 }, 20],
  [{ countPerDay: 7 }, 7],
  [{ offlineUses: 11 }, 11],
  [{ perDayMinor: 9 * 1_250, countPerDay: 30 }, 9],
];

Deno.test("50 shares taken at once on three stores of one file are what fits", () =>
  withStorePath(async (path) => {
    const clock = new TestClock(NOON_MS);
    const stores: Store[] = [1, 2, 3].map(() =>
      openSqliteStore({ path, clock })
    );
    try {
      for (const [n, [limits, room]] of ROOMS.entries()) {
        const { checks, writes, taken } = planLimits({
          accountId: `account-${n}`,
          currency: "EUR",
          amountMinor: 1_250,
          offline: true,
          nowMs: clock.ms,
          tier: { ...UNLIMITED.limits.normal, ...limits },
          timeZone: "UTC",
        });
        const take = (i: number) =>
          stores[i % stores.length]!.txn({
            checks: checks.map(({ check }) => check),
            writes: [
              ...writes,
              { kind: "set", key: `share-${n}-${i}`, value: "taken" },
            ],
          });
        const results = await Promise.all(
          Array.from({ length: PAYMENTS }, (_, i) => take(i)),
        );
        const took = results.flatMap((it, i) => it.committed ? [i] : []);
        assertEquals(took.length, room);
        // What goes back makes room for exactly as many.
        const back = took.slice(0, 5);
        await Promise.all(back.map((i) =>
          stores[(i + 1) % stores.length]!.txn({
            checks: [],
            writes: taken.map(({ counter, delta, expires_at_ms }) => ({
              kind: "add",
              counter,
              delta: -delta,
              expiresAtMs: expires_at_ms,
            })),
          })
        ));
        const more = await Promise.all(
          Array.from({ length: PAYMENTS }, (_, i) => take(PAYMENTS + i)),
        );
        assertEquals(more.filter((it) => it.committed).length, back.length);
        assert(more.every((it) => it.committed || it.check >= 1));
      }
    } finally {
      for (const store of stores) await store.close();
    }
  }));
