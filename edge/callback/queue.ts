/**
 * A merchant's queue as it stands in the store: one snapshot of all that
 * decides what may be sent, the records of what is due, and when to look again.
 *
 * What cannot be sent is taken out of the lanes here, each message for itself,
 * so that none of them holds up the others.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { isId } from "../ids.ts";
import type { Log } from "../log.ts";
import {
  CALLBACK_TTL_MS,
  callbackAttemptsKey,
  callbackBreakerKey,
  callbackEndpointKey,
  callbackHealthKey,
  callbackKey,
  callbackLaneKey,
  callbacksKey,
  callbackSlotKey,
  callbackTurnKey,
  deadCallbacksKey,
  DUE_CALLBACKS_KEY,
  latestFirst,
} from "../store/keys.ts";
import {
  type Check,
  type RangeQuery,
  type Store,
  StoreUnavailableError,
  unchanged,
  type Write,
} from "../store/store.ts";
import { type BreakerRecord, nextProbeMs } from "./health.ts";
import { type Candidate, type DueEntry, LANES, SLOTS } from "./lanes.ts";
import { HOUSEKEEPING_MS } from "./queued.ts";
import { parseCallback, takesMessages } from "./stored.ts";

/** One snapshot of a merchant's queue. */
export interface QueueView {
  /** When it was asked for, unix ms. */
  readonly atMs: number;
  readonly endpointRaw: string | null;
  readonly healthRaw: string | null;
  readonly breakerRaw: string | null;
  readonly turnRaw: string | null;
  readonly freeSlots: readonly number[];
  /** What is due, first in its lane first. */
  readonly due: readonly DueEntry[];
  /** Whether more may be due than was read. */
  readonly isFull: boolean;
  /** When the first of all lanes is due, unix ms. */
  readonly earliestMs: number | null;
  /** Whether anything is kept for the merchant, waiting or not. */
  readonly holdsAny: boolean;
  /** Members of the merchant's lists that were kept for long enough. */
  readonly expired: readonly string[];
}

/** Where a message waits. */
type Entry = Pick<DueEntry, "lane" | "id">;

/** Reads queues. */
export interface Queue {
  read(merchantId: string): Promise<QueueView>;
  /** The records of what is due; what cannot be sent is taken out. */
  load(
    merchantId: string,
    due: readonly DueEntry[],
  ): Promise<{ candidates: Candidate[]; removed: number }>;
  /** Takes a message out of its lane that cannot be handled at all. */
  remove(merchantId: string, candidate: Candidate): Promise<void>;
  /**
   * Writes when to look at the merchant again, or never; `false` where
   * something came meanwhile.
   */
  settle(merchantId: string, view: QueueView): Promise<boolean>;
}

