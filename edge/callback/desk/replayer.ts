/**
 * Sends messages again, under their ids: each is put back into the lane behind
 * all others, if it is still as it was read.
 *
 * @module
 */

import type { Clock, Random } from "../../base/clock.ts";
import { isId, newRevision } from "../../base/ids.ts";
import { type Refusal, refused } from "../../base/outcome.ts";
import {
  callbackEndpointKey,
  callbackKey,
  callbackLaneKey,
  callbacksKey,
  createdMs,
  deadCallbacksKey,
  latestFirst,
} from "../../store/keys.ts";
import {
  type Check,
  type IndexEntry,
  type Store,
  StoreUnavailableError,
  type Write,
} from "../../store/store.ts";
import { endpointCheck } from "../endpoint/endpoint_record.ts";
import { messageTtlMs, planWake } from "../message/queued.ts";
import type { CallbackRecord, CallbackView } from "../message/record.ts";
import {
  parseCallback,
  takesMessages,
  viewCallback,
} from "../message/stored.ts";

const TRIES = 5;
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

/** Sends messages again. */
export interface Replayer {
  /** One of a merchant's, or `not-found`. */
  replay(
    merchantId: string,
    callbackId: string,
  ): Promise<CallbackView | Refusal>;
  /** All that ended in a certain way and were made in a certain time. */
  replayRange(
    merchantId: string,
    range: ReplayRange,
  ): Promise<Replayed | Refusal>;
}

/** A message as it was read, and as it is to be. */
interface Change {
  readonly raw: string;
  readonly next: CallbackRecord;
}

/** Makes a {@linkcode Replayer}. */
export function createReplayer(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  onDue?: (merchantId: string) => void;
}): Replayer {
  const { store, clock, random } = deps;

  async function readAll(merchantId: string, ids: readonly string[]) {
    const [endpointRaw = null, ...raws] = (await store.read({
      keys: [callbackEndpointKey(merchantId), ...ids.map(callbackKey)],
    })).values;
    return { endpointRaw, raws };
  }

  /** Writes changes, all or none; whether they stand. */
  async function write(
    merchantId: string,
    endpointRaw: string | null,
    changes: readonly Change[],
    nowMs: number,
  ): Promise<boolean> {
    const checks: Check[] = [];
    const writes: Write[] = [];
    for (const { raw, next } of changes) {
      const id = next.callback_id;
      const value = JSON.stringify(next);
      checks.push({ kind: "equals", key: callbackKey(id), value: raw });
      writes.push(
        {
          kind: "set",
          key: callbackKey(id),
          value,
          ttlMs: messageTtlMs(next, nowMs),
        },
        { kind: "unindex", index: deadCallbacksKey(merchantId), member: id },
        {
          kind: "index",
          index: callbackLaneKey(merchantId, next.lane),
          member: id,
          score: next.due_ms,
        },
      );
    }
    checks.push(endpointCheck(merchantId, endpointRaw));
    if (takesMessages(endpointRaw)) {
      writes.push(...planWake(merchantId, nowMs, newRevision(random)));
    }
    const result = await store.txn({ checks, writes });
    if (result.committed) return true;
    const first = changes[result.check];
    if (first === undefined || result.value !== JSON.stringify(first.next)) {
      return false;
    }
    // A transport that repeated the write finds its own result there. So does
    // another call that made this change in the same millisecond: it counts
    // only where all of them stand.
    const ids = changes.map(({ next }) => next.callback_id);
    const { raws } = await readAll(merchantId, ids);
    return changes.every(({ next }, i) => raws[i] === JSON.stringify(next));
  }

  return {
    async replay(merchantId, callbackId) {
      if (!isId("cb", callbackId)) return refused("not-found");
      for (let i = 0; i < TRIES; i++) {
        const { endpointRaw, raws } = await readAll(merchantId, [callbackId]);
        const raw = raws[0] ?? null;
        const record = parseCallback(callbackId, raw);
        if (raw === null || record?.merchant_id !== merchantId) {
          return refused("not-found");
        }
        const nowMs = clock.nowMs();
        const next = again(record, nowMs);
        if (next === null) return viewCallback(record, endpointRaw);
        const changes = [{ raw, next }];
        if (await write(merchantId, endpointRaw, changes, nowMs)) {
          deps.onDue?.(merchantId);
          return viewCallback(next, endpointRaw);
        }
      }
      throw new StoreUnavailableError("refused");
    },

    async replayRange(merchantId, { sinceMs, untilMs, status }) {
      if (sinceMs > untilMs) {
        return refused("malformed-request", {
          detail: "since must not be later than until.",
        });
      }
      // Callbacks are younger than the epoch; the store's scores are too.
      if (untilMs < 0) return { replayed: 0, more: false };
      let replayed = 0;
      let after: IndexEntry | undefined;
      const index = status === "dead"
        ? deadCallbacksKey(merchantId)
        : callbacksKey(merchantId);
      for (let look = 0; look < LOOKS && replayed < MOST; look++) {
        const page = await store.range({
          index,
          min: Math.max(0, latestFirst(untilMs)),
          max: latestFirst(Math.max(0, sinceMs)),
          limit: CHUNK,
          ...(after !== undefined && { after }),
        });
        replayed += await replayAll(
          merchantId,
          page.map(({ member }) => member),
          status,
        );
        after = page.at(-1);
        if (page.length < CHUNK) return { replayed, more: false };
      }
      const untilLeftMs = createdMs(after!.score);
      return { replayed, more: true, untilMs: untilLeftMs };
    },
  };

  /** Those of a page that ended in that way; how many. */
  async function replayAll(
    merchantId: string,
    ids: readonly string[],
    status: CallbackRecord["status"],
  ): Promise<number> {
    let left = ids;
    for (let i = 0; left.length > 0; i++) {
      const { endpointRaw, raws } = await readAll(merchantId, left);
      const nowMs = clock.nowMs();
      const changes = left.flatMap((id, i): Change[] => {
        const raw = raws[i] ?? null;
        const record = parseCallback(id, raw);
        const isMeant = record?.merchant_id === merchantId &&
          record.status === status;
        const next = isMeant ? again(record, nowMs) : null;
        return raw === null || next === null ? [] : [{ raw, next }];
      });
      if (changes.length === 0) return 0;
      if (await write(merchantId, endpointRaw, changes, nowMs)) {
        deps.onDue?.(merchantId);
        return changes.length;
      }
      // Whoever changes them all the time needs no replay of them.
      if (i === TRIES) throw new StoreUnavailableError("refused");
      left = changes.map(({ next }) => next.callback_id);
    }
    return 0;
  }
}

/** A message that is to be sent again; `null` where it is being sent. */
function again(record: CallbackRecord, nowMs: number): CallbackRecord | null {
  if (record.status === "pending") {
    if ((record.lease?.until_ms ?? 0) > nowMs) return null;
    const { lease: _, ...rest } = record;
    // One that is due keeps its place, and has it back where it was lost.
    return { ...rest, due_ms: Math.min(record.due_ms, nowMs) };
  }
  const { dead_reason: _, ended_at: __, ...rest } = record;
  return {
    ...rest,
    status: "pending",
    lane: "replay",
    tries: 0,
    due_ms: nowMs,
  };
}
