/**
 * A simulation, not a measurement: payments that arrive at random at a fleet of
 * primaries, each of which serves one visit after the other. A payment visits
 * the primary of its merchant, that of its customer, and the first one again.
 *
 * @module
 */

import { Latencies } from "../../load/latencies.ts";
import { type Table, tableOf } from "../../table.ts";
import type { Division } from "../kit/store.ts";

/** The primary of a cell, where the slots are divided equally. */
export const primaryOf = (cell: number, { cells, primaries }: Division) =>
  Math.floor((cell + 0.5) * primaries / cells);

/** Processor time that a payment takes of the primaries of its merchant and its customer, µs. */
export interface ServiceTimes {
  readonly merchantUs: number;
  readonly customerUs: number;
}

/** A visit at a primary, and how long it takes. */
type Stay = readonly [primary: number, us: number];

/** Visits of a moment are played in the order in which they were added. */
const MOMENT_US = 10;

/**
 * Plays `payments` at random times, at `perSecond` on average, of merchants and
 * customers in random cells.
 *
 * @param random Numbers from 0 to below 1.
 * @returns The time that payments spend at primaries, and the share of the time
 * for which all primaries, and the busiest one, serve.
 */
export function simulateFleet(
  division: Division,
  { merchantUs, customerUs }: ServiceTimes,
  perSecond: number,
  payments: number,
  random: () => number,
) {
  const anyPrimary = () =>
    primaryOf(Math.floor(random() * division.cells), division);
  const freeUs = new Float64Array(division.primaries);
  const busyUs = new Float64Array(division.primaries);
  const latencies = new Latencies();
  const moments: (() => void)[][] = [];
  const visit = (startUs: number, atUs: number, left: readonly Stay[]) =>
    (moments[Math.floor(atUs / MOMENT_US)] ??= []).push(() => {
      const [[primary, us], ...others] = left as [Stay, ...Stay[]];
      const doneUs = Math.max(atUs, freeUs[primary]!) + us;
      freeUs[primary] = doneUs;
      busyUs[primary]! += us;
      if (others.length > 0) visit(startUs, doneUs, others);
      else latencies.add((doneUs - startUs) / 1000);
    });
  let endUs = 0;
  for (let n = 0; n < payments; n++) {
    endUs -= Math.log(1 - random()) * 1e6 / perSecond;
    const merchant = [anyPrimary(), merchantUs / 2] as const;
    visit(endUs, endUs, [merchant, [anyPrimary(), customerUs], merchant]);
  }
  for (let moment = 0; moment < moments.length; moment++) {
    for (const serve of moments[moment] ?? []) serve();
    delete moments[moment];
  }
  return {
    p50Ms: latencies.percentileMs(50),
    p99Ms: latencies.percentileMs(99),
    busy: busyUs.reduce((all, it) => all + it) / division.primaries / endUs,
    busiest: Math.max(...busyUs) / endUs,
  };
}

const FLEET_CELLS = 1_024;
const PER_PRIMARY = 6_000;
const MOST = 600_000;
const PAYMENTS = 200_000;

/** Fleets with 6 000 payments a second for each primary, up to 600 000, and one with 3 000. */
export function fleetTable(times: ServiceTimes): Table {
  const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
  const rows = [1, 3, 6, 12, 25, 50, 100, 200].map((primaries) => {
    const division = { cells: FLEET_CELLS, primaries };
    const perSecond = Math.min(PER_PRIMARY * primaries, MOST);
    const it = simulateFleet(
      ...[division, times, perSecond, PAYMENTS, Math.random] as const,
    );
    return {
      ...{ primaries: `${primaries}`, "payments/s": perSecond },
      ...{ "busy": percent(it.busy), "the busiest": percent(it.busiest) },
      ...{ "p50 ms": it.p50Ms, "p99 ms": it.p99Ms },
    };
  });
  return tableOf(
    `Simulated, not measured: fleets of primaries with ${FLEET_CELLS} cells`,
    rows,
    [
      `of a payment ${
        times.merchantUs.toFixed(0)
      } µs at the primary of its merchant, in two visits, and`,
      `${
        times.customerUs.toFixed(0)
      } µs at that of its customer, as measured above; merchants and customers are in`,
      "random cells. The time is that at primaries: networks, disks, edges and the ledger add to it.",
    ],
  );
}