/** Entries read of each lane at a time. */
const LOOK = 32;
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

  async function read(merchantId: string): Promise<QueueView> {
    const atMs = clock.nowMs();
    const all = (index: string, limit: number, min = 0): RangeQuery => ({
      index,
      min,
      max: Number.MAX_SAFE_INTEGER,
      limit,
    });
    const list = callbacksKey(merchantId);
    const tooOld = latestFirst(Math.max(0, atMs - CALLBACK_TTL_MS));
    const { values, ranges } = await store.read({
      keys: [
        callbackEndpointKey(merchantId),
        callbackHealthKey(merchantId),
        callbackBreakerKey(merchantId),
        callbackTurnKey(merchantId),
        ...slots.map((slot) => callbackSlotKey(merchantId, slot)),
      ],
      ranges: [
        ...LANES.map((lane) => all(callbackLaneKey(merchantId, lane), LOOK)),
        all(list, 1),
        all(deadCallbacksKey(merchantId), 1),
        all(list, TRIM, tooOld),
        all(deadCallbacksKey(merchantId), TRIM, tooOld + DEAD_MS),
      ],
    });
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
      turnRaw: values[3] ?? null,
      freeSlots: slots.filter((slot) => values[4 + slot] == null),
      due: due.flat(),
      isFull: due.some((entries) => entries.length === LOOK),
      earliestMs: firsts.length === 0 ? null : Math.min(...firsts),
      holdsAny: ranges.slice(0, LANES.length + 2).some((it) => it.length > 0),
      expired: ranges.slice(LANES.length + 2).flat().map((it) => it.member),
    };
  }

  /** Takes an entry out of its lane, while `checks` hold. */
  async function unqueue(
    merchantId: string,
    { lane, id }: Entry,
    checks: readonly Check[],
    writes: readonly Write[] = [],
  ): Promise<void> {
    const index = callbackLaneKey(merchantId, lane);
    await store.txn({
      checks,
      writes: [{ kind: "unindex", index, member: id }, ...writes],
    });
  }

  async function unqueueUnreadable(
    merchantId: string,
    entry: Entry,
    checks: readonly Check[],
  ): Promise<void> {
    log("error", "callback dead", {
      callbackId: isId("cb", entry.id) ? entry.id : "unknown",
      merchantId,
      reason: "its record cannot be read",
    });
    await unqueue(merchantId, entry, checks);
  }

  /** The record of an entry, or `null` after it was taken out. */
  async function sift(
    merchantId: string,
    entry: Entry,
    raw: string | null,
  ): Promise<Candidate | null> {
    const { id, lane } = entry;
    const key = callbackKey(id);
    if (raw === null) {
      // It was kept for as long as it had to be.
      await unqueue(merchantId, entry, [{ kind: "absent", key }], [
        { kind: "unindex", index: callbacksKey(merchantId), member: id },
        { kind: "unindex", index: deadCallbacksKey(merchantId), member: id },
      ]);
      return null;
    }
    const check: Check = { kind: "equals", key, value: raw };
    const record = parseCallback(id, raw);
    if (record === null || record.merchant_id !== merchantId) {
      await unqueueUnreadable(merchantId, entry, [check]);
      return null;
    }
    if (record.status !== "pending" || record.lane !== lane) {
      await unqueue(merchantId, entry, [check]);
      return null;
    }
    return { id, record, raw, attemptsRaw: null };
  }

  /** Reads what entries have; of those that cannot be read nothing is given. */
  async function readValues(
    merchantId: string,
    due: readonly Entry[],
    keys: readonly string[],
  ): Promise<readonly (string | null)[] | null> {
    try {
      return (await store.read({ keys })).values;
    } catch (error) {
      const isCorrupt = error instanceof StoreUnavailableError &&
        error.fault === "corrupt";
      if (!isCorrupt) throw error;
      if (due.length > 1) return null;
      await unqueueUnreadable(merchantId, due[0]!, []);
      return null;
    }
  }

  /** Those of which one spoiled the reading of all, each for itself. */
  async function loadEach(
    merchantId: string,
    due: readonly Entry[],
  ): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    // A single one that cannot be read was taken out.
    if (due.length === 1) return candidates;
    for (const entry of due) {
      candidates.push(...(await load(merchantId, [entry])).candidates);
    }
    return candidates;
  }

  /** The same messages with their attempts before the latest. */
  async function withAttempts(
    merchantId: string,
    candidates: readonly Candidate[],
  ): Promise<readonly Candidate[]> {
    const isTried = ({ record }: Candidate) =>
      record.last_attempt !== undefined;
    const tried = candidates.filter(isTried)
      .map(({ id, record: { lane } }) => ({ id, lane }));
    if (tried.length === 0) return candidates;
    const keys = tried.map(({ id }) => callbackAttemptsKey(id));
    const values = await readValues(merchantId, tried, keys);
    if (values === null) {
      const others = candidates.filter((it) => !isTried(it));
      return [...await loadEach(merchantId, tried), ...others];
    }
    let at = 0;
    return candidates.map((it) =>
      isTried(it) ? { ...it, attemptsRaw: values[at++] ?? null } : it
    );
  }

  async function load(
    merchantId: string,
    due: readonly Entry[],
  ): Promise<{ candidates: Candidate[]; removed: number }> {
    const named = due.filter(({ id }) => isId("cb", id));
    for (const entry of due.filter(({ id }) => !isId("cb", id))) {
      await unqueueUnreadable(merchantId, entry, []);
    }
    const candidates: Candidate[] = [];
    if (named.length === 0) return { candidates, removed: due.length };
    const keys = named.map(({ id }) => callbackKey(id));
    const values = await readValues(merchantId, named, keys);
    if (values === null) {
      candidates.push(...await loadEach(merchantId, named));
    } else {
      const sifted: Candidate[] = [];
      for (const [i, entry] of named.entries()) {
        const found = await sift(merchantId, entry, values[i] ?? null);
        if (found !== null) sifted.push(found);
      }
      candidates.push(...await withAttempts(merchantId, sifted));
    }
    return { candidates, removed: due.length - candidates.length };
  }

  return {
    read,
    load,

    async remove(merchantId, { id, record, raw }) {
      const check: Check = { kind: "equals", key: callbackKey(id), value: raw };
      const entry = { id, lane: record.lane };
      await unqueueUnreadable(merchantId, entry, [check]);
    },

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
