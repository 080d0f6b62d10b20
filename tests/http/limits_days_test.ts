import { assertEquals } from "@std/assert";
import { startApp, TestClock } from "../support/world/app.ts";
import { limited, openDesk, said, STEP_MS } from "../support/world/desk.ts";
import {
  assertLimit,
  counters,
  DAY_MS,
  HOUR_MS,
  till,
} from "../support/world/guesses/limits.ts";

/** The first and the last moment of a day in a zone. */
const DAYS: readonly (readonly [
  zone: string,
  day: string,
  first: string,
  last: string,
])[] = [
  ["UTC", "2026-01-15", "2026-01-15T00:00:00.000Z", "2026-01-15T23:59:59.999Z"],
  [
    "Asia/Shanghai",
    "2026-01-16",
    "2026-01-15T16:00:00.000Z",
    "2026-01-16T15:59:59.999Z",
  ],
  // 23 hours, and 25 hours.
  [
    "America/New_York",
    "2026-03-08",
    "2026-03-08T05:00:00.000Z",
    "2026-03-09T03:59:59.999Z",
  ],
  [
    "America/New_York",
    "2026-11-01",
    "2026-11-01T04:00:00.000Z",
    "2026-11-02T04:59:59.999Z",
  ],
  // Where midnight itself is skipped, and where an hour before it comes twice.
  [
    "America/Santiago",
    "2026-09-06",
    "2026-09-06T04:00:00.000Z",
    "2026-09-07T02:59:59.999Z",
  ],
  [
    "America/Santiago",
    "2026-04-04",
    "2026-04-04T03:00:00.000Z",
    "2026-04-05T03:59:59.999Z",
  ],
  [
    "Asia/Kathmandu",
    "2026-01-15",
    "2026-01-14T18:15:00.000Z",
    "2026-01-15T18:14:59.999Z",
  ],
];

for (const [timeZone, day, first, last] of DAYS) {
  Deno.test(`the ${day} of limits in ${timeZone} lasts from ${first} to ${last}`, async () => {
    const nowMs = Date.parse(first) - 10 * STEP_MS;
    await using desk = await openDesk({
      nowMs,
      settings: limited({ perDayMinor: 1_250 }, { timeZone }),
    });
    const payAt = async (order: string, time: number) => {
      desk.clock.ms = time;
      return said(await desk.pay(order, desk.code()));
    };
    const spent = async () =>
      (await counters(desk, "spent"))[`spent:alice:EUR:${day}`];
    assertEquals(await payAt("before", nowMs), "201");
    assertEquals(
      await payAt("a-moment-before", Date.parse(first) - 1),
      "limit-exceeded",
    );
    assertEquals(await spent(), undefined);
    assertEquals(await payAt("first", Date.parse(first)), "201");
    assertEquals(await spent(), "1250");
    assertEquals(await payAt("last", Date.parse(last)), "limit-exceeded");
    assertEquals(await payAt("next", Date.parse(last) + 1), "201");
    assertEquals(await spent(), undefined);
    assertEquals(Object.values(await counters(desk, "spent")), ["1250"]);
  });
}

