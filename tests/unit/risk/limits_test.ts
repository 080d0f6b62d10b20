import { assertEquals } from "@std/assert";
import {
  dayOf,
  givenBack,
  planLimits,
  seenOnline,
} from "../../../edge/risk/limits.ts";
import { setTier, tierCheck } from "../../../edge/risk/tier.ts";
import { DEFAULT_SETTINGS } from "../../../edge/settings.ts";
import {
  offlineUsesKey,
  paymentsKey,
  RECORD_TTL_MS,
  seenOnlineKey,
  singlePaymentKey,
  spentKey,
  tierKey,
} from "../../../edge/store/keys.ts";
import { NOON_MS } from "../../support/app.ts";

const DAY_MS = 86_400_000;

Deno.test("dayOf() is the calendar day of a zone", () => {
  const days: [string, string, string][] = [
    ["2026-01-15T00:00:00.000Z", "UTC", "2026-01-15"],
    ["2026-01-15T23:59:59.999Z", "UTC", "2026-01-15"],
    ["2026-01-15T15:59:59.999Z", "Asia/Shanghai", "2026-01-15"],
    ["2026-01-15T16:00:00.000Z", "Asia/Shanghai", "2026-01-16"],
    ["2026-01-15T04:59:59.999Z", "America/New_York", "2026-01-14"],
    ["2026-07-15T04:00:00.000Z", "America/New_York", "2026-07-15"],
    ["2026-07-15T03:59:59.999Z", "America/New_York", "2026-07-14"],
    ["2026-12-31T10:00:00.000Z", "Pacific/Kiritimati", "2027-01-01"],
    ["2026-01-15T10:59:59.999Z", "Pacific/Pago_Pago", "2026-01-14"],
    ["1970-01-01T00:00:00.000Z", "UTC", "1970-01-01"],
    ["2099-12-31T23:59:59.999Z", "UTC", "2099-12-31"],
  ];
  for (const [time, zone, day] of days) {
    assertEquals(dayOf(Date.parse(time), zone), day, `${time} ${zone}`);
  }
});

Deno.test("dayOf() begins a new day once every day of a year, in order", () => {
  for (const zone of ["UTC", "America/Santiago", "Africa/Cairo"]) {
    const days: string[] = [];
    for (let ms = NOON_MS; ms < NOON_MS + 366 * DAY_MS; ms += 900_000) {
      const day = dayOf(ms, zone);
      if (day !== days.at(-1)) days.push(day);
    }
    assertEquals(days, days.toSorted(), zone);
    assertEquals(new Set(days).size, days.length, zone);
    assertEquals(days.length >= 366 && days.length <= 367, true, zone);
  }
});

const TIER = DEFAULT_SETTINGS.limits.normal;

Deno.test("planLimits() checks what it adds, and remembers it", () => {
  for (const offline of [true, false]) {
    const plan = planLimits({
      accountId: "alice",
      currency: "EUR",
      amountMinor: 1_250,
      offline,
      nowMs: NOON_MS,
      tier: TIER,
      timeZone: "Asia/Shanghai",
    });
    const spent = spentKey("alice", "EUR", "2026-01-15");
    const payments = paymentsKey("alice", "2026-01-15");
    const uses = offlineUsesKey("alice");
    const check = (counter: string, delta: number, max: number) =>
      ({ kind: "sum-at-most", counter, delta, max }) as const;
    assertEquals(plan.checks, [
      {
        limit: "per-payment",
        check: check(singlePaymentKey("alice"), 1_250, TIER.perPaymentMinor),
      },
      { limit: "per-day", check: check(spent, 1_250, TIER.perDayMinor) },
      { limit: "count-per-day", check: check(payments, 1, TIER.countPerDay) },
      ...(offline
        ? [{
          limit: "offline-uses" as const,
          check: check(uses, 1, TIER.offlineUses),
        }]
        : []),
    ]);
    const taken = [
      { counter: spent, delta: 1_250, expires_at_ms: NOON_MS + 3 * DAY_MS },
      { counter: payments, delta: 1, expires_at_ms: NOON_MS + 3 * DAY_MS },
      ...(offline
        ? [{ counter: uses, delta: 1, expires_at_ms: NOON_MS + 400 * DAY_MS }]
        : []),
    ];
    assertEquals(plan.taken, taken);
    assertEquals(
      plan.writes,
      taken.map(({ counter, delta, expires_at_ms }) => ({
        kind: "add",
        counter,
        delta,
        expiresAtMs: expires_at_ms,
      })),
    );
  }
});

Deno.test("an account seen online begins its offline uses anew", () => {
  assertEquals(seenOnline("alice", NOON_MS), [
    { kind: "delete", key: offlineUsesKey("alice") },
    {
      kind: "set",
      key: seenOnlineKey("alice"),
      value: `${NOON_MS}`,
      ttlMs: RECORD_TTL_MS,
    },
  ]);
});

Deno.test("givenBack() is what was taken, less an offline use of an earlier run", () => {
  const { taken } = planLimits({
    accountId: "alice",
    currency: "EUR",
    amountMinor: 1_250,
    offline: true,
    nowMs: NOON_MS,
    tier: TIER,
    timeZone: "UTC",
  });
  const all = taken.map(({ counter, delta, expires_at_ms }) => ({
    kind: "add",
    counter,
    delta: -delta,
    expiresAtMs: expires_at_ms,
  }));
  for (const seenMs of [null, 0, NOON_MS - 1]) {
    assertEquals(givenBack(taken, "alice", NOON_MS, seenMs), all as never);
  }
  // In the same millisecond nobody knows which came first.
  for (const seenMs of [NOON_MS, NOON_MS + 1]) {
    assertEquals(
      givenBack(taken, "alice", NOON_MS, seenMs),
      all.slice(0, 2) as never,
    );
  }
});

Deno.test("a tier is absent while it is normal", () => {
  const key = tierKey("alice");
  assertEquals(tierCheck("alice", "normal"), { kind: "absent", key });
  assertEquals(tierCheck("alice", "restricted"), {
    kind: "equals",
    key,
    value: "restricted",
  });
  assertEquals(setTier("alice", "normal"), { kind: "delete", key });
  for (const tier of ["restricted", "blocked"] as const) {
    assertEquals(setTier("alice", tier), { kind: "set", key, value: tier });
  }
});
