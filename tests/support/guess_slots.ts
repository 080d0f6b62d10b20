/**
 * Guess slots on a store of their own, and searches that take them.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  createGuessSlots,
  type GuessLimits,
  type GuessSlots,
  type Slot,
} from "../../edge/risk/guess_slots.ts";
import { guessesKey } from "../../edge/store/keys.ts";
import { FaultyStore } from "./faulty_store.ts";
import { ManualClock } from "./store_fixture.ts";
import { ModelStore } from "./store_model.ts";

/** A minute. */
export const MINUTE_MS = 60_000;

/** A day. */
export const DAY_MS = 86_400_000;

/** 2026-01-15T00:00:00Z */
export const MIDNIGHT_MS = 1_768_435_200_000;

/** Whose misses are counted unless another is named. */
export const OWNER = "merchant mer_1";

/** A store, its clock, and edges on it. */
export interface World {
  readonly clock: ManualClock;
  readonly store: FaultyStore;
  readonly trace: readonly string[];
  /** Another edge on the same store. */
  edge(): GuessSlots;
  /** What a counter of the store says. */
  counted(period: string): Promise<number | null>;
}

/** A world with these limits, at midnight if nothing else is said. */
export function world(limits: GuessLimits, nowMs = MIDNIGHT_MS): World {
  const clock = new ManualClock(nowMs);
  const store = new FaultyStore(new ModelStore(clock));
  return {
    clock,
    store,
    trace: store.trace,
    edge: () => createGuessSlots({ store, clock, limits }),
    async counted(period) {
      const key = guessesKey(OWNER, period);
      const [value] = (await store.read({ keys: [key] })).values;
      return value == null ? null : Number(value);
    },
  };
}

/** A search that must be let through. */
export async function search(
  edge: GuessSlots,
  outcome: "hit" | "miss",
  owner = OWNER,
): Promise<void> {
  const slot = await edge.take(owner);
  assertEquals(slot.kind, "slot");
  if (slot.kind === "slot") slot.release(outcome);
}

/** Misses until it is throttled: how many there were, and the last answer. */
export async function missAll(
  edge: GuessSlots,
  owner = OWNER,
): Promise<[number, Exclude<Slot, { kind: "slot" }>]> {
  for (let misses = 0;; misses++) {
    const slot = await edge.take(owner);
    if (slot.kind === "throttled") return [misses, slot];
    slot.release("miss");
  }
}
