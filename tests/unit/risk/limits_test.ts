import { assertEquals } from "@std/assert";
import {
  amountOf,
  dayOf,
  giveBack,
  limitsFor,
  seenLately,
  seenOnline,
  takeShare,
} from "../../../edge/risk/limits.ts";
import { type OwnLimits, USUAL } from "../../../edge/risk/policy.ts";
import { DEFAULT_SETTINGS } from "../../../edge/boot/settings.ts";
import { accountField } from "../../../edge/store/keys.ts";
import { NOON_MS } from "../../support/world/app.ts";

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
    ["2026-12-31T10:00:00.000Z", "UTC", "2026-12-31"],
    ["2026-01-15T18:14:59.999Z", "Asia/Kathmandu", "2026-01-15"],
    ["2026-01-15T18:15:00.000Z", "Asia/Kathmandu", "2026-01-16"],
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

const SHARE = {
  accountId: "alice",
  currency: "EUR",
  amountMinor: 1_250,
  day: "2026-01-15",
  offline: true,
};
const field = (name: Parameters<typeof accountField>[1]) =>
  accountField("alice", name);
const SPENT = {
  counter: field("spent:EUR"),
  period: "2026-01-15",
  delta: 1_250,
};
const COUNT = { counter: field("count"), period: "2026-01-15", delta: 1 };
const USE = { counter: field("offline"), period: "0", delta: 1 };

Deno.test("takeShare() checks what it adds", () => {
  const { guards, writes } = takeShare(SHARE, TIER);
  const within = { kind: "within" } as const;
  assertEquals(guards, [
    { ...within, ...SPENT, max: TIER.perDayMinor, label: "per-day" },
    { ...within, ...COUNT, max: TIER.countPerDay, label: "count-per-day" },
    { ...within, ...USE, max: TIER.offlineUses, label: "offline-uses" },
  ]);
  const add = { kind: "add" } as const;
  assertEquals(writes, [
    { ...add, ...SPENT },
    { ...add, ...COUNT },
    { ...add, ...USE },
  ]);
  const online = takeShare({ ...SHARE, offline: false }, TIER);
  assertEquals(online.guards, guards.slice(0, 2));
  assertEquals(online.writes, writes.slice(0, 2));
});

Deno.test("takeShare() refuses a payment above the limit of one in its place, before the sums", () => {
  const of = (amountMinor: number) =>
    takeShare({ ...SHARE, amountMinor }, TIER).guards.map((it) => it.label);
  const others = ["per-day", "count-per-day", "offline-uses"] as const;
  assertEquals(of(TIER.perPaymentMinor), [...others]);
  assertEquals(of(TIER.perPaymentMinor + 1), ["per-payment", ...others]);
});

Deno.test("an account seen online begins its offline uses anew", () => {
  assertEquals(seenOnline("alice", NOON_MS), [
    { kind: "delete", key: field("offline") },
    { kind: "set", key: field("run"), value: `${NOON_MS}` },
    { kind: "set", key: field("seen"), value: `${NOON_MS}` },
  ]);
});

Deno.test("giveBack() is what was taken, less an offline use of an earlier run", () => {
  const back = (counter: typeof SPENT) => ({
    kind: "add" as const,
    ...counter,
    delta: -counter.delta,
  });
  const all = [back(SPENT), back(COUNT), back(USE)];
  for (const seenMs of [null, 0, NOON_MS - 1]) {
    assertEquals(giveBack(SHARE, NOON_MS, seenMs), all);
  }
  // In the same millisecond nobody knows which came first.
  for (const seenMs of [NOON_MS, NOON_MS + 1]) {
    assertEquals(giveBack(SHARE, NOON_MS, seenMs), all.slice(0, 2));
  }
  const online = { ...SHARE, offline: false };
  assertEquals(giveBack(online, NOON_MS, null), all.slice(0, 2));
});

Deno.test("limitsFor() gives the lower one of each limit, and own amounts in their currency alone", () => {
  const { limits } = DEFAULT_SETTINGS;
  const of = (own: OwnLimits | undefined, currency = "EUR") =>
    limitsFor(
      limits,
      { policy: { ...USUAL, ...(own && { own }) }, tier: "normal" },
      currency,
    );
  assertEquals(of(undefined), limits.normal);
  const own = { currency: "EUR", perPaymentMinor: 7, perDayMinor: 1e9 };
  assertEquals(of(own), { ...limits.normal, perPaymentMinor: 7 });
  assertEquals(of(own, "CNY"), limits.normal);
  const zero = { currency: "CNY", perDayMinor: 0, countPerDay: 2 };
  assertEquals(of(zero), { ...limits.normal, countPerDay: 2 });
  assertEquals(of(zero, "CNY"), {
    ...limits.normal,
    perDayMinor: 0,
    countPerDay: 2,
  });
  assertEquals(of({ currency: "EUR", countPerDay: 1e6 }), limits.normal);
  assertEquals(of(own, "USD"), null);
});

Deno.test("seenLately() wants a moment less than so many days ago, where days are set", () => {
  const { limits } = DEFAULT_SETTINGS;
  const guard = (offlineDays: number, nowMs: number) =>
    seenLately("alice", { ...limits, offlineDays }, nowMs);
  const key = field("seen");
  const label = "offline-days";
  const bound = NOON_MS - 14 * DAY_MS;
  assertEquals(guard(14, NOON_MS), [{ kind: "above", key, bound, label }]);
  assertEquals(guard(14, 1), [{ kind: "above", key, bound: 0, label }]);
  assertEquals(guard(0, NOON_MS), []);
  assertEquals(limits.offlineDays, 14);
});

Deno.test("amountOf() counts in its period alone", () => {
  assertEquals(amountOf("2026-01-15:7", "2026-01-15"), 7);
  assertEquals(amountOf("2026-01-14:7", "2026-01-15"), 0);
  assertEquals([amountOf(null, "0"), amountOf("0:3", "0")], [0, 3]);
});
