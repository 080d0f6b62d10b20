/**
 * The breaker of an endpoint: failures in a row open it, and while it is open
 * nothing but single probes goes to the endpoint. Pure, beside where its records
 * are.
 *
 * Nothing is stored of an endpoint whose last attempt went well.
 *
 * @module
 */

import { callbackBreakerKey, callbackFailuresKey } from "../../store/keys.ts";
import { json, recordKind } from "../../store/record.ts";

/** Stored under the merchant id, while the last attempt failed. */
export interface FailureRecord {
  /** Failures in a row. */
  readonly failures: number;
  /** When the first of them was, unix ms. */
  readonly since_ms: number;
}

/** Stored under the merchant id, while the breaker is open. */
export interface BreakerRecord {
  /** Probes that failed since it opened. */
  readonly failed_probes: number;
  /** No probe before this moment, unix ms. */
  readonly next_probe_ms: number;
  /** Who probes, and until when nobody else may, unix ms. */
  readonly probe?: { readonly owner: string; readonly until_ms: number };
}

/** Failures and breaker; `null`: no failure, and closed. */
export interface BreakerState {
  readonly failures: FailureRecord | null;
  readonly breaker: BreakerRecord | null;
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly ok: boolean;
  /** Who made it. */
  readonly owner: string;
}

/** So many failures in a row open the breaker. */
export const OPENS_AT = 5;

const DAY_MS = 86_400_000;

/** After so long with nothing but failures an endpoint is disabled. */
export const FAILING_LIMIT_MS = 5 * DAY_MS;

/** A failure is forgotten when none follows it for so long. */
const FAILURES_TTL_MS = 2 * DAY_MS;

/** How long an open breaker is remembered without any probe. */
const BREAKER_TTL_MS = 30 * DAY_MS;

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

/** Failures of an endpoint, by its merchant. */
export const failureStreaks = recordKind({
  key: callbackFailuresKey,
  form: json<FailureRecord>(),
  ttlMs: FAILURES_TTL_MS,
});

/** The open breaker of an endpoint, by its merchant. */
export const breakers = recordKind({
  key: callbackBreakerKey,
  form: json<BreakerRecord>(),
  ttlMs: BREAKER_TTL_MS,
});

/** Failures and breaker after an attempt. */
export function afterAttempt(
  { failures, breaker }: BreakerState,
  { ok, owner }: AttemptEnd,
  nowMs: number,
): BreakerState {
  if (ok) return { failures: null, breaker: null };
  const failing: FailureRecord = {
    failures: (failures?.failures ?? 0) + 1,
    since_ms: Math.min(failures?.since_ms ?? nowMs, nowMs),
  };
  if (breaker === null) {
    const opens = failing.failures >= OPENS_AT;
    return { failures: failing, breaker: opens ? openBreaker(0, nowMs) : null };
  }
  // An attempt that was under way when the breaker opened says nothing new.
  const next = breaker.probe?.owner === owner
    ? openBreaker(breaker.failed_probes + 1, nowMs)
    : breaker;
  return { failures: failing, breaker: next };
}

function openBreaker(failedProbes: number, nowMs: number): BreakerRecord {
  // Beyond 2^30 the product would say nothing more.
  const pauseMs = FIRST_PAUSE_MS * 2 ** Math.min(failedProbes, 30);
  return {
    failed_probes: failedProbes,
    next_probe_ms: nowMs + Math.min(pauseMs, LONGEST_PAUSE_MS),
  };
}

/** Whether it failed for so long that nothing should be sent any more. */
export function hasFailedTooLong(
  failures: FailureRecord | null,
  nowMs: number,
): boolean {
  return failures !== null && nowMs - failures.since_ms >= FAILING_LIMIT_MS;
}

/** When the next probe may begin, unix ms: not while another one is out. */
export function nextProbeMs(breaker: BreakerRecord): number {
  return Math.max(breaker.next_probe_ms, breaker.probe?.until_ms ?? 0);
}
