/**
 * A merchant's queue as it stands in the store: one snapshot of all that
 * decides what may be sent, the records of what is due, and when to look again.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import {
  CALLBACK_TTL_MS,
  callbackBreakerKey,
  callbackEndpointKey,
  callbackFailuresKey,
  callbackLaneKey,
  callbacksKey,
  callbackSlotKey,
  callbackTurnKey,
  deadCallbacksKey,
  DUE_CALLBACKS_KEY,
  latestFirst,
} from "../../store/keys.ts";
import {
  type Check,
  type RangeQuery,
  type Snapshot,
  type Store,
  unchanged,
  type Write,
} from "../../store/store.ts";
import { type BreakerRecord, nextProbeMs } from "../endpoint/breaker.ts";
import { type DueEntry, LANES, SLOTS } from "../message/lanes.ts";
import { createLoader, type Loader } from "./loader.ts";
import { HOUSEKEEPING_MS } from "../message/queued.ts";
import { takesMessages } from "./raw.ts";

/** One snapshot of what is due to a merchant, and whether it may be sent. */
export interface DueView {
  /** When it was asked for, unix ms. */
  readonly atMs: number;
  readonly endpointRaw: string | null;
  readonly healthRaw: string | null;
  readonly breakerRaw: string | null;
  /** What is due, first in its lane first. */
  readonly due: readonly DueEntry[];
  /** Whether more may be due than was read. */
  readonly isFull: boolean;
}

/** One snapshot of a merchant's whole queue. */
export interface QueueView extends DueView {
  readonly turnRaw: string | null;
  readonly freeSlots: readonly number[];
  /** When the first of all lanes is due, unix ms. */
  readonly earliestMs: number | null;
  /** Whether anything is kept for the merchant, waiting or not. */
  readonly holdsAny: boolean;
  /** Members of the merchant's lists that were kept for long enough. */
  readonly expired: readonly string[];
}

/** Reads queues. */
export interface Queue extends Loader {
  read(merchantId: string): Promise<QueueView>;
  /** What slots that are at work go on with; a part of the whole costs less. */
  readDue(merchantId: string): Promise<DueView>;
  /**
   * Writes when to look at the merchant again, or never; `false` where
   * something came meanwhile.
   */
  settle(merchantId: string, view: QueueView): Promise<boolean>;
}

/** Entries read of each lane at a time. */
const LOOK = 48;
/** Members of the lists dropped at a time. */
const TRIM = 100;
/** What was replayed when it was old may die, and be kept, so much later. */
const DEAD_MS = 8 * 86_400_000;

/** When a merchant is to be looked at again, unix ms; `null`: never. */
export function nextLookMs(view: QueueView): number | null {
  const { atMs, earliestMs, endpointRaw, breakerRaw } = view;
  const dailyMs = view.holdsAny ? atMs + HOUSEKEEPING_MS : Infinity;
  // What waits for an endpoint that takes nothing waits for its return.
  if (earliestMs === null || !takesMessages(endpointRaw)) {
    return dailyMs === Infinity ? null : dailyMs;
  }
  const breaker = breakerRaw === null
    ? null
    : JSON.parse(breakerRaw) as BreakerRecord;
  const openMs = breaker === null ? 0 : nextProbeMs(breaker);
  return Math.min(dailyMs, Math.max(earliestMs, openMs));
}

/** Makes a {@linkcode Queue}. */
export function createQueue(
  { store, clock, log }: { store: Store; clock: Clock; log: Log },
): Queue {
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
  const all = (index: string, limit: number, min = 0): RangeQuery => ({
    index,
    min,
    max: Number.MAX_SAFE_INTEGER,
    limit,
  });
  const standingKeys = (merchantId: string) => [
    callbackEndpointKey(merchantId),
    callbackFailuresKey(merchantId),
    callbackBreakerKey(merchantId),
  ];
  const laneRanges = (merchantId: string) =>
    LANES.map((lane) => all(callbackLaneKey(merchantId, lane), LOOK));

  /** What a snapshot that begins with those keys and ranges says. */
  function view(
    { values, ranges }: Snapshot,
    atMs: number,
  ): DueView & { earliestMs: number | null } {
    const [endpointRaw = null, healthRaw = null, breakerRaw = null] = values;
    const lanes = LANES.map((lane, i) =>
      ranges[i]!.map(({ member, score }): DueEntry => ({
        lane,
        id: member,
        sinceMs: score,
      }))
    );
    const due = lanes.map((it) => it.filter(({ sinceMs }) => sinceMs <= atMs));
    const firsts = lanes.flatMap((entries) => entries[0]?.sinceMs ?? []);
    return {
      atMs,
      endpointRaw,
      healthRaw,
      breakerRaw,
      due: due.flat(),
      isFull: due.some((entries) => entries.length === LOOK),
      earliestMs: firsts.length === 0 ? null : Math.min(...firsts),
    };
  }

  async function readDue(merchantId: string): Promise<DueView> {
    const atMs = clock.nowMs();
    const keys = standingKeys(merchantId);
    const ranges = laneRanges(merchantId);
    return view(await store.read({ keys, ranges }), atMs);
  }

  async function read(merchantId: string): Promise<QueueView> {
    const atMs = clock.nowMs();
    const list = callbacksKey(merchantId);
    const dead = deadCallbacksKey(merchantId);
    const tooOld = latestFirst(Math.max(0, atMs - CALLBACK_TTL_MS));
    const snapshot = await store.read({
      keys: [
        ...standingKeys(merchantId),
        callbackTurnKey(merchantId),
        ...slots.map((slot) => callbackSlotKey(merchantId, slot)),
      ],
      ranges: [
        ...laneRanges(merchantId),
        all(list, 1),
        all(dead, 1),
        all(list, TRIM, tooOld),
        all(dead, TRIM, tooOld + DEAD_MS),
      ],
    });
    const { values, ranges } = snapshot;
    return {
      ...view(snapshot, atMs),
      turnRaw: values[3] ?? null,
      freeSlots: slots.filter((slot) => values[4 + slot] == null),
      holdsAny: ranges.slice(0, LANES.length + 2).some((it) => it.length > 0),
      expired: ranges.slice(LANES.length + 2).flat().map((it) => it.member),
    };
  }

  return {
    read,
    readDue,
    ...createLoader({ store, clock, log }),

    async settle(merchantId, view) {
      const turnKey = callbackTurnKey(merchantId);
      const list = callbacksKey(merchantId);
      const dead = deadCallbacksKey(merchantId);
      const lookMs = nextLookMs(view);
      const checks: Check[] = [unchanged(turnKey, view.turnRaw)];
      const writes: Write[] = view.expired.flatMap((member): Write[] => [
        { kind: "unindex", index: list, member },
        { kind: "unindex", index: dead, member },
      ]);
      if (lookMs === null) {
        const lanes = LANES.map((lane) => callbackLaneKey(merchantId, lane));
        for (const index of [...lanes, list, dead]) {
          checks.push({ kind: "empty", index });
        }
        writes.push({
          kind: "unindex",
          index: DUE_CALLBACKS_KEY,
          member: merchantId,
        });
      } else {
        writes.push({
          kind: "index",
          index: DUE_CALLBACKS_KEY,
          member: merchantId,
          // What is left without the old is to be seen at once.
          score: view.expired.length > 0 ? view.atMs : lookMs,
        });
      }
      return (await store.txn({ checks, writes })).committed;
    },
  };
}
