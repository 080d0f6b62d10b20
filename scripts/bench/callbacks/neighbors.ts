/**
 * How long callbacks of merchants take whose servers do well: of five alone, of
 * five beside three more that do well, and of five beside three whose servers
 * fail, hang or are gone. Slice by slice, each in turn, with the same payments
 * for each merchant.
 *
 * @module
 */

import { freePort } from "../../redis_server.ts";
import { Latencies } from "../../load/latencies.ts";
import { startServer } from "../kit/processes.ts";
import { openBenchStore, STORE_NAMES, type StoreKind } from "../kit/store.ts";
import type { LatenciesByPath } from "./receiver.ts";
import { type CallbacksWorld, openCallbacks, RECEIVER } from "./world.ts";
import type { Table } from "../../table.ts";

/** How much is measured. */
export interface NeighborsSize {
  /** Slices of each run; one more goes before them, for the compilers. */
  readonly slices: number;
  readonly sliceMs: number;
  /** Payments of each merchant. */
  readonly perSecond: number;
}

/** One merchant whose server does well. */
export interface NeighborFigures {
  /** Callbacks that were measured: alone, beside good ones, beside bad ones. */
  readonly counts: readonly number[];
  /** From the end of the payment to the server, ms, in the same order. */
  readonly p99Ms: readonly number[];
}

const HEALTHY = 5;
const TICK_MS = 10;
const LOOK_MS = 1_000;

/** Ends payments for a while, and delivers as an edge does. */
async function run(
  { dispatcher, merchants, end }: CallbacksWorld,
  { sliceMs, perSecond }: NeighborsSize,
): Promise<void> {
  const startMs = performance.now();
  const looking = setInterval(() => dispatcher.dispatchSoon(), LOOK_MS);
  const underWay = new Set<Promise<void>>();
  let done = 0;
  for (let passedMs = 0; passedMs < sliceMs;) {
    passedMs = performance.now() - startMs;
    for (; done < passedMs / 1000 * perSecond; done++) {
      for (const merchant of merchants) {
        const ending = end(merchant)
          .then(() => dispatcher.dispatchSoon(merchant.id))
          .finally(() => underWay.delete(ending));
        underWay.add(ending);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(underWay);
  clearInterval(looking);
}

/** Measures all runs; a line for each merchant whose server does well. */
export async function benchNeighbors(
  kind: StoreKind,
  size: NeighborsSize,
): Promise<readonly NeighborFigures[]> {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startServer({ entry: RECEIVER }));
  const healthy = (run: number, count = HEALTHY) =>
    Array.from(
      { length: count },
      (_, n) => `${receiver.origin}/ok/${run}/${n}`,
    );
  const bad = [
    `${receiver.origin}/half`,
    `${receiver.origin}/never`,
    `http://127.0.0.1:${freePort()}/dead`,
  ];
  const runs = [
    healthy(0),
    healthy(1, HEALTHY + bad.length),
    [...healthy(2), ...bad],
  ];
  const worlds: CallbacksWorld[] = [];
  for (const urls of runs) {
    const { store } = stack.use(await openBenchStore(kind));
    const world = stack.use(await openCallbacks(store, urls));
    world.dispatcher.start();
    worlds.push(world);
  }
  const latencies = healthy(0).map(() => runs.map(() => new Latencies()));
  const each = Math.ceil(size.sliceMs / 1000 * size.perSecond);

  /** All that came to a run's merchants, once all of it has come. */
  async function collect(run: number): Promise<number[][]> {
    const all: number[][] = healthy(run).map(() => []);
    while (all.some((it) => it.length < each)) {
      const response = await fetch(`${receiver.origin}/latencies`);
      const found = await response.json() as LatenciesByPath;
      all.forEach((it, n) => it.push(...found[`/ok/${run}/${n}`] ?? []));
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    return all;
  }

  for (let slice = 0; slice <= size.slices; slice++) {
    for (const [n, world] of worlds.entries()) {
      await run(world, size);
      const came = await collect(n);
      if (slice === 0) continue;
      came.forEach((all, merchant) => {
        for (const ms of all) latencies[merchant]![n]!.add(ms);
      });
    }
  }
  return latencies.map((of) => ({
    counts: of.map(({ count }) => count),
    p99Ms: of.map((it) => it.percentileMs(99)),
  }));
}

const SIZE: NeighborsSize = { slices: 4, sliceMs: 5_000, perSecond: 40 };

/** p99 of each merchant with and without bad neighbors. */
export async function neighborsTable(): Promise<Table> {
  const rows: string[][] = [];
  for (const kind of ["sqlite", "tcp"] as const) {
    const all = await benchNeighbors(kind, SIZE);
    all.forEach(({ p99Ms }, n) => {
      const [alone, good, bad] = p99Ms as [number, number, number];
      rows.push([
        `${STORE_NAMES[kind]}, merchant ${n + 1}`,
        ...p99Ms.map((ms) => ms.toFixed(1)),
        (bad / alone).toFixed(2),
        (bad / good).toFixed(2),
      ]);
    });
  }
  return {
    title: "p99 of callbacks to servers that do well, ms",
    columns: [
      "merchant",
      "5 alone",
      "beside 3 good",
      "beside 3 bad",
      "bad ÷ alone",
      "bad ÷ good",
    ],
    rows,
    notes: [
      `From the end of the payment to the server; ${SIZE.perSecond} payments a second for each`,
      `merchant, ${SIZE.slices} interleaved slices of ${
        SIZE.sliceMs / 1000
      } s. The bad ones: a server that`,
      "fails half of the time, one that never answers, one that is gone.",
    ],
  };
}
