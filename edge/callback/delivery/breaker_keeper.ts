/**
 * Keeps what is stored about how one endpoint does: folds the ends of attempts
 * into it, several at once where several ended at once, opens and closes the
 * breaker, and disables an endpoint that failed for too long or wants nothing.
 *
 * An attempt that went well with an endpoint that does well writes nothing.
 *
 * @module
 */

import type { Clock, Random } from "../../base/clock.ts";
import { newRevision } from "../../base/ids.ts";
import type { Log } from "../../base/log.ts";
import {
  callbackBreakerKey,
  callbackEndpointKey,
  callbackFailuresKey,
} from "../../store/keys.ts";
import {
  type Store,
  StoreUnavailableError,
  unchanged,
  type Write,
} from "../../store/store.ts";
import { endpointCheck } from "./raw.ts";
import {
  afterAttempt,
  type AttemptEnd,
  BREAKER_TTL_MS,
  type BreakerState,
  FAILURES_TTL_MS,
  hasFailedTooLong,
} from "../endpoint/breaker.ts";
import { planWake } from "../message/queued.ts";
import type { DisabledReason, EndpointRecord } from "../message/record.ts";

/** Texts as they were last seen in the store. */
export interface Seen {
  readonly endpointRaw: string | null;
  readonly healthRaw: string | null;
  readonly breakerRaw: string | null;
}

/** Keeps the standing of one merchant's endpoint. */
export interface HealthKeeper {
  /** What the store was just seen to hold. */
  see(seen: Partial<Seen>): void;
  /** The latest that is known. */
  readonly seen: Seen;
  /** An attempt at an endpoint has ended; resolves when that is written. */
  note(endpointId: string, end: AttemptEnd): Promise<void>;
  /** The endpoint wants nothing any more. */
  gone(endpointId: string): Promise<void>;
}

const TRIES = 8;

interface Noted extends AttemptEnd {
  readonly endpointId: string;
}

/** Makes a {@linkcode HealthKeeper}. */
export function createHealthKeeper(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  log: Log;
  merchantId: string;
}): HealthKeeper {
  const { store, clock, random, log, merchantId } = deps;
  const endpointKey = callbackEndpointKey(merchantId);
  const healthKey = callbackFailuresKey(merchantId);
  const breakerKey = callbackBreakerKey(merchantId);
  let seen: Seen = { endpointRaw: null, healthRaw: null, breakerRaw: null };
  let waiting: Noted[] = [];
  let writing: Promise<void> | null = null;

  function endpoint(): EndpointRecord | null {
    return seen.endpointRaw === null ? null : JSON.parse(seen.endpointRaw);
  }

  async function read(): Promise<void> {
    const [endpointRaw = null, healthRaw = null, breakerRaw = null] =
      (await store.read({ keys: [endpointKey, healthKey, breakerKey] })).values;
    seen = { endpointRaw, healthRaw, breakerRaw };
  }

  /** Sets or deletes a value, if it is another than before. */
  function put(
    key: string,
    before: string | null,
    after: string | null,
    ttlMs: number,
  ): Write[] {
    if (before === after) return [];
    return [
      after === null
        ? { kind: "delete", key }
        : { kind: "set", key, value: after, ttlMs },
    ];
  }

  /** Writes what the ends of some attempts make of the endpoint. */
  async function write(ends: readonly Noted[]): Promise<void> {
    for (let i = 0; i < TRIES; i++) {
      const record = endpoint();
      const { endpointRaw, healthRaw, breakerRaw } = seen;
      // What another endpoint did, before this one, says nothing of it.
      const own = ends.filter((it) => it.endpointId === record?.endpoint_id);
      if (record?.status !== "active" || own.length === 0) return;
      const nowMs = clock.nowMs();
      const before: BreakerState = {
        failures: healthRaw === null ? null : JSON.parse(healthRaw),
        breaker: breakerRaw === null ? null : JSON.parse(breakerRaw),
      };
      const after = own.reduce(
        (standing, end) => afterAttempt(standing, end, nowMs),
        before,
      );
      const disables = hasFailedTooLong(after.failures, nowMs);
      const breaker = disables ? null : after.breaker;
      const next: Seen = {
        endpointRaw: disables
          ? disabled(record, "failing", nowMs)
          : endpointRaw,
        healthRaw: text(after.failures),
        breakerRaw: text(breaker),
      };
      const writes = [
        ...put(healthKey, healthRaw, next.healthRaw, FAILURES_TTL_MS),
        ...put(breakerKey, breakerRaw, next.breakerRaw, BREAKER_TTL_MS),
      ];
      if (writes.length === 0) return;
      if (next.breakerRaw !== breakerRaw) {
        const atMs = breaker?.next_probe_ms ?? nowMs;
        writes.push(...planWake(merchantId, atMs, newRevision(random)));
      }
      if (disables) {
        const value = next.endpointRaw!;
        writes.push({ kind: "set", key: endpointKey, value });
      }
      const result = await store.txn({
        checks: [
          unchanged(healthKey, healthRaw),
          unchanged(breakerKey, breakerRaw),
          endpointCheck(merchantId, endpointRaw),
        ],
        writes,
      });
      const isRepeated = !result.committed && result.check === 0 &&
        result.value !== null && result.value === next.healthRaw;
      if (result.committed || isRepeated) {
        seen = next;
        if (disables) tellDisabled(record, "failing");
        else if (before.breaker === null && breaker !== null) {
          log("warn", "callback breaker open", { merchantId });
        }
        return;
      }
      await read();
    }
    throw new StoreUnavailableError("refused");
  }

  async function writeWaiting(): Promise<void> {
    try {
      while (waiting.length > 0) {
        const ends = waiting;
        waiting = [];
        await write(ends);
      }
    } finally {
      // At once: what is noted in the next turn begins a write of its own.
      writing = null;
    }
  }

  function tellDisabled(
    { endpoint_id }: EndpointRecord,
    reason: DisabledReason,
  ): void {
    log("warn", "callback endpoint disabled", {
      merchantId,
      endpointId: endpoint_id,
      reason,
    });
  }

  return {
    see: (news) => void (seen = { ...seen, ...news }),
    get seen() {
      return seen;
    },

    async note(endpointId, end) {
      const isWell = seen.healthRaw === null && seen.breakerRaw === null;
      if (end.ok && isWell && waiting.length === 0 && writing === null) return;
      waiting.push({ ...end, endpointId });
      writing ??= writeWaiting();
      await writing;
    },

    async gone(endpointId) {
      for (let i = 0; i < TRIES; i++) {
        const record = endpoint();
        if (record?.endpoint_id !== endpointId || record.status !== "active") {
          return;
        }
        const value = disabled(record, "gone", clock.nowMs());
        const result = await store.txn({
          checks: [endpointCheck(merchantId, seen.endpointRaw)],
          writes: [{ kind: "set", key: endpointKey, value }],
        });
        seen = {
          ...seen,
          endpointRaw: result.committed ? value : result.value,
        };
        if (seen.endpointRaw === value) return tellDisabled(record, "gone");
      }
      throw new StoreUnavailableError("refused");
    },
  };
}

function text(record: unknown): string | null {
  return record === null ? null : JSON.stringify(record);
}

function disabled(
  record: EndpointRecord,
  reason: DisabledReason,
  nowMs: number,
): string {
  const next: EndpointRecord = {
    ...record,
    status: "disabled",
    disabled_reason: reason,
    updated_at: new Date(nowMs).toISOString(),
  };
  return JSON.stringify(next);
}
