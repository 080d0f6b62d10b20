import { assertEquals } from "@std/assert";
import {
  afterAttempt,
  FAILING_LIMIT_MS,
  hasFailedTooLong,
  nextProbeMs,
  OPENS_AT,
  type Standing,
} from "../../../../edge/callback/endpoint/breaker.ts";

const WELL: Standing = { health: null, breaker: null };
const NOW_MS = 1_000_000;
const fail = (standing: Standing, nowMs = NOW_MS, owner = "me") =>
  afterAttempt(standing, { ok: false, owner }, nowMs);
const succeed = (standing: Standing) =>
  afterAttempt(standing, { ok: true, owner: "me" }, NOW_MS);

/** After so many failures, a second apart. */
function failing(times: number): Standing {
  let standing = WELL;
  for (let i = 0; i < times; i++) standing = fail(standing, NOW_MS + 1000 * i);
  return standing;
}

Deno.test("afterAttempt() opens the breaker at the fifth failure in a row", () => {
  for (let times = 1; times < OPENS_AT; times++) {
    assertEquals(failing(times), {
      health: { failures: times, since_ms: NOW_MS },
      breaker: null,
    });
  }
  assertEquals(failing(5), {
    health: { failures: 5, since_ms: NOW_MS },
    breaker: { failed_probes: 0, next_probe_ms: NOW_MS + 4_000 + 5_000 },
  });
});

Deno.test("afterAttempt() puts the first failure at the earliest moment that any clock said", () => {
  const standing = fail(fail(WELL, NOW_MS + 5_000), NOW_MS);
  assertEquals(standing.health, { failures: 2, since_ms: NOW_MS });
  assertEquals(fail(standing, NOW_MS + 1).health?.since_ms, NOW_MS);
});

Deno.test("afterAttempt() forgets everything at a success", () => {
  for (const times of [0, 1, 4, 5, 9]) {
    assertEquals(succeed(failing(times)), WELL);
  }
  assertEquals(fail(succeed(failing(4))).health?.failures, 1);
});

Deno.test("afterAttempt() doubles the pause with each probe that fails, to ten minutes", () => {
  let standing = failing(5);
  const pauses: number[] = [];
  for (let i = 0; i < 10; i++) {
    const probe = { owner: "me", until_ms: NOW_MS + 30_000 };
    standing = fail({
      ...standing,
      breaker: { ...standing.breaker!, probe },
    });
    assertEquals(standing.breaker?.probe, undefined);
    pauses.push(standing.breaker!.next_probe_ms - NOW_MS);
  }
  assertEquals(
    pauses,
    [10, 20, 40, 80, 160, 320, 600, 600, 600, 600].map((s) => s * 1000),
  );
  const long = { failed_probes: 5_000, next_probe_ms: 0 };
  const probe = { owner: "me", until_ms: 0 };
  const after = fail({ health: null, breaker: { ...long, probe } });
  assertEquals(after.breaker?.next_probe_ms, NOW_MS + 600_000);
});

Deno.test("afterAttempt() leaves the breaker alone when another's attempt fails", () => {
  const { health, breaker } = failing(5);
  const probe = { owner: "another", until_ms: NOW_MS + 30_000 };
  const probing = { health, breaker: { ...breaker!, probe } };
  assertEquals(fail(probing).breaker, probing.breaker);
  assertEquals(fail({ health, breaker }).breaker, breaker);
});

Deno.test("nextProbeMs() lets nobody probe while somebody does", () => {
  const breaker = { failed_probes: 0, next_probe_ms: 7 };
  assertEquals(nextProbeMs(breaker), 7);
  const probe = { owner: "me", until_ms: 9 };
  assertEquals(nextProbeMs({ ...breaker, probe }), 9);
  assertEquals(nextProbeMs({ ...breaker, probe, next_probe_ms: 11 }), 11);
});

Deno.test("hasFailedTooLong() is five days, to the millisecond", () => {
  const health = { failures: 1, since_ms: NOW_MS };
  assertEquals(hasFailedTooLong(health, NOW_MS + FAILING_LIMIT_MS - 1), false);
  assertEquals(hasFailedTooLong(health, NOW_MS + FAILING_LIMIT_MS), true);
  assertEquals(hasFailedTooLong(null, NOW_MS + FAILING_LIMIT_MS), false);
});
