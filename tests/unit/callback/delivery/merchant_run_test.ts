import { assertEquals } from "@std/assert";
import { situationOf } from "../../../../edge/callback/delivery/merchant_run.ts";
import type { QueueSnapshot } from "../../../../edge/callback/delivery/queue.ts";
import {
  breakers,
  failureStreaks,
} from "../../../../edge/callback/endpoint/breaker.ts";
import {
  endpoints,
  laneRevisions,
} from "../../../../edge/callback/message/stored.ts";
import { STORED_ENDPOINT } from "../../../support/callback/queue.ts";

const NOW_MS = 1_768_478_400_000;
const ID = "mer_1";

const QUEUE: QueueSnapshot = {
  atMs: NOW_MS,
  endpoint: endpoints(ID).put(STORED_ENDPOINT).held,
  failures: failureStreaks(ID).held(null),
  breaker: breakers(ID).held(null),
  revision: laneRevisions(ID).held(null),
  due: [{ lane: "first", id: "cb_1", sinceMs: NOW_MS }],
  isFull: false,
  freeSlots: [3],
  earliestMs: NOW_MS,
  holdsAny: true,
  expired: [],
};

/** An open breaker whose next probe may begin at that moment. */
const open = (next_probe_ms: number) =>
  breakers(ID).put({ failed_probes: 0, next_probe_ms }).held;

Deno.test("situationOf() names the first thing that keeps a message from being sent", () => {
  const disabled = { ...STORED_ENDPOINT, status: "disabled" } as const;
  const taken: Partial<QueueSnapshot> = { freeSlots: [] };
  const parked = { endpoint: endpoints(ID).put(disabled).held };
  for (
    const [found, expected] of [
      [{}, "due"],
      [taken, "no-slot"],
      [{ breaker: open(NOW_MS) }, "probe"],
      [{ breaker: open(NOW_MS + 1) }, "open"],
      [{ ...taken, breaker: open(NOW_MS) }, "no-slot"],
      [{ ...taken, breaker: open(NOW_MS + 1) }, "open"],
      [{ due: [], breaker: open(NOW_MS) }, "idle"],
      [{ ...parked, breaker: open(NOW_MS) }, "parked"],
      [{ ...parked, due: [] }, "parked"],
      [{ endpoint: endpoints(ID).held(null) }, "parked"],
    ] as const
  ) {
    assertEquals(situationOf({ ...QUEUE, ...found }, 0), expected);
  }
});

Deno.test("situationOf() finds no probe while a slot is at work, and messages all the same", () => {
  const breaker = open(NOW_MS);
  assertEquals(situationOf({ ...QUEUE, breaker }, 1), "open");
  assertEquals(situationOf(QUEUE, 1), "due");
});
