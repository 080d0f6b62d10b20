/**
 * What an attempt was, what it means, and what becomes of its message. Pure.
 *
 * @module
 */

import type { Random } from "../../base/clock.ts";
import type { SendOutcome } from "../sender.ts";
import type { Attempt, CallbackRecord } from "./record.ts";
import { pauseMs, PAUSES_MS, retryAfterMs } from "./schedule.ts";
import { shownText } from "./shown_text.ts";

/** What an attempt means. */
export type Verdict =
  /** A 2xx, and nothing else. */
  | { readonly kind: "delivered" }
  /** 410: the endpoint wants nothing any more. */
  | { readonly kind: "gone" }
  | {
    readonly kind: "failed";
    /** Not again before so long, if the other side said so. */
    readonly retryAfterMs?: number;
    /** In a few words, for people. */
    readonly reason: string;
  };

/** What an outcome means. */
export function judge(outcome: SendOutcome, nowMs: number): Verdict {
  if (outcome.kind === "failed") {
    const { fault, tls } = outcome;
    const reason = `no answer: ${fault}${tls ? ` (${tls})` : ""}`;
    return { kind: "failed", reason };
  }
  const { status, retryAfter } = outcome;
  if (status >= 200 && status <= 299) return { kind: "delivered" };
  if (status === 410) return { kind: "gone" };
  const waitMs = status === 429 || status === 503
    ? retryAfterMs(retryAfter, nowMs)
    : null;
  return {
    kind: "failed",
    reason: `answered ${status}`,
    ...(waitMs !== null && { retryAfterMs: waitMs }),
  };
}

/** The attempt as it is kept and shown. */
export function toAttempt(
  outcome: SendOutcome,
  atMs: number,
  secrets: readonly string[],
  probe: boolean,
): Attempt {
  return {
    at: new Date(atMs).toISOString(),
    duration_ms: Math.round(outcome.durationMs),
    ...(outcome.kind === "answered"
      ? {
        status: outcome.status,
        response: shownText(outcome.body, secrets),
      }
      : {
        error: outcome.fault,
        ...(outcome.tls !== undefined && { tls_error: outcome.tls }),
      }),
    ...(probe && { probe: true }),
  };
}

/** The message as it is after an attempt, without its lease. */
export function afterVerdict(
  record: CallbackRecord,
  verdict: Verdict,
  attempt: Attempt,
  context: {
    /** Whether it was to find out if a failing endpoint is back. */
    readonly probe: boolean;
    readonly nowMs: number;
    readonly random: Random;
  },
): CallbackRecord {
  const { probe, nowMs, random } = context;
  const { lease: _, ...before } = record;
  const rest = {
    ...before,
    attempts: record.attempts + 1,
    last_attempt: attempt,
  };
  // A message that an endpoint refuses for good waits for the next endpoint.
  if (verdict.kind === "gone") return rest;
  const endedAt = new Date(nowMs).toISOString();
  const tries = record.tries + 1;
  if (verdict.kind === "delivered") {
    return { ...rest, status: "delivered", tries, ended_at: endedAt };
  }
  const { retryAfterMs = 0, reason } = verdict;
  if (probe) {
    const dueMs = Math.max(record.due_ms, nowMs + retryAfterMs);
    return { ...rest, due_ms: dueMs };
  }
  const waitMs = pauseMs(tries, random, retryAfterMs);
  if (waitMs === null) {
    return {
      ...rest,
      status: "dead",
      tries,
      dead_reason: `${PAUSES_MS.length} tries failed; the last: ${reason}`,
      ended_at: endedAt,
    };
  }
  return {
    ...rest,
    lane: record.lane === "replay" ? "replay" : "retry",
    tries,
    due_ms: nowMs + waitMs,
  };
}
