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
import { readable, type Suite, type Table } from "../../table.ts";
import { type EdgeCallFigures, measureCalls } from "./calls.ts";

/** What so many of a unit cost, who says so, and when that was looked up. */
const price = (
  usd: number,
  per: number,
  unit: string,
  page: string,
  lookedUp: string,
) => ({ usd, per, unit, page, lookedUp });

type Price = Readonly<ReturnType<typeof price>>;

const DENO = "deno.com/deploy/pricing, Pro";
const UPSTASH = "upstash.com/docs/redis/overall/billing, pay as you go";

/** The table. */
export const PRICES = {
  edgeRequests: price(2, 1_000_000, "requests", DENO, "August 2026"),
  edgeCpu: price(0.1, 3600, "CPU s", DENO, "September 2026"),
  edgeEgress: price(0.2, 1, "GiB", DENO, "September 2026"),
  edgeMemory: price(0.025, 1, "GiB h", DENO, "September 2026"),
  // A script counts as one command and as each command inside of it:
  // upstash.com/docs/redis/sdks/ratelimit-ts/costs counts EVAL, INCR, PEXPIRE.
  storeCommands: price(0.2, 100_000, "commands", UPSTASH, "November 2026"),
  storeBandwidth: price(0.03, 1, "GB", UPSTASH, "November 2026"),
  storeStorage: price(0.25, 1, "GB months", UPSTASH, "November 2026"),
};

/** What many calls use. */
export type Use = Readonly<ReturnType<typeof useOfMillion>>;

/** The largest database that {@linkcode PRICES} are for, on the same page. */
const STORE_MAX_BYTES = 100e9;

/** How many such calls a month have room in it for as long as they are kept. */
export function roomForMonthly(use: Use): number {
  const { requests, storedBytes, storedMonths } = use;
  return STORE_MAX_BYTES / (storedBytes / requests) / storedMonths;
}

/** The lines of the bill for a use; quantities are in the units of prices. */
export function billOf(use: Use) {
  const line = (name: string, price: Price, quantity: number) => ({
    ...{ name, price, quantity },
    usd: quantity / price.per * price.usd,
  });
  const storedGb = use.storedBytes / 1e9;
  return [
    line("requests", PRICES.edgeRequests, use.requests),
    line("processor", PRICES.edgeCpu, use.edgeCpuSeconds),
    line("egress", PRICES.edgeEgress, use.egressBytes / 2 ** 30),
    line("commands", PRICES.storeCommands, use.commands),
    line("bandwidth", PRICES.storeBandwidth, use.bandwidthBytes / 1e9),
    line("records", PRICES.storeStorage, storedGb * use.storedMonths),
  ];
}

const MILLION = 1_000_000;
const CALLS = 5_000;
const MONTH_MS = 365 / 12 * 86_400_000;
/** Of an edge on Deno Deploy. */
const EDGE_GIB = 0.75;
const MONTH_HOURS = 730;
const OF_STORE = [
  ...["scripts", "inner", "others", "cpuMicroseconds"] as const,
  ...["redisBytes", "toRedisBytes", "fromRedisBytes"] as const,
];

/** A kind of call over a transport. */
export interface CostFigures {
  readonly name: string;
  readonly transport: "tcp" | "rest";
  /** Of one call, without the sandbox ledger's share of the store. */
  readonly call: EdgeCallFigures;
}

/** Measures both calls over a transport. */
export async function measureCost(
  count: number,
  transport: "tcp" | "rest",
  guardsMs?: number,
): Promise<readonly CostFigures[]> {
  // One at a time: under load calls share scripts and cost less.
  const [verification, payment, debit] = await measureCalls(
    ...[count, 1, transport, guardsMs] as const,
  );
  return [
    { name: "verification", transport, call: verification! },
    { name: "payment", transport, call: withoutDebit(payment!, debit!) },
  ];
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
  const less = OF_STORE.map((it) => [it, payment[it] - debit[it]]);
  return { ...payment, ...Object.fromEntries(less) };
}

/** What a million such calls use. */
export function useOfMillion(call: EdgeCallFigures) {
  const { toRedisBytes, fromRedisBytes, answerBytes } = call;
  return {
    requests: MILLION,
    // A million times a millionth of a second.
    edgeCpuSeconds: call.edgeCpuMicroseconds,
    /** What edges send, to clients and to the store. */
    egressBytes: MILLION * (answerBytes + toRedisBytes),
    commands: MILLION * commandsOf(call),
    /** To the store and back. */
    bandwidthBytes: MILLION * (toRedisBytes + fromRedisBytes),
    /** What stays in the store, and for how long. */
    storedBytes: MILLION * call.redisBytes,
    storedMonths: RECORD_TTL_MS / MONTH_MS,
  };
}

function commandsOf({ scripts, inner, others }: EdgeCallFigures): number {
  return scripts + inner + others;
}

/** Seconds, commands and dollars. */
export const costSuite: Suite = async () => {
  const rest = await measureCost(CALLS, "rest");
  const tcp = await measureCost(CALLS, "tcp");
  return [useTable([...rest, ...tcp]), ...rest.map(billTable)];
};

function useTable(all: readonly CostFigures[]): Table {
  return {
    title: "What a million calls take",
    columns: [
      ...["calls", "edge CPU s", "Redis CPU s", "round trips, M"],
      ...["commands, M", "to and from Redis, GB", "kept, GB"],
    ],
    rows: all.map(({ name, transport, call }) => [
      `${name}s over ${transport.toUpperCase()}`,
      call.edgeCpuMicroseconds.toFixed(0),
      call.cpuMicroseconds.toFixed(0),
      (call.scripts + call.others).toFixed(2),
      commandsOf(call).toFixed(1),
      ((call.toRedisBytes + call.fromRedisBytes) / 1000).toFixed(2),
      (call.redisBytes / 1000).toFixed(2),
    ]),
    notes: [
      `measured on ${CALLS} calls of each; seconds of the edge's whole process and of Redis' main`,
      "thread. Commands are scripts and each command inside. Kept for 400 days. A payment is",
      "without the debits of the sandbox ledger in the store; its edge CPU has them in it.",
    ],
  };
}

function billTable({ name, call }: CostFigures): Table {
  const use = useOfMillion(call);
  const bill = billOf(use);
  const total = bill.reduce((sum, it) => sum + it.usd, 0);
  const idle = EDGE_GIB * MONTH_HOURS * PRICES.edgeMemory.usd;
  const sources = bill.map(({ price: { page, lookedUp } }) =>
    `${page}, looked up in ${lookedUp}`
  );
  return {
    title: `What a million ${name}s cost on Deno Deploy and Upstash Redis`,
    columns: ["what", "how much", "× price", "= US $"],
    rows: [
      ...bill.map(({ name, price, quantity, usd }) => [
        name,
        `${readable(quantity)} ${price.unit}`,
        `${price.usd} ÷ ${readable(price.per)}`,
        usd.toFixed(2),
      ]),
      ["together", "", "", total.toFixed(2)],
    ],
    notes: [
      ...new Set(sources),
      `and for each region and month in which an edge is always up, ${EDGE_GIB} GiB × ${MONTH_HOURS} h`,
      `× ${PRICES.edgeMemory.usd} = ${
        idle.toFixed(2)
      }. Included quotas, taxes and the plan's own price are left out.`,
      `The store takes ${STORE_MAX_BYTES / 1e9} GB at most: room for ${
        (roomForMonthly(use) / 1e6).toFixed(1)
      } million a month, each kept for 400 days.`,
    ],
  };
}
