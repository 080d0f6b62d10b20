import { LimitedCommand } from "../../support/http/command.ts";
import { assert, assertEquals } from "@std/assert";
import {
  billOf,
  measureCost,
  PRICES,
  roomForMonthly,
  useOfMillion,
  withoutDebit,
} from "../../../scripts/bench/redis/cost.ts";
import { cpuSecondsOf } from "../../../scripts/bench/kit/rounds.ts";
import type { EdgeCallFigures } from "../../../scripts/bench/redis/calls.ts";

const CALL: EdgeCallFigures = {
  ...{ name: "payment", scripts: 4, inner: 36, others: 0 },
  ...{ cpuMicroseconds: 200, redisBytes: 3_000, toRedisBytes: 6_000 },
  ...{ fromRedisBytes: 500, edgeCpuMicroseconds: 900, answerBytes: 700 },
};

Deno.test("useOfMillion() and billOf() multiply what a call takes to a bill", () => {
  const use = useOfMillion(CALL);
  assertEquals(
    [use.requests, use.edgeCpuSeconds, use.commands, use.bandwidthBytes],
    [1e6, 900, 40e6, 6.5e9],
  );
  assertEquals([use.egressBytes, use.storedBytes], [6.7e9, 3e9]);
  assertEquals(use.storedMonths.toFixed(2), "13.15");
  assertEquals(
    billOf(use).map(({ name, price, quantity, usd }) => {
      assertEquals(usd, quantity / price.per * price.usd);
      return [name, usd.toFixed(3)];
    }),
    [
      ["requests", "2.000"],
      ["processor", "0.025"],
      ["egress", "1.248"],
      ["commands", "80.000"],
      ["bandwidth", "0.195"],
      ["records", "9.863"],
    ],
  );
  // 100 GB of 3 kB each are 33 million, in 13.15 months.
  assertEquals(Math.round(roomForMonthly(use)), 2_534_722);
});

Deno.test("PRICES says of each price where it stands and when it stood there", () => {
  for (const { usd, per, unit, page, lookedUp } of Object.values(PRICES)) {
    assert(usd > 0 && per > 0 && unit !== "");
    assert(/^[a-z.]+\.com\//.test(page) && /^\w+ 20\d\d$/.test(lookedUp));
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

Deno.test("measureCost() measures both calls at a real edge behind the gateway", async () => {
  const [verification, payment] = await measureCost(100, "rest", 0);
  for (const { call, transport } of [verification!, payment!]) {
    assertEquals(transport, "rest");
    assert(call.cpuMicroseconds > 0);
    assert(call.answerBytes > 300 && call.toRedisBytes > 300);
    assert(call.fromRedisBytes > 0);
  }
  assert(payment!.call.edgeCpuMicroseconds > 0);
  assertEquals(Math.round(verification!.call.scripts), 1);
  assertEquals(Math.round(payment!.call.scripts), 2);
  assert(payment!.call.inner > verification!.call.inner);
});
