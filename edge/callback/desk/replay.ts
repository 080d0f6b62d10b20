/**
 * Queues messages again under their ids: each is put into the lane of replays,
 * if it is unchanged since it was read.
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

/** The most messages in one transaction. */
const CHUNK = 100;
/** A call that has replayed this number of messages looks at no further page. */
const MOST = 5_000;
/** The most pages that one call looks at. */
const LOOKS = 500;

/** Which callbacks are to be sent again. */
export interface ReplayRange {
  /** The earliest creation time, unix ms, inclusive. */
  readonly sinceMs: number;
  /** The latest creation time, unix ms, inclusive. */
  readonly untilMs: number;
  /** Only callbacks with this status are sent again. */
  readonly status: "delivered" | "dead";
}

/** The result of a replay of a range. */
export interface Replayed {
  /** How many callbacks were queued again. */
  readonly replayed: number;
  /**
   * Whether a part of the range is left, because there were too many for one
   * call.
   */
  readonly more: boolean;
  /**
   * The end of the part that is left, unix ms, where `more` is true. The next call
   * must use it: with the old end it would match callbacks again that have been
   * replayed and delivered meanwhile.
   */
  readonly untilMs?: number;
}

/** What replays need. */
export interface ReplayDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * Spaces out the tries of callers that replay the same messages at the same
   * moment.
   */
  readonly backOff: BackOff;
  /** Called with a merchant whose messages may be due now. */
  readonly onDue?: (merchantId: string) => void;
}

/** A message as it was read, and its next record. */
interface Change {
  readonly held: Held<CallbackRecord>;
  readonly next: CallbackRecord;
}

/** Queues one of a merchant's messages again, or answers `not-found`. */
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

/**
 * Queues all messages again that have the status and were created in the time
 * given.
 */
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
  // No callback was created before 1970, and the store takes no negative score.
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

/**
 * Queues the messages of a page that have the status again. Returns how many
 * they are.
 */
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

/** Writes all changes or none. Returns whether they were committed. */
async function write(
  { store, clock, random, onDue }: ReplayDeps,
  merchantId: string,
  endpoint: Held<EndpointRecord, "merchant">,
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

/**
 * The record of a message that is queued again; `null` while the message is
 * being sent.
 */
function again(
  record: CallbackRecord,
  replay: string,
  nowMs: number,
): CallbackRecord | null {
  if (record.status === "pending") {
    if ((record.lease?.until_ms ?? 0) > nowMs) return null;
    const { lease: _, ...rest } = record;
    // A message that is due already keeps its due time. Writing its lane entry
    // again also repairs an entry that was lost.
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
