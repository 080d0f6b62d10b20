import { assertEquals } from "@std/assert";
import {
  afterAttempt,
  type BreakerState,
  FAILING_LIMIT_MS,
  hasFailedTooLong,
  nextProbeMs,
  OPENS_AT,
} from "../../../../edge/callback/endpoint/breaker.ts";

const WELL: BreakerState = { failures: null, breaker: null };
const NOW_MS = 1_000_000;
const fail = (state: BreakerState, nowMs = NOW_MS, owner = "me") =>
  afterAttempt(state, { ok: false, owner }, nowMs);
const succeed = (state: BreakerState) =>
  afterAttempt(state, { ok: true, owner: "me" }, NOW_MS);

/** After so many failures, a second apart. */
function failing(times: number): BreakerState {
  let state = WELL;
  for (let i = 0; i < times; i++) state = fail(state, NOW_MS + 1000 * i);
  return state;
}

Deno.test("afterAttempt() opens the breaker at the fifth failure in a row", () => {
  for (let times = 1; times < OPENS_AT; times++) {
    assertEquals(failing(times), {
      failures: { failures: times, since_ms: NOW_MS },
      breaker: null,
    });
  }
  assertEquals(failing(5), {
    failures: { failures: 5, since_ms: NOW_MS },
    breaker: { failed_probes: 0, next_probe_ms: NOW_MS + 4_000 + 5_000 },
  });
});

Deno.test("afterAttempt() puts the first failure at the earliest moment that any clock said", () => {
  const state = fail(fail(WELL, NOW_MS + 5_000), NOW_MS);
  assertEquals(state.failures, { failures: 2, since_ms: NOW_MS });
  assertEquals(fail(state, NOW_MS + 1).failures?.since_ms, NOW_MS);
});

Deno.test("afterAttempt() forgets everything at a success", () => {
  for (const times of [0, 1, 4, 5, 9]) {
    assertEquals(succeed(failing(times)), WELL);
  }
  assertEquals(fail(succeed(failing(4))).failures?.failures, 1);
});

Deno.test("afterAttempt() doubles the pause with each probe that fails, to ten minutes", () => {
  let state = failing(5);
  const pauses: number[] = [];
  for (let i = 0; i < 10; i++) {
    const probe = { owner: "me", until_ms: NOW_MS + 30_000 };
    state = fail({
      ...state,
      breaker: { ...state.breaker!, probe },
    });
    assertEquals(state.breaker?.probe, undefined);
    pauses.push(state.breaker!.next_probe_ms - NOW_MS);
  }
  assertEquals(
    pauses,
    [10, 20, 40, 80, 160, 320, 600, 600, 600, 600].map((s) => s * 1000),
  );
  const long = { failed_probes: 5_000, next_probe_ms: 0 };
  const probe = { owner: "me", until_ms: 0 };
  const after = fail({ failures: null, breaker: { ...long, probe } });
  assertEquals(after.breaker?.next_probe_ms, NOW_MS + 600_000);
});

Deno.test("afterAttempt() leaves the breaker alone when another's attempt fails", () => {
  const { failures, breaker } = failing(5);
  const probe = { owner: "another", until_ms: NOW_MS + 30_000 };
  const probing = { failures, breaker: { ...breaker!, probe } };
  assertEquals(fail(probing).breaker, probing.breaker);
  assertEquals(fail({ failures, breaker }).breaker, breaker);
});

Deno.test("nextProbeMs() lets nobody probe while somebody does", () => {
  const breaker = { failed_probes: 0, next_probe_ms: 7 };
  assertEquals(nextProbeMs(breaker), 7);
  const probe = { owner: "me", until_ms: 9 };
  assertEquals(nextProbeMs({ ...breaker, probe }), 9);
  assertEquals(nextProbeMs({ ...breaker, probe, next_probe_ms: 11 }), 11);
});

Deno.test("hasFailedTooLong() is five days, to the millisecond", () => {
  const failures = { failures: 1, since_ms: NOW_MS };
  assertEquals(
    hasFailedTooLong(failures, NOW_MS + FAILING_LIMIT_MS - 1),
    false,
  );
  assertEquals(hasFailedTooLong(failures, NOW_MS + FAILING_LIMIT_MS), true);
  assertEquals(hasFailedTooLong(null, NOW_MS + FAILING_LIMIT_MS), false);
});
