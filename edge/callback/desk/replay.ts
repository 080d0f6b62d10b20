/**
 * Sends messages again, under their ids: each is put back into the lane behind
 * all others, if it is still as it was read.
 *
 * @module
 */

import type { BackOff } from "../../base/backoff.ts";
import type { Clock, Random } from "../../base/clock.ts";
import { newRevision } from "../../base/ids.ts";
import { type Refusal, refused } from "../../base/outcome.ts";
import { commit } from "../../store/commit.ts";
import { createdMs, latestFirst } from "../../store/keys.ts";
import type { Held } from "../../store/record.ts";
import { LOST, retry } from "../../store/retry.ts";
import type { IndexEntry, Store, Write } from "../../store/store.ts";
import { planWake } from "../message/queued.ts";
import type {
  CallbackRecord,
  CallbackStatus,
  CallbackView,
  EndpointRecord,
} from "../message/record.ts";
import {
  callbackLists,
  deadLists,
  lanes,
  messageTtlMs,
  readMessages,
  takesMessages,
  viewCallback,
} from "../message/stored.ts";

/** Messages in one transaction, and in one call. */
const CHUNK = 100;
const MOST = 5_000;
/** Pages that one call looks at. */
const LOOKS = 500;

/** Which callbacks are to be sent again. */
export interface ReplayRange {
  /** Unix ms of their making, inclusive. */
  readonly sinceMs: number;
  /** Unix ms, inclusive. */
  readonly untilMs: number;
  /** Those that ended like this. */
  readonly status: "delivered" | "dead";
}

/** What a replay of a range did. */
export interface Replayed {
  /** How many are on their way again. */
  readonly replayed: number;
  /** Whether there were too many for one call. */
  readonly more: boolean;
  /**
   * The end of the range that is left, unix ms, where there were too many:
   * what was delivered again meanwhile would match once more.
   */
  readonly untilMs?: number;
}

/** What replays need. */
export interface ReplayDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Parts those who replay the same messages at the same moment. */
  readonly backOff: BackOff;
  /** Called with a merchant whose messages may be due now. */
  readonly onDue?: (merchantId: string) => void;
}

/** A message as it was read, and as it is to be. */
interface Change {
  readonly held: Held<CallbackRecord>;
  readonly next: CallbackRecord;
}

/** Sends one of a merchant's messages again, or `not-found`. */
export async function replayOne(
  deps: ReplayDeps,
  merchantId: string,
  callbackId: string,
): Promise<CallbackView | Refusal> {
  return await retry(async () => {
    const ids = [callbackId];
    const { endpoint, found } = await readMessages(deps.store, merchantId, ids);
    const message = found.get(callbackId);
    if (message === undefined) return refused("not-found");
    const { record, held } = message;
    const next = again(record, newRevision(deps.random), deps.clock.nowMs());
    if (next === null) return viewCallback(record, endpoint);
    const change = { held, next };
    if (!await write(deps, merchantId, endpoint, [change])) return LOST;
    return viewCallback(next, endpoint);
  }, deps);
}

/** Sends all again that ended in a certain way and were made in a certain time. */
export async function replayRange(
  deps: ReplayDeps,
  merchantId: string,
  { sinceMs, untilMs, status }: ReplayRange,
): Promise<Replayed | Refusal> {
  if (sinceMs > untilMs) {
    return refused("malformed-request", {
      detail: "since must not be later than until.",
    });
  }
  // Callbacks are younger than the epoch; the store's scores are too.
  if (untilMs < 0) return { replayed: 0, more: false };
  const list = status === "dead"
    ? deadLists(merchantId)
    : callbackLists(merchantId);
  const min = Math.max(0, latestFirst(untilMs));
  const max = latestFirst(Math.max(0, sinceMs));
  let replayed = 0;
  let after: IndexEntry | undefined;
  for (let look = 0; look < LOOKS && replayed < MOST; look++) {
    const page = await deps.store.range(list.page(CHUNK, { min, max, after }));
    const ids = page.map(({ member }) => member);
    replayed += await replayPage(deps, merchantId, ids, status);
    after = page.at(-1);
    if (page.length < CHUNK) return { replayed, more: false };
  }
  return { replayed, more: true, untilMs: createdMs(after!.score) };
}

/** Those of a page that ended in that way; how many. */
async function replayPage(
  deps: ReplayDeps,
  merchantId: string,
  ids: readonly string[],
  status: CallbackStatus,
): Promise<number> {
  let left = ids;
  return await retry(async () => {
    const { endpoint, found } = await readMessages(
      deps.store,
      merchantId,
      left,
    );
    const nowMs = deps.clock.nowMs();
    const changes: Change[] = [];
    for (const { record, held } of found.values()) {
      if (record.status !== status) continue;
      const next = again(record, newRevision(deps.random), nowMs);
      if (next !== null) changes.push({ held, next });
    }
    if (changes.length === 0) return 0;
    if (await write(deps, merchantId, endpoint, changes)) return changes.length;
    left = changes.map(({ next }) => next.callback_id);
    return LOST;
  }, deps);
}

/** Writes changes, all or none; whether they are committed. */
async function write(
  { store, clock, random, onDue }: ReplayDeps,
  merchantId: string,
  endpoint: Held<EndpointRecord>,
  changes: readonly Change[],
): Promise<boolean> {
  const nowMs = clock.nowMs();
  const writes = changes.flatMap(({ held, next }): Write[] => [
    held.set(next, messageTtlMs(next, nowMs)),
    deadLists(merchantId).remove(next.callback_id),
    lanes(merchantId, next.lane).put(next.callback_id, next.due_ms),
  ]);
  if (takesMessages(endpoint)) {
    writes.push(...planWake(merchantId, nowMs, newRevision(random)));
  }
  const { committed } = await commit(store, {
    guards: [
      ...changes.map(({ held }) => held.unchanged("message")),
      endpoint.unchanged("endpoint"),
    ],
    writes,
  });
  if (committed) onDue?.(merchantId);
  return committed;
}

/** A message that is to be sent again; `null` where it is being sent. */
function again(
  record: CallbackRecord,
  replay: string,
  nowMs: number,
): CallbackRecord | null {
  if (record.status === "pending") {
    if ((record.lease?.until_ms ?? 0) > nowMs) return null;
    const { lease: _, ...rest } = record;
    // One that is due keeps its place, and has it back where it was lost.
    return { ...rest, replay, due_ms: Math.min(record.due_ms, nowMs) };
  }
  const { dead_reason: _, ended_at: __, ...rest } = record;
  return {
    ...rest,
    replay,
    status: "pending",
    lane: "replay",
    tries: 0,
    due_ms: nowMs,
  };
}
