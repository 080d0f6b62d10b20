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

/** What is stored about how an endpoint does; `null`: well, and closed. */
export interface Standing {
  readonly health: HealthRecord | null;
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
export const HEALTH_TTL_MS = 2 * DAY_MS;

/** How long an open breaker is remembered without any probe. */
export const BREAKER_TTL_MS = 30 * DAY_MS;

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

/** How an endpoint does after an attempt. */
export function afterAttempt(
  { health, breaker }: Standing,
  { ok, owner }: AttemptEnd,
  nowMs: number,
): Standing {
  if (ok) return { health: null, breaker: null };
  const failing: HealthRecord = {
    failures: (health?.failures ?? 0) + 1,
    since_ms: Math.min(health?.since_ms ?? nowMs, nowMs),
  };
  if (breaker === null) {
    const opens = failing.failures >= OPENS_AT;
    return { health: failing, breaker: opens ? openBreaker(0, nowMs) : null };
  }
  // What was under way when it opened says nothing new.
  return breaker.probe?.owner === owner
    ? {
      health: failing,
      breaker: openBreaker(breaker.failed_probes + 1, nowMs),
    }
    : { health: failing, breaker };
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
  health: HealthRecord | null,
  nowMs: number,
): boolean {
  return health !== null && nowMs - health.since_ms >= FAILING_LIMIT_MS;
}

/** When the next probe may begin, unix ms: not while another one is out. */
export function nextProbeMs(breaker: BreakerRecord): number {
  return Math.max(breaker.next_probe_ms, breaker.probe?.until_ms ?? 0);
}
