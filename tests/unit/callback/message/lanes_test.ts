import { assertEquals } from "@std/assert";
import {
  chooseDue,
  type DueEntry,
  LANES,
  lanesOf,
  SLOTS,
} from "../../../../edge/callback/message/lanes.ts";
import type { Lane } from "../../../../edge/callback/message/record.ts";

/** An id whose messages would rather go through a slot. */
const idFor = (slot: number, n: number) =>
  `cb_${`${n}`.padStart(31, "0")}${slot.toString(16)}`;

Deno.test("lanesOf() has six slots for first tries, one for retries, one for replays", () => {
  const firsts = Array.from({ length: SLOTS }, (_, slot) => lanesOf(slot)[0]);
  assertEquals(firsts, [...Array(6).fill("first"), "retry", "replay"]);
  for (let slot = 0; slot < SLOTS; slot++) {
    assertEquals(lanesOf(slot).toSorted(), [...LANES].toSorted());
  }
  // Replays are behind both but in the slot that is theirs.
  for (let slot = 0; slot < SLOTS - 1; slot++) {
    assertEquals(lanesOf(slot)[2], "replay");
  }
});

Deno.test("chooseDue() takes first tries, and of the others what their slots want", () => {
  const due = (lane: Lane, count: number): DueEntry[] =>
    Array.from({ length: count }, (_, i) => ({
      lane,
      id: idFor(0, i),
      sinceMs: i,
    }));
  const tally = (entries: readonly DueEntry[]) =>
    LANES.map((lane) => entries.filter((it) => it.lane === lane).length);
  const all = [...due("first", 40), ...due("retry", 40), ...due("replay", 40)];
  assertEquals(tally(chooseDue(all, 32)), [24, 4, 4]);
  assertEquals(tally(chooseDue(all.slice(30), 32)), [10, 18, 4]);
  assertEquals(tally(chooseDue(all.slice(40), 32)), [0, 28, 4]);
  assertEquals(tally(chooseDue(all.slice(80), 32)), [0, 0, 32]);
  assertEquals(chooseDue([], 32), []);
});
