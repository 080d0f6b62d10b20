/**
 * Judges an attempt, and decides the next state of its message. Pure.
 *
 * @module
 */

import type { Random } from "../../base/clock.ts";
import type { SendOutcome } from "../sender.ts";
import type { Attempt, CallbackRecord } from "./record.ts";
import { pauseMs, PAUSES_MS, retryAfterMs } from "./schedule.ts";
import { shownText } from "./shown_text.ts";

/** The judgment of an attempt. */
export type Verdict =
  /** The answer was a 2xx; nothing else counts as delivered. */
  | { readonly kind: "delivered" }
  /** The answer was 410: the endpoint asks for no further messages. */
  | { readonly kind: "gone" }
  | {
    readonly kind: "failed";
    /** The shortest pause before the next try, if the answer asked for one. */
    readonly retryAfterMs?: number;
    /** The cause in a few words, for people. */
    readonly reason: string;
  };

/** Judges what came of an attempt. */
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

/** The attempt as it is stored and shown, with secrets masked. */
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
    /** Whether the attempt was a probe of an endpoint whose breaker is open. */
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
  // After a 410 the endpoint is disabled, and the message stays pending for the
  // endpoint that the merchant sets next.
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
