/**
 * Guess permits on a store of their own, and searches that take them.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Random, systemRandom } from "../../../../edge/base/clock.ts";
import {
  createGuessPermits,
  type GuessPermitDeps,
  type Permit,
  type Throttled,
} from "../../../../edge/risk/guess_permits.ts";
import type { Ration } from "../../../../edge/risk/permit_pool.ts";
import { guessesField } from "../../../../edge/store/keys.ts";
import type { Store } from "../../../../edge/store/store.ts";
import { FaultyStore } from "../../store/faulty_store.ts";
import { ManualClock } from "../../store/fixture.ts";
import { ModelStore } from "../../store/model.ts";

/** A minute. */
export const MINUTE_MS = 60_000;

/** A day. */
export const DAY_MS = 86_400_000;

/** 2026-01-15T00:00:00Z */
export const MIDNIGHT_MS = 1_768_435_200_000;

/** Whose misses are counted unless another is named. */
export const OWNER = "merchant mer_1";

/** An edge where every owner has the same rations. */
export interface Edge {
  take(owner: string): Promise<Permit>;
}

/** A store, its clock, and edges on it. */
export interface World {
  readonly clock: ManualClock;
  readonly store: FaultyStore;
  readonly trace: readonly string[];
  /** Another edge on the same store. */
  edge(): Edge;
  /** What was leased in the minute or on the day of a moment. */
  counted(unit: "minute" | "day", ms?: number): Promise<number | null>;
}

/** A world with these limits, at midnight if nothing else is said. */
export function world(
  limits: Omit<Ration, "name">,
  nowMs = MIDNIGHT_MS,
): World {
  const clock = new ManualClock(nowMs);
  const store = new FaultyStore(new ModelStore(clock));
  return {
    clock,
    store,
    trace: store.trace,
    edge: () => edgeOn({ store, clock }, limits),
    counted: (unit, ms = MIDNIGHT_MS) => leasedOf(store, OWNER, unit, ms),
  };
}

/** What a store counts of a ration in a minute or on a day; `null`: nothing. */
export async function leasedOf(
  store: Store,
  ration: string,
  unit: "minute" | "day",
  ms: number,
): Promise<number | null> {
  const keys = [guessesField(ration, unit)];
  const [text] = (await store.read({ keys })).values;
  const period = new Date(ms).toISOString()
    .slice(0, unit === "minute" ? 16 : 10);
  return text?.startsWith(`${period}:`)
    ? Number(text.slice(period.length + 1))
    : null;
}

/** An edge on a store, with one ration for each owner. */
export function edgeOn(
  deps: Omit<GuessPermitDeps, "random">,
  limits: Omit<Ration, "name">,
): Edge {
  const permits = createGuessPermits({ ...deps, random: places() });
  return { take: (name) => permits.take([{ name, ...limits }]) };
}

let edges = 0;

/**
 * A source of randomness with which each edge of this process begins at the next place for
 * its record, unless it is given one, so that edges do not meet at one by chance.
 */
export function places(
  random: Random = systemRandom,
  place = edges++ % 256,
): Random {
  return {
    ...random,
    bytes: (length) =>
      length === 1 ? Uint8Array.of(place) : random.bytes(length),
  };
}

/** A search that must be let through. */
export async function search(
  edge: Edge,
  outcome: "hit" | "miss",
  owner = OWNER,
): Promise<void> {
  const permit = await edge.take(owner);
  assertEquals(permit.kind, "permit");
  if (permit.kind !== "permit") return;
  assertEquals(await permit.release(outcome), null);
}

/** Misses until it is throttled: how many there were, and the last answer. */
export async function missAll(
  edge: Edge,
  owner = OWNER,
): Promise<[number, Throttled]> {
  for (let misses = 0;; misses++) {
    const permit = await edge.take(owner);
    if (permit.kind === "throttled") return [misses, permit];
    const refusal = await permit.release("miss");
    if (refusal !== null) return [misses, refusal];
  }
}
