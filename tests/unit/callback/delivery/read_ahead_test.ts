import { assertEquals } from "@std/assert";
import {
  type DueMessage,
  ReadAhead,
} from "../../../../edge/callback/delivery/read_ahead.ts";
import { LANES } from "../../../../edge/callback/message/lanes.ts";
import type { Lane } from "../../../../edge/callback/message/record.ts";
import { messages } from "../../../../edge/callback/message/stored.ts";
import { callbackRecord } from "../../../support/callback/records.ts";

/** An id whose messages would rather go through a slot. */
const idFor = (slot: number, n: number) =>
  `cb_${`${n}`.padStart(31, "0")}${slot.toString(16)}`;

function message(lane: Lane, id: string): DueMessage {
  const pending = callbackRecord("mer_1", 0, 0, "pending");
  const record = { ...pending, callback_id: id, lane };
  return { id, record, held: messages(id).put(record).held, earlier: [] };
}

/** Of some ids, those that would be read. */
function unknown(ahead: ReadAhead, ...ids: string[]): string[] {
  const due = ids.map((id) => ({ lane: "first" as const, id, sinceMs: 0 }));
  return ahead.unknown(due).map(({ id }) => id);
}

Deno.test("take() serves the slot's lane first, and of it what is the slot's", () => {
  const ahead = new ReadAhead();
  for (const lane of LANES) {
    for (let n = 0; n < 3; n++) {
      ahead.add(message(lane, idFor(n, LANES.indexOf(lane))));
    }
  }
  assertEquals(ahead.size, 9);
  const taken = (slot: number) => {
    const it = ahead.take(slot);
    return it === null ? null : [it.record.lane, Number(it.id.at(-1))];
  };
  assertEquals(taken(2), ["first", 2]);
  assertEquals(taken(5), ["first", 0]);
  assertEquals(taken(6), ["retry", 0]);
  assertEquals(taken(7), ["replay", 0]);
  assertEquals(taken(0), ["first", 1]);
  assertEquals(taken(0), ["retry", 1]);
  assertEquals(taken(0), ["retry", 2]);
  assertEquals(taken(2), ["replay", 2]);
  assertEquals(taken(6), ["replay", 1]);
  assertEquals(taken(6), null);
  assertEquals(ahead.size, 0);
});

Deno.test("what waits or was taken is not read again, until it is released", () => {
  const ahead = new ReadAhead();
  const [one, two] = [idFor(1, 0), idFor(2, 0)];
  ahead.add(message("first", one));
  ahead.add(message("first", one));
  assertEquals([ahead.size, unknown(ahead, one, two)], [1, [two]]);
  const taken = ahead.take(1)!;
  assertEquals([ahead.size, unknown(ahead, one, two)], [0, [two]]);
  ahead.add(taken);
  assertEquals(ahead.size, 0);
  ahead.putBack(taken);
  assertEquals([ahead.size, unknown(ahead, one, two)], [1, [two]]);
  ahead.release(ahead.take(1)!);
  assertEquals(unknown(ahead, one, two), [one, two]);
  ahead.add(taken);
  ahead.clear();
  assertEquals([ahead.size, unknown(ahead, one)], [0, [one]]);
});
