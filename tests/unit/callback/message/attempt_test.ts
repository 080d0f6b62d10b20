import { assertEquals } from "@std/assert";
import {
  afterVerdict,
  judge,
  toAttempt,
} from "../../../../edge/callback/message/attempt.ts";
import type {
  Attempt,
  CallbackRecord,
} from "../../../../edge/callback/message/record.ts";
import type { SendOutcome } from "../../../../edge/callback/sender.ts";

const NOW_MS = 1_768_478_400_000;
const random = { bytes: (length: number) => new Uint8Array(length) };

const RECORD: CallbackRecord = {
  callback_id: `cb_${"0".repeat(32)}`,
  merchant_id: "mer_1",
  order_id: "o1",
  payment_id: "pay_1",
  type: "payment.succeeded",
  status: "pending",
  payload: "{}",
  lane: "first",
  tries: 0,
  attempts: 0,
  due_ms: NOW_MS - 10,
  lease: { owner: "me", until_ms: NOW_MS + 1 },
  created_at: "2026-01-15T12:00:00.000Z",
};

const ATTEMPT: Attempt = {
  at: "2026-01-15T12:00:00.000Z",
  duration_ms: 13,
  status: 500,
};

function answered(status: number, retryAfter?: string): SendOutcome {
  const body = new TextEncoder().encode("body");
  return {
    kind: "answered",
    status,
    body,
    durationMs: 12.6,
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

Deno.test("judge() takes a 2xx as delivered, 410 as gone, and all else as failed", () => {
  for (let status = 100; status < 600; status++) {
    const expected = status >= 200 && status < 300
      ? "delivered"
      : status === 410
      ? "gone"
      : "failed";
    assertEquals(judge(answered(status), NOW_MS).kind, expected);
  }
  for (const fault of ["dns", "address", "tls", "timeout"] as const) {
    const failed: SendOutcome = { kind: "failed", fault, durationMs: 1 };
    assertEquals(judge(failed, NOW_MS), {
      kind: "failed",
      reason: `no answer: ${fault}`,
    });
  }
});

Deno.test("toAttempt() tells what came back, and nothing that did not", () => {
  assertEquals(toAttempt(answered(500), NOW_MS, [], false), {
    at: "2026-01-15T12:00:00.000Z",
    duration_ms: 13,
    status: 500,
    response: "body",
  });
  const failed: SendOutcome = { kind: "failed", fault: "tls", durationMs: 1 };
  assertEquals(toAttempt(failed, NOW_MS, [], true), {
    at: "2026-01-15T12:00:00.000Z",
    duration_ms: 1,
    error: "tls",
    probe: true,
  });
});

Deno.test("afterVerdict() spends a try on a failure, and none on a probe or a 410", () => {
  const context = { probe: false, nowMs: NOW_MS, random };
  const failed = { kind: "failed", reason: "answered 500" } as const;
  const { lease: _, ...before } = RECORD;
  const rest = { ...before, last_attempt: ATTEMPT };
  assertEquals(afterVerdict(RECORD, failed, ATTEMPT, context), {
    ...rest,
    lane: "retry",
    tries: 1,
    attempts: 1,
    due_ms: NOW_MS + 4_000,
  });
  const probe = { ...context, probe: true };
  assertEquals(afterVerdict(RECORD, failed, ATTEMPT, probe), {
    ...rest,
    attempts: 1,
    due_ms: NOW_MS,
  });
  assertEquals(
    afterVerdict(RECORD, { ...failed, retryAfterMs: 9_000 }, ATTEMPT, probe)
      .due_ms,
    NOW_MS + 9_000,
  );
  // A probe brings nothing forward.
  const later = { ...RECORD, due_ms: NOW_MS + 9_001 };
  assertEquals(
    afterVerdict(later, { ...failed, retryAfterMs: 9_000 }, ATTEMPT, probe)
      .due_ms,
    NOW_MS + 9_001,
  );
  assertEquals(afterVerdict(RECORD, { kind: "gone" }, ATTEMPT, context), {
    ...rest,
    attempts: 1,
  });
  assertEquals(afterVerdict(RECORD, { kind: "delivered" }, ATTEMPT, probe), {
    ...rest,
    status: "delivered",
    tries: 1,
    attempts: 1,
    ended_at: "2026-01-15T12:00:00.000Z",
  });
});

Deno.test("afterVerdict() leaves a replay in its lane, and lets the thirteenth failure be the last", () => {
  const context = { probe: false, nowMs: NOW_MS, random };
  const failed = { kind: "failed", reason: "no answer: tls" } as const;
  const replay = { ...RECORD, lane: "replay" as const };
  assertEquals(afterVerdict(replay, failed, ATTEMPT, context).lane, "replay");
  for (let tries = 0; tries < 12; tries++) {
    const next = afterVerdict({ ...RECORD, tries }, failed, ATTEMPT, context);
    assertEquals([next.status, next.tries], ["pending", tries + 1]);
  }
  const dead = afterVerdict({ ...RECORD, tries: 12 }, failed, ATTEMPT, context);
  assertEquals([dead.status, dead.tries, dead.ended_at, dead.dead_reason], [
    "dead",
    13,
    "2026-01-15T12:00:00.000Z",
    "13 tries failed; the last: no answer: tls",
  ]);
});
