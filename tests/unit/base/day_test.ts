import { assertEquals } from "@std/assert";
import { dayOf, spanOfDay } from "../../../edge/base/day.ts";
import { NOON_MS } from "../../support/world/app.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

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

Deno.test("spanOfDay() is a day with the hours that it has in its zone", () => {
  const days: [string, string, string, number][] = [
    ["2026-01-15", "UTC", "2026-01-15T00:00:00.000Z", 24],
    ["2026-01-15", "Asia/Shanghai", "2026-01-14T16:00:00.000Z", 24],
    ["2026-01-15", "Pacific/Kiritimati", "2026-01-14T10:00:00.000Z", 24],
    ["2026-01-15", "Pacific/Pago_Pago", "2026-01-15T11:00:00.000Z", 24],
    ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z", 23],
    ["2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00.000Z", 25],
    ["2026-03-08", "America/New_York", "2026-03-08T05:00:00.000Z", 23],
    ["2026-11-01", "America/New_York", "2026-11-01T04:00:00.000Z", 25],
    // The clocks are set forward at midnight: the day begins at one o'clock.
    ["2026-09-06", "America/Santiago", "2026-09-06T04:00:00.000Z", 23],
    // They are set back at midnight, to eleven o'clock of the day before.
    ["2026-04-04", "America/Santiago", "2026-04-04T03:00:00.000Z", 25],
    ["2026-04-05", "Australia/Lord_Howe", "2026-04-04T13:00:00.000Z", 24.5],
    ["2026-10-04", "Australia/Lord_Howe", "2026-10-03T13:30:00.000Z", 23.5],
  ];
  for (const [day, zone, from, hours] of days) {
    const fromMs = Date.parse(from);
    const toMs = fromMs + hours * HOUR_MS;
    assertEquals(spanOfDay(day, zone), { fromMs, toMs }, `${day} ${zone}`);
    assertEquals(dayOf(fromMs, zone), day);
    assertEquals(dayOf(toMs - 1, zone), day);
  }
});

Deno.test("spanOfDay() puts the days of a year one behind the other", () => {
  for (const zone of ["America/Santiago", "Africa/Cairo", "Asia/Beirut"]) {
    let { toMs } = spanOfDay("2025-12-31", zone)!;
    for (let i = 0; i < 366; i++) {
      const day = new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10);
      const span = spanOfDay(day, zone)!;
      assertEquals(span.fromMs, toMs, `${day} ${zone}`);
      toMs = span.toMs;
    }
  }
});

Deno.test("spanOfDay() is null for what is no day", () => {
  const none = ["2026-02-29", "2026-13-01", "2026-1-1", "26-01-01", "x", ""];
  for (const day of [...none, "2026-01-01T00:00:00Z", "1969-12-31"]) {
    assertEquals(spanOfDay(day, "UTC"), null, day);
  }
  // Samoa went over the date line.
  assertEquals(spanOfDay("2011-12-30", "Pacific/Apia"), null);
});
