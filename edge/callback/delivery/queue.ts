/**
 * Reads a merchant's queue as one snapshot: everything that decides what may be
 * sent and when the merchant is to be looked at again.
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
  laneRevisions,
  lanes,
  takesMessages,
} from "../message/stored.ts";
import { slots } from "./lease.ts";

/** An endpoint with its failures and its breaker, as they were read. */
export interface EndpointState {
  readonly endpoint: Held<EndpointRecord, "merchant">;
  readonly failures: Held<FailureRecord>;
  readonly breaker: Held<BreakerRecord>;
}

/**
 * One snapshot of a merchant's due messages and of what decides whether they
 * may be sent.
 */
export interface DueSnapshot extends EndpointState {
  /** When the snapshot was asked for, unix ms. */
  readonly atMs: number;
  /** The due entries, lane by lane, the longest due of each lane first. */
  readonly due: readonly DueEntry[];
  /** Whether more may be due than was read. */
  readonly isFull: boolean;
}

/** One snapshot of a merchant's whole queue. */
export interface QueueSnapshot extends DueSnapshot {
  readonly revision: Held<string>;
  readonly freeSlots: readonly number[];
  /** When the earliest message of all lanes is due, unix ms. */
  readonly earliestMs: number | null;
  /** Whether the merchant has any callbacks, waiting or ended. */
  readonly holdsAny: boolean;
  /** Ids in the merchant's lists whose callbacks have expired. */
  readonly expired: readonly string[];
}

/** What reading a queue needs. */
export interface QueueDeps {
  readonly store: Store;
  readonly clock: Clock;
}

/** Entries read of each lane in one snapshot. */
const LOOK = 48;
/** Expired ids removed from each list in one transaction. */
const TRIM = 100;
/**
 * The list of dead callbacks keeps its entries this much longer than the others,
 * because an old callback that is replayed and dies again is kept longer than at first.
 */
const DEAD_MS = 8 * 86_400_000;
const ALL_SLOTS = Array.from({ length: SLOTS }, (_, slot) => slot);

/** The places of an endpoint, its failures and its breaker. */
export const statePlaces = (merchantId: string) =>
  [
    endpoints(merchantId),
    failureStreaks(merchantId),
    breakers(merchantId),
  ] as const;

/** The state of an endpoint from the values of its places. */
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

/**
 * Reads only what slots at work need to continue, which is cheaper than the
 * whole queue.
 */
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
  const revision = laneRevisions(merchantId);
  const places = [...statePlaces(merchantId), revision];
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
    revision: revision.held(values[places.length - 1]!),
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

/** The due entries of the lanes. `ranges` begins with one range for each lane. */
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
function nextLookMs(queue: QueueSnapshot): number | null {
  const { atMs, earliestMs, breaker } = queue;
  const dailyMs = queue.holdsAny ? atMs + HOUSEKEEPING_MS : null;
  // Messages for an endpoint that takes none wait until the merchant sets the
  // endpoint again, which wakes the merchant. Until then the daily look is enough.
  if (earliestMs === null || !takesMessages(queue.endpoint)) return dailyMs;
  const probeMs = breaker.value === null ? 0 : nextProbeMs(breaker.value);
  return Math.min(dailyMs ?? Infinity, Math.max(earliestMs, probeMs));
}

/**
 * Writes when the merchant is to be looked at again, if ever. Returns `false` if
 * messages may have become due since the snapshot.
 */
export async function settle(
  { store }: QueueDeps,
  merchantId: string,
  queue: QueueSnapshot,
): Promise<boolean> {
  const list = callbackLists(merchantId);
  const dead = deadLists(merchantId);
  const lookMs = nextLookMs(queue);
  const guards: Guard<"revision" | "empty">[] = [
    queue.revision.unchanged("revision"),
  ];
  const writes: Write[] = queue.expired.flatMap((id) => [
    list.remove(id),
    dead.remove(id),
  ]);
  if (lookMs === null) {
    const waiting = LANES.map((lane) => lanes(merchantId, lane));
    guards.push(...[...waiting, list, dead].map((it) => it.empty("empty")));
    writes.push(DUE_MERCHANTS.remove(merchantId));
  } else {
    // More ids may have expired than one transaction removes, so after a removal
    // the merchant is looked at again at once.
    const againMs = queue.expired.length > 0 ? queue.atMs : lookMs;
    writes.push(DUE_MERCHANTS.put(merchantId, againMs));
  }
  // Settling is idempotent, so a repeated transaction does not have to recognize
  // its own write.
  const settled = await commit(store, { guards, writes, mine: () => false });
  return settled.committed;
}
