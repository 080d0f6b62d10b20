/**
 * How an endpoint does: failures in a row, since when nothing but failures,
 * and the breaker that keeps everything but single probes from an endpoint
 * that fails. Pure.
 *
 * Of an endpoint that does well nothing is stored at all.
 *
 * @module
 */

/** Stored under the merchant id, while the last attempt failed. */
export interface HealthRecord {
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

/** So many failures in a row open the breaker. */
export const OPENS_AT = 5;

const DAY_MS = 86_400_000;

/** After so long with nothing but failures an endpoint is disabled. */
export const FAILING_LIMIT_MS = 5 * DAY_MS;

/** A failure is forgotten when none follows it for so long. */
export const HEALTH_TTL_MS = 2 * DAY_MS;

/** How long an open breaker is remembered without any probe. */
export const BREAKER_TTL_MS = 30 * DAY_MS;

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

/** How an endpoint does after an attempt; `null`: well. */
export function afterAttempt(
  health: HealthRecord | null,
  ok: boolean,
  nowMs: number,
): HealthRecord | null {
  if (ok) return null;
  return {
    failures: (health?.failures ?? 0) + 1,
    since_ms: Math.min(health?.since_ms ?? nowMs, nowMs),
  };
}

/** Whether it failed for so long that nothing should be sent any more. */
export function hasFailedTooLong(
  health: HealthRecord | null,
  nowMs: number,
): boolean {
  return health !== null && nowMs - health.since_ms >= FAILING_LIMIT_MS;
}

/** A breaker that opens now, or stays open after a probe that failed. */
export function openedBreaker(
  failedProbes: number,
  nowMs: number,
): BreakerRecord {
  // Beyond 2^30 the product would say nothing more.
  const pauseMs = FIRST_PAUSE_MS * 2 ** Math.min(failedProbes, 30);
  return {
    failed_probes: failedProbes,
    next_probe_ms: nowMs + Math.min(pauseMs, LONGEST_PAUSE_MS),
  };
}

/** When the next probe may begin, unix ms: not while another one is out. */
export function nextProbeMs(breaker: BreakerRecord): number {
  return Math.max(breaker.next_probe_ms, breaker.probe?.until_ms ?? 0);
}
