import { assertEquals } from "@std/assert";
import {
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
