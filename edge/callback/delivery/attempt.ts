/**
 * What an attempt was, and what it means for its message. Pure.
 *
 * @module
 */

import type { Attempt } from "../message/record.ts";
import { retryAfterMs } from "./schedule.ts";
import type { SendOutcome } from "../sender.ts";
import { shownText } from "../message/shown_text.ts";

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
