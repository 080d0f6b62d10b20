/**
 * The breaker of an endpoint: five failures in a row open it, and while it is
 * open the endpoint gets single probes only. Pure, apart from naming the records.
 *
 * While the last attempt at an endpoint succeeded, neither record exists.
 *
 * @module
 */

import { callbackBreakerKey, callbackFailuresKey } from "../../store/keys.ts";
import { json, recordKind } from "../../store/record.ts";

/**
 * The failures in a row, stored under the merchant id until an attempt
 * succeeds.
 */
export interface FailureRecord {
  /** Failures in a row. */
  readonly failures: number;
  /** When the first of these failures happened, unix ms. */
  readonly since_ms: number;
}

/** An open breaker, stored under the merchant id. No record means closed. */
export interface BreakerRecord {
  /** Probes that have failed since the breaker opened. */
  readonly failed_probes: number;
  /** The earliest moment of the next probe, unix ms. */
  readonly next_probe_ms: number;
  /**
   * The lease of the probe under way: no other probe begins before `until_ms`
   * (unix ms).
   */
  readonly probe?: { readonly owner: string; readonly until_ms: number };
}

/** Failures and breaker. `null` means no failure, and a closed breaker. */
export interface BreakerState {
  readonly failures: FailureRecord | null;
  readonly breaker: BreakerRecord | null;
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly ok: boolean;
  /** The lease token under which the attempt was made. */
  readonly owner: string;
}

/** This number of failures in a row opens the breaker. */
export const OPENS_AT = 5;

const DAY_MS = 86_400_000;

/** An endpoint that only failed for this time is disabled. */
export const FAILING_LIMIT_MS = 5 * DAY_MS;

/**
 * The record of failures expires when no further failure comes within this
 * time.
 */
const FAILURES_TTL_MS = 2 * DAY_MS;

/**
 * The record of an open breaker expires when no probe is made within this time.
 */
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

/** The failures and the breaker that follow from an attempt. */
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
  // Only the probe's own result moves the next probe. Another attempt that fails
  // now began before the breaker opened.
  const next = breaker.probe?.owner === owner
    ? openBreaker(breaker.failed_probes + 1, nowMs)
    : breaker;
  return { failures: failing, breaker: next };
}

function openBreaker(failedProbes: number, nowMs: number): BreakerRecord {
  // The exponent is bounded so that the product stays a safe integer; the pause
  // has reached its longest value long before.
  const pauseMs = FIRST_PAUSE_MS * 2 ** Math.min(failedProbes, 30);
  return {
    failed_probes: failedProbes,
    next_probe_ms: nowMs + Math.min(pauseMs, LONGEST_PAUSE_MS),
  };
}

/** Whether an endpoint has only failed for so long that it is to be disabled. */
export function hasFailedTooLong(
  failures: FailureRecord | null,
  nowMs: number,
): boolean {
  return failures !== null && nowMs - failures.since_ms >= FAILING_LIMIT_MS;
}

/**
 * When the next probe may begin, unix ms; not before a probe under way has
 * ended.
 */
export function nextProbeMs(breaker: BreakerRecord): number {
  return Math.max(breaker.next_probe_ms, breaker.probe?.until_ms ?? 0);
}
