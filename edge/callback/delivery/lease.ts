/**
 * The transactions of a delivery: a message is leased into a slot, sent, and
 * finished, and in the steady state the finish of one and the lease of the next
 * are one transaction. Pure.
 *
 * The slot holds the owner's token, a new one for each lease, and so does the
 * message. Both end by themselves, so that a process that is killed leaks
 * nothing, and a finish is written only while both are still the owner's: who
 * comes too late changes nothing. The slot's check comes first; it tells a
 * repeated transaction from a refused one.
 *
 * @module
 */

import {
  callbackAttemptsKey,
  callbackBreakerKey,
  callbackKey,
  callbackLaneKey,
  callbackSlotKey,
  deadCallbacksKey,
  latestFirst,
} from "../../store/keys.ts";
import { type Check, unchanged, type Write } from "../../store/store.ts";
import { recordText } from "./raw.ts";
import { endpointCheck } from "./raw.ts";
import { BREAKER_TTL_MS, type BreakerRecord } from "../endpoint/breaker.ts";
import type { Candidate } from "../message/lanes.ts";
import { planWake } from "../message/queued.ts";
import { messageTtlMs } from "../message/stored.ts";
import type { CallbackRecord } from "../message/record.ts";

/** How long a lease holds. */
export const LEASE_MS = 30_000;

/** What everything is decided on. */
export interface LeaseContext {
  readonly merchantId: string;
  readonly endpointRaw: string;
  /** The breaker as it was read, for a probe; else there must be none. */
  readonly breaker:
    | { readonly raw: string; readonly record: BreakerRecord }
    | null;
  readonly nowMs: number;
}

/** A message that is leased. */
export interface Leased {
  readonly slot: number;
  readonly token: string;
  readonly candidate: Candidate;
  /** The record as it stands while it is leased. */
  readonly raw: string;
  readonly untilMs: number;
  readonly probe: boolean;
}

/** What a transaction checks and writes. */
export interface Plan {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
}

/** Leases a message into a slot, beside the check of the slot itself. */
export function planLease(
  candidate: Candidate,
  slot: number,
  token: string,
  { merchantId, endpointRaw, breaker, nowMs }: LeaseContext,
): { leased: Leased; plan: Plan } {
  const { id, record } = candidate;
  const untilMs = nowMs + LEASE_MS;
  const lease = { owner: token, until_ms: untilMs };
  const raw = JSON.stringify({ ...record, lease });
  const key = callbackBreakerKey(merchantId);
  const writes: Write[] = [
    {
      kind: "set",
      key: callbackSlotKey(merchantId, slot),
      value: token,
      ttlMs: LEASE_MS,
    },
    {
      kind: "set",
      key: callbackKey(id),
      value: raw,
      ttlMs: messageTtlMs(record, nowMs),
    },
    {
      kind: "index",
      index: callbackLaneKey(merchantId, record.lane),
      member: id,
      score: untilMs,
    },
  ];
  if (breaker !== null) {
    const probing: BreakerRecord = { ...breaker.record, probe: lease };
    writes.push({
      kind: "set",
      key,
      value: JSON.stringify(probing),
      ttlMs: BREAKER_TTL_MS,
    });
  }
  return {
    leased: { slot, token, candidate, raw, untilMs, probe: breaker !== null },
    plan: {
      checks: [
        endpointCheck(merchantId, endpointRaw),
        unchanged(key, breaker?.raw),
        { kind: "equals", key: callbackKey(id), value: candidate.raw },
      ],
      writes,
    },
  };
}

/** Finishes a message, beside what becomes of its slot. */
export function planFinish(
  merchantId: string,
  { slot, token, candidate, raw }: Leased,
  next: CallbackRecord,
  attempts: string | null,
  nowMs: number,
): { value: string; plan: Plan } {
  const { id, record } = candidate;
  const value = recordText(next);
  const ttlMs = messageTtlMs(next, nowMs);
  const lane = callbackLaneKey(merchantId, record.lane);
  const writes: Write[] = [
    { kind: "set", key: callbackKey(id), value, ttlMs },
    { kind: "unindex", index: lane, member: id },
  ];
  if (attempts !== null) {
    const key = callbackAttemptsKey(id);
    writes.push({ kind: "set", key, value: attempts, ttlMs });
  }
  if (next.status === "pending") {
    writes.push(
      {
        kind: "index",
        index: callbackLaneKey(merchantId, next.lane),
        member: id,
        score: next.due_ms,
      },
      ...planWake(merchantId, next.due_ms, token),
    );
  } else if (next.status === "dead") {
    writes.push({
      kind: "index",
      index: deadCallbacksKey(merchantId),
      member: id,
      score: latestFirst(Date.parse(next.created_at)),
    });
  }
  return {
    value,
    plan: {
      checks: [
        {
          kind: "equals",
          key: callbackSlotKey(merchantId, slot),
          value: token,
        },
        { kind: "equals", key: callbackKey(id), value: raw },
      ],
      writes,
    },
  };
}
