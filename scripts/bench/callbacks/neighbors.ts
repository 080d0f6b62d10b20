/**
 * How long callbacks of merchants take whose servers do well: of five alone, of
 * five beside three more that do well, and of five beside three whose servers
 * fail, hang or are gone. Slice by slice, each in turn, with the same payments
 * for each merchant.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { Latencies } from "../../load/latencies.ts";
import { freePort } from "../../redis_server.ts";
import type { Table } from "../../table.ts";
import { startServer } from "../kit/processes.ts";
import { interleave } from "../kit/rounds.ts";
import { openBenchStore, STORE_NAMES, type StoreKind } from "../kit/store.ts";
import type { LatenciesByPath } from "./receiver.ts";
import { type CallbacksWorld, openCallbacks, RECEIVER } from "./world.ts";

const SIZE = {
  /** Slices of each run; one more goes before them, for the compilers. */
  slices: 4,
  sliceMs: 5_000,
  /** Payments of each merchant. */
  perSecond: 40,
};

const HEALTHY = 5;
const TICK_MS = 10;
const LOOK_MS = 1_000;

/** Ends payments for a while, and delivers as an edge does. */
async function run(
  { dispatcher, merchants, end }: CallbacksWorld,
  { sliceMs, perSecond }: typeof SIZE,
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
    await sleep(TICK_MS);
  }
  await Promise.all(underWay);
  clearInterval(looking);
}

/**
 * Measures all runs. For each merchant whose server does well: how many
 * callbacks were measured alone, beside good ones and beside bad ones, and the
 * p99 from the end of the payment to the server, ms, in the same order.
 */
export async function benchNeighbors(kind: StoreKind, size = SIZE) {
  await using stack = new AsyncDisposableStack();
  // The receiver ends first, and with it the requests that wait for its
  // answers.
  await using receiver = await startServer({ entry: RECEIVER });
  const { origin } = receiver;
  const good = (run: number, count = HEALTHY) =>
    Array.from({ length: count }, (_, n) => `${origin}/ok/${run}/${n}`);
  const dead = `http://127.0.0.1:${freePort()}/dead`;
  const bad = [`${origin}/half`, `${origin}/never`, dead];
  const runs = [good(0), good(1, HEALTHY + bad.length), [...good(2), ...bad]];
  const each = Math.ceil(size.sliceMs / 1000 * size.perSecond);
  const turns = [];
  for (const [n, urls] of runs.entries()) {
    const { store } = stack.use(await openBenchStore(kind));
    const world = stack.use(await openCallbacks(store, urls));
    world.dispatcher.start();
    turns.push(async () => {
      await run(world, size);
      // All that came to the healthy ones, once all of it has come.
      const came = good(n).map((): number[] => []);
      while (came.some((it) => it.length < each)) {
        const response = await fetch(`${origin}/latencies`);
        const found = await response.json() as LatenciesByPath;
        came.forEach((it, i) => it.push(...found[`/ok/${n}/${i}`] ?? []));
        await sleep(TICK_MS);
      }
      return came;
    });
  }
  const slices = await interleave(turns, { rounds: size.slices });
  return good(0).map((_, merchant) => {
    const all = slices.map((of) => {
      const latencies = new Latencies();
      for (const ms of of.flatMap((it) => it[merchant]!)) latencies.add(ms);
      return latencies;
    });
    return {
      counts: all.map((it) => it.count),
      p99Ms: all.map((it) => it.percentileMs(99)),
    };
  });
}

/** p99 of each merchant with and without bad neighbors. */
export async function neighborsTable(): Promise<Table> {
  const rows: string[][] = [];
  for (const kind of ["sqlite", "tcp"] as const) {
    const all = await benchNeighbors(kind);
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
      ...["merchant", "5 alone", "beside 3 good", "beside 3 bad"],
      ...["bad ÷ alone", "bad ÷ good"],
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
