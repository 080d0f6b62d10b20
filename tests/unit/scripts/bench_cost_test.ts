import { LimitedCommand } from "../../support/http/command.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  billOf,
  PRICES,
  withoutDebit,
} from "../../../scripts/bench/redis/cost.ts";
import { cpuSecondsOf } from "../../../scripts/bench/kit/rounds.ts";
import {
  type EdgeCallFigures,
  measureCalls,
} from "../../../scripts/bench/redis/calls.ts";

const CALL: EdgeCallFigures = {
  ...{ name: "payment", scripts: 4, inner: 36, others: 0 },
  ...{ cpuMicroseconds: 200, redisBytes: 3_000, toRedisBytes: 6_000 },
  ...{ fromRedisBytes: 500, edgeCpuMicroseconds: 900, answerBytes: 700 },
};

Deno.test("billOf() multiplies what a call takes to the bill of a million", () => {
  assertEquals(
    billOf(CALL).map(({ name, usd }) => [name, usd.toFixed(3)]),
    [
      ["requests", "2.000"],
      ["edge CPU", "0.025"],
      ["egress", "1.248"],
      ["store commands", "80.000"],
      ["store bandwidth", "0.195"],
      ["records", "9.863"],
    ],
  );
});

Deno.test("PRICES says of each price where it stands and when it stood there", () => {
  for (const [usd, per, unit, source] of Object.values(PRICES)) {
    assert(usd > 0 && per > 0 && unit.length > 0);
    assertMatch(source, /^[a-z.]+\.com\/.*, looked up in .* 20\d\d$/);
  }
});

Deno.test("withoutDebit() takes the sandbox's share of the store, and nothing of the edge", () => {
  const debit: EdgeCallFigures = {
    ...{ name: "debit", scripts: 2, inner: 6, others: 0, cpuMicroseconds: 25 },
    ...{ redisBytes: 250, toRedisBytes: 900, fromRedisBytes: 100 },
    ...{ edgeCpuMicroseconds: 7, answerBytes: 0 },
  };
  assertEquals(withoutDebit(CALL, debit), {
    ...{ name: "payment", scripts: 2, inner: 30, others: 0 },
    ...{ cpuMicroseconds: 175, redisBytes: 2_750, toRedisBytes: 5_100 },
    ...{ fromRedisBytes: 400, edgeCpuMicroseconds: 900, answerBytes: 700 },
  });
});

Deno.test("cpuSecondsOf() counts the processor time of a process as it grows", async () => {
  const before = cpuSecondsOf(Deno.pid);
  let after = before;
  while (after < before + 0.05) {
    for (let i = 0, x = 1; i < 1e6; i++) x = Math.imul(x, 48271);
    after = cpuSecondsOf(Deno.pid);
  }
  const child = new LimitedCommand("sleep", { args: ["60"] }).spawn();
  assert(cpuSecondsOf(child.pid) < 1);
  child.kill("SIGKILL");
  await child.status;
});

Deno.test("measureCalls() finds one script for a verification and two beside the ledger's for a payment", async () => {
  const found = await measureCalls(100, "rest", 0);
  const [verification, payment, debit] = found;
  for (const it of found) {
    assert(it.cpuMicroseconds > 0 && it.fromRedisBytes > 0, it.name);
    assert(it.toRedisBytes > 200, it.name);
  }
  for (const it of [verification!, payment!]) {
    assert(it.answerBytes > 300 && it.edgeCpuMicroseconds > 0);
  }
  // What is read again every few seconds would come on top of a hundred.
  assertEquals(Math.round(verification!.scripts), 1);
  assertEquals(Math.round(payment!.scripts - debit!.scripts), 2);
  assert(payment!.inner > verification!.inner);
});
