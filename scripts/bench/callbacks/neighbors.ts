/**
 * How long callbacks of merchants take whose servers do well: of five beside
 * three more that do well, and of five beside three whose servers fail, hang or
 * are gone. Slice by slice, each in turn, with the same payments for each
 * merchant.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { Latencies } from "../../load/latencies.ts";
import { freePort } from "../../redis_server.ts";
import { type Table, tableOf } from "../../table.ts";
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

/** Payments of a merchant in a slice. */
const countOf = ({ sliceMs, perSecond }: typeof SIZE) =>
  Math.ceil(sliceMs / 1000 * perSecond);

/** Ends payments for a while, and delivers as an edge does. */
async function run(
  { dispatcher, merchants, end }: CallbacksWorld,
  size: typeof SIZE,
): Promise<void> {
  const startMs = performance.now();
  const looking = setInterval(() => dispatcher.dispatchSoon(), LOOK_MS);
  const endings: Promise<void>[] = [];
  for (let n = 0; n < countOf(size); n++) {
    const dueMs = startMs + n * 1000 / size.perSecond;
    await sleep(Math.max(0, dueMs - performance.now()));
    const ended = merchants.map((it) =>
      end(it).then(() => dispatcher.dispatchSoon(it.id))
    );
    endings.push(...ended);
  }
  await Promise.all(endings);
  clearInterval(looking);
}

/**
 * Measures both runs. For each: the latencies from the end of the payment to the
 * server, of each merchant whose server does well.
 */
export async function benchNeighbors(kind: StoreKind, size = SIZE) {
  await using stack = new AsyncDisposableStack();
  // The receiver ends first, and with it the requests that wait for its
  // answers.
  await using receiver = await startServer({ entry: RECEIVER });
  const { origin } = receiver;
  const pathsOf = (run: string, count = HEALTHY) =>
    Array.from({ length: count }, (_, n) => `/ok/${run}/${n}`);
  const at = (paths: readonly string[]) => paths.map((it) => origin + it);
  const gone = `http://127.0.0.1:${freePort()}/gone`;
  const runs = {
    "beside 3 good": at(pathsOf("others", 3)),
    "beside 3 bad": [...at(["/half", "/never"]), gone],
  };
  const each = countOf(size);
  const turns = [];
  for (const [name, others] of Object.entries(runs)) {
    const { store } = stack.use(await openBenchStore(kind));
    const paths = pathsOf(encodeURIComponent(name));
    const urls = [...at(paths), ...others];
    const world = stack.use(await openCallbacks(store, urls));
    world.dispatcher.start();
    turns.push(async () => {
      await run(world, size);
      // All that came to the healthy ones, once all of it has come.
      const came = paths.map((): number[] => []);
      while (came.some((it) => it.length < each)) {
        const response = await fetch(`${origin}/latencies`);
        const found = await response.json() as LatenciesByPath;
        came.forEach((it, n) => it.push(...found[paths[n]!] ?? []));
        await sleep(TICK_MS);
      }
      return came;
    });
  }
  const slices = await interleave(turns, { rounds: size.slices });
  return Object.keys(runs).map((name, run) => ({
    name,
    merchants: Array.from(
      { length: HEALTHY },
      (_, n) => new Latencies(slices[run]!.flatMap((it) => it[n]!)),
    ),
  }));
}

/** p99 of each merchant with and without bad neighbors, over a store. */
export async function neighborsTable(kind: StoreKind): Promise<Table> {
  const rows = (await benchNeighbors(kind)).map(({ name, merchants }) => ({
    [`five merchants over ${STORE_NAMES[kind]}`]: name,
    ...Object.fromEntries(
      merchants.map((
        it,
        n,
      ) => [`p99 of merchant ${n + 1}`, it.percentileMs(99)]),
    ),
  }));
  return tableOf("Callbacks to servers that do well, ms", rows, [
    `From the end of the payment to the server; ${SIZE.perSecond} payments a second for each merchant.`,
    "The bad ones: one fails half of the time, one never answers, one is gone.",
  ]);
}
