/**
 * What becomes of a message after an attempt. Pure.
 *
 * @module
 */

import type { Random } from "../../base/clock.ts";
import type { Verdict } from "./attempt.ts";
import type { Attempt, CallbackRecord } from "../message/record.ts";
import { pauseMs, PAUSES_MS } from "./schedule.ts";

/** Beside the latest, which the message holds itself. */
const KEPT_BEFORE = 29;
/** A callback stays well below what a value of the store holds. */
const MOST_BYTES = 60_000;

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
  const rest = { ...before, last_attempt: attempt };
  const attempts = record.attempts + 1;
  const endedAt = new Date(nowMs).toISOString();
  switch (verdict.kind) {
    case "delivered":
      return {
        ...rest,
        status: "delivered",
        tries: record.tries + 1,
        attempts,
        ended_at: endedAt,
      };
    case "gone":
      // It waits for an endpoint that takes it.
      return { ...rest, attempts };
    case "failed": {
      const { retryAfterMs = 0, reason } = verdict;
      if (probe) {
        const dueMs = Math.max(record.due_ms, nowMs + retryAfterMs);
        return { ...rest, attempts, due_ms: dueMs };
      }
      const tries = record.tries + 1;
      const waitMs = pauseMs(tries, random, retryAfterMs);
      if (waitMs === null) {
        return {
          ...rest,
          status: "dead",
          tries,
          attempts,
          dead_reason: `${PAUSES_MS.length} tries failed; the last: ${reason}`,
          ended_at: endedAt,
        };
      }
      return {
        ...rest,
        lane: record.lane === "replay" ? "replay" : "retry",
        tries,
        attempts,
        due_ms: nowMs + waitMs,
      };
    }
  }
}

/** The text of a message; where both are too much, without its last attempt. */
export function recordText(record: CallbackRecord): string {
  const text = JSON.stringify(record);
  // A letter has at most three bytes.
  if (text.length * 3 <= MOST_BYTES) return text;
  if (new TextEncoder().encode(text).length <= MOST_BYTES) return text;
  const { last_attempt: _, ...rest } = record;
  return JSON.stringify(rest);
}

/**
 * The attempts to keep when one more is no longer the latest, oldest first, as
 * they are stored.
 */
export function withAttempt(
  kept: readonly Attempt[],
  attempt: Attempt,
): string {
  const encoder = new TextEncoder();
  const attempts = [...kept, attempt].slice(-KEPT_BEFORE);
  for (;;) {
    const text = JSON.stringify(attempts);
    if (encoder.encode(text).length <= MOST_BYTES) return text;
    attempts.shift();
  }
}