Deno.test("what is given back after midnight goes to the day it was taken from", async () => {
  const lateMs = Date.parse("2026-01-15T23:50:00.000Z");
  await using desk = await openDesk({
    nowMs: lateMs,
    settings: limited({ perDayMinor: 2_000, countPerDay: 2 }),
  });
  assertEquals(said(await desk.pay("late", desk.code())), "201");
  desk.ledger.debits = "unheard";
  const open = await desk.pay("open", desk.next(), { amount_minor: 750 });
  assertEquals(said(open), "payment-pending");
  desk.ledger.debits = "up";
  desk.clock.ms = lateMs + 20 * 60_000;
  assertEquals(said(await desk.reverse("late")), "200");
  assertEquals(await counters(desk), {
    "offline-uses:alice": "1",
    "payments:alice:2026-01-15": "1",
    "spent:alice:EUR:2026-01-15": "750",
  });
  assertEquals(
    said(await desk.pay("early", desk.code(), { amount_minor: 1_500 })),
    "201",
  );
  // The one that crashed before midnight, ended by the sweeper: its day does
  // not count any more, and the new day gets nothing.
  assertEquals(await desk.app.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals(await counters(desk), {
    "offline-uses:alice": "1",
    "payments:alice:2026-01-16": "1",
    "spent:alice:EUR:2026-01-16": "1500",
  });
  assertEquals(
    said(await desk.pay("more", desk.next(), { amount_minor: 501 })),
    "limit-exceeded",
  );
});

Deno.test("what is given back to a day long gone makes no room on another", async () => {
  await using desk = await openDesk({
    settings: limited({ perDayMinor: 2_000 }),
  });
  desk.ledger.debits = "unheard";
  assertEquals(said(await desk.pay("order-1", desk.code())), "payment-pending");
  desk.ledger.debits = "up";
  desk.clock.advance(3 * DAY_MS + 12 * HOUR_MS);
  assertEquals(said(await desk.pay("order-2", desk.code())), "201");
  assertEquals(await desk.app.sweeper.sweep(), { due: 1, ended: 1 });
  assertEquals((await desk.query("order-1")).body.status, "reversed");
  assertEquals(await counters(desk, "spent", "payments"), {
    "payments:alice:2026-01-19": "1",
    "spent:alice:EUR:2026-01-19": "1250",
  });
  assertLimit(
    await desk.pay("order-3", desk.next(), { amount_minor: 751 }),
    "per-day",
  );
});

Deno.test("an edge whose clock is a second behind at midnight resets no limit", async () => {
  const midnightMs = Date.parse("2026-01-16T00:00:00.000Z");
  await using desk = await openDesk({
    nowMs: midnightMs,
    settings: limited({ perDayMinor: 2_500, countPerDay: 2 }),
  });
  const early = desk.phone.code(midnightMs - STEP_MS);
  assertEquals(said(await desk.pay("order-1", early)), "201");
  // Still yesterday here; what is paid counts for the day that has begun.
  const clock = new TestClock(midnightMs - 1_000);
  await using behind = await startApp({
    path: desk.app.path,
    clock,
    settings: limited({ perDayMinor: 2_500, countPerDay: 2 }),
  });
  const pay = (order_id: string, code: string) =>
    behind.api.pay(desk.merchant, { code, order_id });
  assertEquals(said(await pay("order-2", desk.code())), "201");
  assertLimit(await pay("order-3", await desk.onlineCode()), "per-day");
  assertEquals(await counters(desk, "spent", "payments"), {
    "payments:alice:2026-01-16": "2",
    "spent:alice:EUR:2026-01-16": "2500",
  });
});

Deno.test("what an account seen online gets back does not make a counter", async () => {
  await using desk = await openDesk({ settings: limited({ offlineUses: 1 }) });
  assertEquals(said(await desk.pay("order-1", desk.code())), "201");
  await desk.onlineCode();
  assertEquals(said(await desk.reverse("order-1")), "200");
  assertEquals(await counters(desk, "offline-uses"), {});
  assertEquals(said(await desk.pay("order-2", desk.next())), "201");
  assertLimit(await desk.pay("order-3", desk.next()), "offline-uses");
});

Deno.test("an offline use goes back only to the run that it was taken from", async () => {
  await using desk = await openDesk({ settings: limited({ offlineUses: 2 }) });
  const pay = till(desk);
  assertEquals(said(await pay()), "201");
  assertEquals(said(await pay()), "201");
  desk.clock.advance(1);
  await desk.onlineCode();
  assertEquals(said(await pay()), "201");
  // One of before, and one of now.
  assertEquals(said(await desk.reverse("order-1")), "200");
  assertEquals(await counters(desk, "offline-uses"), {
    "offline-uses:alice": "1",
  });
  assertEquals(said(await desk.reverse("order-3")), "200");
  assertEquals(await counters(desk, "offline-uses"), {
    "offline-uses:alice": "0",
  });
  assertEquals(said(await pay()), "201");
  assertEquals(said(await pay()), "201");
  assertLimit(await pay(), "offline-uses");
});
