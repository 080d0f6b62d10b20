/**
 * A merchant's queue as it is in the store: one snapshot of all that decides
 * what may be sent, and when to look again.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { commit, type Guard } from "../../store/commit.ts";
import { CALLBACK_TTL_MS, latestFirst } from "../../store/keys.ts";
import { type Held, holdAll } from "../../store/record.ts";
import type { IndexEntry, Store, Write } from "../../store/store.ts";
import {
  type BreakerRecord,
  breakers,
  type FailureRecord,
  failureStreaks,
  nextProbeMs,
} from "../endpoint/breaker.ts";
import { type DueEntry, LANES, SLOTS } from "../message/lanes.ts";
import { HOUSEKEEPING_MS } from "../message/queued.ts";
import type { EndpointRecord } from "../message/record.ts";
import {
  callbackLists,
  deadLists,
  DUE_MERCHANTS,
  endpoints,
  lanes,
  takesMessages,
  turns,
} from "../message/stored.ts";
import { slots } from "./lease.ts";

/** An endpoint with its failures and its breaker, as they were read. */
export interface EndpointState {
  readonly endpoint: Held<EndpointRecord>;
  readonly failures: Held<FailureRecord>;
  readonly breaker: Held<BreakerRecord>;
}

/** One snapshot of what is due to a merchant, and whether it may be sent. */
export interface DueSnapshot extends EndpointState {
  /** When it was asked for, unix ms. */
  readonly atMs: number;
  /** What is due, first in its lane first. */
  readonly due: readonly DueEntry[];
  /** Whether more may be due than was read. */
  readonly isFull: boolean;
}

/** One snapshot of a merchant's whole queue. */
export interface QueueSnapshot extends DueSnapshot {
  readonly turn: Held<string>;
  readonly freeSlots: readonly number[];
  /** When the first of all lanes is due, unix ms. */
  readonly earliestMs: number | null;
  /** Whether anything is kept for the merchant, waiting or not. */
  readonly holdsAny: boolean;
  /** Members of the merchant's lists that were kept for long enough. */
  readonly expired: readonly string[];
}

/** What reading a queue needs. */
export interface QueueDeps {
  readonly store: Store;
  readonly clock: Clock;
}

/** Entries read of each lane at a time. */
const LOOK = 48;
/** Members of the lists dropped at a time. */
const TRIM = 100;
/** What was replayed when it was old may die, and be kept, so much later. */
const DEAD_MS = 8 * 86_400_000;
const ALL_SLOTS = Array.from({ length: SLOTS }, (_, slot) => slot);

/** Where an endpoint, its failures and its breaker are. */
export const statePlaces = (merchantId: string) =>
  [
    endpoints(merchantId),
    failureStreaks(merchantId),
    breakers(merchantId),
  ] as const;

/** An endpoint by the values of its places. */
export function stateOf(
  merchantId: string,
  values: readonly (string | null)[],
): EndpointState {
  const [endpoint, failures, breaker] = holdAll(
    statePlaces(merchantId),
    values,
  );
  return { endpoint, failures, breaker };
}

/** What slots that are at work go on with; a part of the whole costs less. */
export async function readDue(
  { store, clock }: QueueDeps,
  merchantId: string,
): Promise<DueSnapshot> {
  const atMs = clock.nowMs();
  const { values, ranges } = await store.read({
    keys: statePlaces(merchantId).map(({ ref }) => ref),
    ranges: laneRanges(merchantId),
  });
  return { ...stateOf(merchantId, values), atMs, ...dueIn(ranges, atMs) };
}

/** Reads a merchant's whole queue. */
export async function readQueue(
  { store, clock }: QueueDeps,
  merchantId: string,
): Promise<QueueSnapshot> {
  const atMs = clock.nowMs();
  const list = callbackLists(merchantId);
  const dead = deadLists(merchantId);
  const tooOld = latestFirst(Math.max(0, atMs - CALLBACK_TTL_MS));
  const turn = turns(merchantId);
  const places = [...statePlaces(merchantId), turn];
  const owners = ALL_SLOTS.map((slot) => slots(merchantId, slot));
  const { values, ranges } = await store.read({
    keys: [...places, ...owners].map(({ ref }) => ref),
    ranges: [
      ...laneRanges(merchantId),
      list.page(1),
      dead.page(1),
      list.page(TRIM, { min: tooOld }),
      dead.page(TRIM, { min: tooOld + DEAD_MS }),
    ],
  });
  const firsts = ranges.slice(0, LANES.length).flatMap(([it]) => it ?? []);
  return {
    ...stateOf(merchantId, values),
    turn: turn.held(values[places.length - 1]!),
    atMs,
    ...dueIn(ranges, atMs),
    freeSlots: ALL_SLOTS.filter((slot) =>
      values[places.length + slot] === null
    ),
    earliestMs: firsts.length === 0
      ? null
      : Math.min(...firsts.map(({ score }) => score)),
    holdsAny: ranges.slice(0, LANES.length + 2).some((it) => it.length > 0),
    expired: ranges.slice(LANES.length + 2).flat().map((it) => it.member),
  };
}

function laneRanges(merchantId: string) {
  return LANES.map((lane) => lanes(merchantId, lane).page(LOOK));
}

/** What is due of the lanes, whose ranges come first. */
function dueIn(
  ranges: readonly (readonly IndexEntry[])[],
  atMs: number,
): { due: DueEntry[]; isFull: boolean } {
  const byLane = LANES.map((lane, i) =>
    ranges[i]!.filter(({ score }) => score <= atMs)
      .map(({ member, score }) => ({ lane, id: member, sinceMs: score }))
  );
  const isFull = byLane.some(({ length }) => length === LOOK);
  return { due: byLane.flat(), isFull };
}

/** When a merchant is to be looked at again, unix ms; `null`: never. */
export function nextLookMs(queue: QueueSnapshot): number | null {
  const { atMs, earliestMs, breaker } = queue;
  const dailyMs = queue.holdsAny ? atMs + HOUSEKEEPING_MS : null;
  // What waits for an endpoint that takes nothing waits for its return.
  if (earliestMs === null || !takesMessages(queue.endpoint)) return dailyMs;
  const probeMs = breaker.value === null ? 0 : nextProbeMs(breaker.value);
  return Math.min(dailyMs ?? Infinity, Math.max(earliestMs, probeMs));
}

/**
 * Writes when to look at the merchant again, or never; `false` where something
 * came meanwhile.
 */
export async function settle(
  { store }: QueueDeps,
  merchantId: string,
  queue: QueueSnapshot,
): Promise<boolean> {
  const list = callbackLists(merchantId);
  const dead = deadLists(merchantId);
  const lookMs = nextLookMs(queue);
  const guards: Guard<"turn" | "empty">[] = [queue.turn.unchanged("turn")];
  const writes: Write[] = queue.expired.flatMap((id) => [
    list.remove(id),
    dead.remove(id),
  ]);
  if (lookMs === null) {
    const waiting = LANES.map((lane) => lanes(merchantId, lane));
    guards.push(...[...waiting, list, dead].map((it) => it.empty("empty")));
    writes.push(DUE_MERCHANTS.remove(merchantId));
  } else {
    // Where old members were dropped, what is left is to be seen at once.
    const againMs = queue.expired.length > 0 ? queue.atMs : lookMs;
    writes.push(DUE_MERCHANTS.put(merchantId, againMs));
  }
  // Settling twice does what settling once does.
  const settled = await commit(store, { guards, writes, mine: () => false });
  return settled.committed;
}
