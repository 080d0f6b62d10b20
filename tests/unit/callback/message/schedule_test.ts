import { assertEquals } from "@std/assert";
import {
  LONGEST_RETRY_AFTER_MS,
  pauseMs,
  PAUSES_MS,
  retryAfterMs,
} from "../../../../edge/callback/message/schedule.ts";

const NOW_MS = Date.parse("2026-01-15T12:00:00Z");

/** A random source of four bytes that are all this one. */
const drawn = (byte: number) => ({
  bytes: (length: number) => new Uint8Array(length).fill(byte),
});

Deno.test("pauseMs() has thirteen tries over three days", () => {
  const seconds = [0, 5, 15, 30, 180, 600, 1_800, 7_200, 18_000];
  const hours = [10, 14, 20, 24].map((h) => h * 3_600);
  assertEquals(PAUSES_MS, [...seconds, ...hours].map((s) => s * 1000));
  const middle = drawn(0x80);
  for (const [tries, pause] of PAUSES_MS.entries()) {
    // 0x80808080 is a little above the middle.
    const jittered = pauseMs(tries, middle)!;
    assertEquals(Math.abs(jittered - pause) <= pause * 0.001, true);
  }
  assertEquals(pauseMs(13, middle), null);
});

Deno.test("pauseMs() is a fifth shorter at least and a fifth longer at most", () => {
  for (const [tries, pause] of PAUSES_MS.entries()) {
    assertEquals(pauseMs(tries, drawn(0)), pause * 0.8);
    assertEquals(pauseMs(tries, drawn(0xff)), Math.round(pause * 1.2));
  }
});

Deno.test("pauseMs() is not shorter than the other side asks for, and no longer because of it", () => {
  assertEquals(pauseMs(1, drawn(0), 60_000), 60_000);
  assertEquals(pauseMs(1, drawn(0), 1), 4_000);
  assertEquals(pauseMs(13, drawn(0), 60_000), null);
});

Deno.test("retryAfterMs() reads seconds and dates, at most a day", () => {
  const cases: [string | undefined, number | null][] = [
    [undefined, null],
    ["", null],
    ["1", 1_000],
    ["86400", LONGEST_RETRY_AFTER_MS],
    ["86401", LONGEST_RETRY_AFTER_MS],
    ["9".repeat(400), LONGEST_RETRY_AFTER_MS],
    ["0", null],
    ["-1", null],
    ["1.5", null],
    ["1e3", null],
    [" 1", null],
    ["0x10", null],
    ["soon", null],
    ["Thu, 15 Jan 2026 12:00:01 GMT", 1_000],
    ["Thu, 15 Jan 2026 12:00:00 GMT", null],
    ["Thu, 15 Jan 2026 11:59:59 GMT", null],
    ["Sun, 15 Jan 2126 12:00:00 GMT", LONGEST_RETRY_AFTER_MS],
    ["Thu, 99 Jan 2026 12:00:00 GMT", null],
    ["2026-01-15T13:00:00Z", null],
    ["Thursday, 15-Jan-26 13:00:00 GMT", null],
  ];
  for (const [header, ms] of cases) {
    assertEquals(retryAfterMs(header, NOW_MS), ms, `${header}`);
  }
});
