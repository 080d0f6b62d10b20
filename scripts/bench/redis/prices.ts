/**
 * What the platforms that Offcode runs on charge, in US dollars without tax, and
 * the arithmetic from what a million calls use to what they cost. Prices
 * change: each has the page that publishes it and the month in which it was
 * looked up, and this table is the only place where it stands.
 *
 * Included quotas are left out: what is shown is the price of one call more.
 *
 * @module
 */

/** What something costs. */
export interface Price {
  readonly usd: number;
  /** For so many of the unit. */
  readonly per: number;
  readonly unit: string;
  readonly page: string;
  readonly lookedUp: string;
}

const DENO = "deno.com/deploy/pricing, Pro";
const UPSTASH = "upstash.com/docs/redis/overall/billing, pay as you go";

/** The table. */
export const PRICES = {
  edgeRequests: {
    ...{ usd: 2, per: 1_000_000, unit: "requests" },
    ...{ page: DENO, lookedUp: "August 2026" },
  },
  edgeCpu: {
    ...{ usd: 0.1, per: 3600, unit: "CPU s" },
    ...{ page: DENO, lookedUp: "September 2026" },
  },
  edgeEgress: {
    ...{ usd: 0.2, per: 1, unit: "GiB" },
    ...{ page: DENO, lookedUp: "September 2026" },
  },
  edgeMemory: {
    ...{ usd: 0.025, per: 1, unit: "GiB h" },
    ...{ page: DENO, lookedUp: "September 2026" },
  },
  // A script counts as one command and as each command inside of it:
  // upstash.com/docs/redis/sdks/ratelimit-ts/costs counts EVAL, INCR, PEXPIRE.
  storeCommands: {
    ...{ usd: 0.2, per: 100_000, unit: "commands" },
    ...{ page: UPSTASH, lookedUp: "November 2026" },
  },
  storeBandwidth: {
    ...{ usd: 0.03, per: 1, unit: "GB" },
    ...{ page: UPSTASH, lookedUp: "November 2026" },
  },
  storeStorage: {
    ...{ usd: 0.25, per: 1, unit: "GB months" },
    ...{ page: UPSTASH, lookedUp: "November 2026" },
  },
} as const satisfies Record<string, Price>;

/** What many calls use. */
export interface Use {
  readonly requests: number;
  readonly edgeCpuSeconds: number;
  /** What edges send, to clients and to the store. */
  readonly egressBytes: number;
  /** Scripts, what is in them, and others. */
  readonly commands: number;
  /** To the store and back. */
  readonly bandwidthBytes: number;
  /** What stays in the store, and for how long. */
  readonly storedBytes: number;
  readonly storedMonths: number;
}

/** The largest database that {@linkcode PRICES} are for, on the same page. */
export const STORE_MAX_BYTES = 100e9;

/** How many such calls a month have room in it for as long as they are kept. */
export function roomForMonthly(use: Use): number {
  const { requests, storedBytes, storedMonths } = use;
  return STORE_MAX_BYTES / (storedBytes / requests) / storedMonths;
}

/** One line of a bill. */
export interface CostLine {
  readonly name: string;
  readonly price: Price;
  /** How much of the price's unit. */
  readonly quantity: number;
  readonly usd: number;
}

/** The bill for a use. */
export function billOf(use: Use): CostLine[] {
  const line = (name: string, price: Price, quantity: number): CostLine => ({
    ...{ name, price, quantity },
    usd: quantity / price.per * price.usd,
  });
  return [
    line("requests", PRICES.edgeRequests, use.requests),
    line("processor", PRICES.edgeCpu, use.edgeCpuSeconds),
    line("egress", PRICES.edgeEgress, use.egressBytes / 2 ** 30),
    line("commands", PRICES.storeCommands, use.commands),
    line("bandwidth", PRICES.storeBandwidth, use.bandwidthBytes / 1e9),
    line(
      "records",
      PRICES.storeStorage,
      use.storedBytes / 1e9 * use.storedMonths,
    ),
  ];
}
