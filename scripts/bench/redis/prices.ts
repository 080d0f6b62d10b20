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
