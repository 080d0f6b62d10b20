import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  atMostEvery,
  systemRandom,
  timeText,
} from "../../../edge/base/clock.ts";

Deno.test("systemRandom gives as many bytes as asked for, and none twice", () => {
  const seen = new Set<string>();
  let parts = 0;
  for (let i = 0; i < 2_000; i++) {
    const length = [12, 16, 32, 100, 256][i % 5]!;
    const bytes = systemRandom.bytes(length);
    assertEquals(bytes.length, length);
    // Any eight bytes of it: 64 bits twice, or zeros, are a fault.
    for (let at = 0; at + 8 <= length; at++, parts++) {
      seen.add(bytes.subarray(at, at + 8).toHex());
    }
  }
  assertEquals(seen.size, parts);
  assertEquals(systemRandom.bytes(0).length, 0);
  assertEquals(systemRandom.bytes(5_000).length, 5_000);
});

Deno.test("systemRandom gives hex of as many bytes, and none twice", () => {
  const seen = new Set<string>();
  let parts = 0;
  for (let i = 0; i < 2_000; i++) {
    const length = [12, 16, 32, 100, 256][i % 5]!;
    const hex = systemRandom.hex!(length);
    assertMatch(hex, /^[0-9a-f]+$/);
    assertEquals(hex.length, 2 * length);
    // Any eight bytes of it: 64 bits twice are a fault.
    for (let at = 0; at + 16 <= hex.length; at += 2, parts++) {
      seen.add(hex.slice(at, at + 16));
    }
  }
  assertEquals(seen.size, parts);
  assertEquals(systemRandom.hex!(0), "");
  assertEquals(systemRandom.hex!(5_000).length, 10_000);
});

Deno.test("systemRandom gives memory of its own", () => {
  const first = systemRandom.bytes(16);
  assertEquals(first.buffer.byteLength, 16);
  const before = first.slice();
  systemRandom.bytes(16).fill(0);
  assertEquals(first, before);
});

Deno.test("timeText() is RFC 3339 of every millisecond, in any order", () => {
  const times = [0, 1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_000];
  for (const ms of [...times, ...times.toReversed()]) {
    assertEquals(timeText(ms), new Date(ms).toISOString());
    assertEquals(timeText(ms), new Date(ms).toISOString());
  }
  assertThrows(() => timeText(NaN), RangeError);
});

Deno.test("atMostEvery() does the work at once, and then not before the time is over", () => {
  let [nowMs, done] = [5, 0];
  const work = atMostEvery(100, () => nowMs, () => done++);
  const doneAt = (ms: number) => {
    nowMs = ms;
    work();
    return done;
  };
  const moments = [5, 6, 104, 105, 106, 204, 205, 1_000];
  assertEquals(moments.map(doneAt), [1, 1, 1, 2, 2, 2, 3, 4]);
});
