/**
 * What a million verifications and a million payments take of the edge and of
 * the store, and what that costs where Offcode is meant to run, in US dollars
 * without tax. Prices change: each has the page that publishes it and the month
 * in which it was looked up. Included quotas are left out: what is shown is the
 * price of one call more.
 *
 * @module
 */

import { RECORD_TTL_MS } from "../../../edge/store/keys.ts";
import { readable, type Suite, type Table, tableOf } from "../../table.ts";
import { type EdgeCallFigures, measureCalls } from "./calls.ts";

const MILLION = 1_000_000;
const CALLS = 5_000;
const MONTHS_KEPT = RECORD_TTL_MS / (365 / 12 * 86_400_000);

const DENO =
  "deno.com/deploy/pricing, Pro, looked up in August and September 2026";
const UPSTASH =
  "upstash.com/docs/redis/overall/billing, pay as you go, looked up in November 2026";

/** What so many of a unit cost, US dollars, and who says so. */
export const PRICES = {
  "requests": [2, 1_000_000, "requests", DENO],
  "edge CPU": [0.1, 3600, "s", DENO],
  "egress": [0.2, 1, "GiB", DENO],
  // A script counts as one command and as each command inside of it:
  // upstash.com/docs/redis/sdks/ratelimit-ts/costs counts EVAL, INCR, PEXPIRE.
  "store commands": [0.2, 100_000, "commands", UPSTASH],
  "store bandwidth": [0.03, 1, "GB", UPSTASH],
  "records": [0.25, 1, "GB months", UPSTASH],
} as const;

/** The lines of the bill for a million such calls; quantities are in the units of prices. */
export function billOf(call: EdgeCallFigures) {
  const { answerBytes, toRedisBytes, fromRedisBytes } = call;
  const quantities: Record<string, number> = {
    "requests": MILLION,
    // A million times a millionth of a second.
    "edge CPU": call.edgeCpuMicroseconds,
    "egress": MILLION * (answerBytes + toRedisBytes) / 2 ** 30,
    "store commands": MILLION * commandsOf(call),
    "store bandwidth": MILLION * (toRedisBytes + fromRedisBytes) / 1e9,
    "records": MILLION * call.redisBytes / 1e9 * MONTHS_KEPT,
  } satisfies Record<keyof typeof PRICES, number>;
  return Object.entries(PRICES).map(([name, [usd, per, unit, source]]) => {
    const quantity = quantities[name]!;
    const price = `${usd} ÷ ${readable(per)}`;
    return { name, quantity, unit, source, price, usd: quantity / per * usd };
  });
}

function commandsOf({ scripts, inner, others }: EdgeCallFigures): number {
  return scripts + inner + others;
}

/**
 * A payment as it is with a ledger of the wallet's own, whose debits are in
 * no store of Offcode's. The edge's processor time stays as it was: the ledger
 * is then called over HTTP instead.
 */
export function withoutDebit(
  payment: EdgeCallFigures,
  debit: EdgeCallFigures,
): EdgeCallFigures {
  const { name, edgeCpuMicroseconds, answerBytes, ...ofStore } = payment;
  const less = Object.entries(ofStore)
    .map(([it, value]) => [it, value - debit[it as keyof typeof ofStore]]);
  return {
    ...{ name, edgeCpuMicroseconds, answerBytes },
    ...Object.fromEntries(less),
  };
}

export const costSuite: Suite = async () => {
  const rows = [];
  const bills: Table[] = [];
  for (const transport of ["rest", "tcp"] as const) {
    const [verification, all, debit] = await measureCalls(CALLS, transport);
    const payment = withoutDebit(all!, debit!);
    for (const call of [verification!, payment, debit!]) {
      rows.push({
        "calls": `${call.name}, ${transport.toUpperCase()}`,
        "edge CPU s": call.edgeCpuMicroseconds,
        "Redis CPU s": call.cpuMicroseconds,
        "round trips, M": call.scripts + call.others,
        "in scripts, M": call.inner,
        "commands, M": commandsOf(call),
        "to and from Redis, GB": (call.toRedisBytes + call.fromRedisBytes) /
          1000,
        "kept, GB": call.redisBytes / 1000,
      });
    }
    if (transport === "rest") bills.push(...[verification!, payment].map(bill));
  }
  const use = tableOf("What a million calls take", rows, [
    `measured on ${CALLS} calls of each; seconds of the edge's whole process and of Redis' main`,
    "thread. Kept for 400 days. A payment is without the debits of the sandbox ledger in the",
    "store; its edge CPU has them in it.",
  ]);
  return [use, ...bills];
};

function bill(call: EdgeCallFigures): Table {
  const lines = billOf(call);
  const rows = lines.map(({ name, quantity, unit, price, usd }) => ({
    "what": name,
    "how much": `${readable(quantity)} ${unit}`,
    "× price": price,
    "= US $": usd.toFixed(2),
  }));
  const total = lines.reduce((sum, { usd }) => sum + usd, 0).toFixed(2);
  const together = { "what": "together", "how much": "", "× price": "" };
  return tableOf(
    `What a million calls (${call.name}) cost on Deno Deploy and Upstash Redis`,
    [...rows, { ...together, "= US $": total }],
    [
      ...new Set(lines.map(({ source }) => source)),
      "An edge that is always up adds 0.75 GiB × 730 h × 0.025 = 13.69 a month and region.",
    ],
  );
}
