import { assertEquals } from "@std/assert";
import {
  type Candidate,
  Candidates,
  chooseDue,
  type DueEntry,
  LANES,
  lanesOf,
  SLOTS,
} from "../../../../edge/callback/message/lanes.ts";
import type {
  CallbackRecord,
  Lane,
} from "../../../../edge/callback/message/record.ts";

/** An id whose messages would rather go through a slot. */
const idFor = (slot: number, n: number) =>
  `cb_${`${n}`.padStart(31, "0")}${slot.toString(16)}`;

function candidate(lane: Lane, id: string): Candidate {
  const record = { callback_id: id, lane } as CallbackRecord;
  return { id, record, raw: "", attemptsRaw: null };
}

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

Deno.test("take() serves the slot's lane first, and of it what is the slot's", () => {
  const candidates = new Candidates();
  for (const lane of LANES) {
    for (let n = 0; n < 3; n++) {
      candidates.add(candidate(lane, idFor(n, LANES.indexOf(lane))));
    }
  }
  assertEquals(candidates.size, 9);
  assertEquals(candidates.has(idFor(2, 0)), true);
  const taken = (slot: number) => {
    const it = candidates.take(slot);
    return it === null ? null : [it.record.lane, Number(it.id.at(-1))];
  };
  assertEquals(taken(2), ["first", 2]);
  assertEquals(candidates.has(idFor(2, 0)), false);
  assertEquals(taken(5), ["first", 0]);
  assertEquals(taken(6), ["retry", 0]);
  assertEquals(taken(7), ["replay", 0]);
  assertEquals(taken(0), ["first", 1]);
  assertEquals(taken(0), ["retry", 1]);
  assertEquals(taken(0), ["retry", 2]);
  assertEquals(taken(2), ["replay", 2]);
  assertEquals(taken(6), ["replay", 1]);
  assertEquals(taken(6), null);
  assertEquals(candidates.size, 0);
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
