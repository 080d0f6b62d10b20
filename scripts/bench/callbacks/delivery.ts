/**
 * Callbacks delivered by one process to a server of another, beside bare
 * `fetch` calls of the same number, bytes and concurrency to the same server in
 * the same run, round by round; and beside the least that anybody pays who
 * loses nothing: such a call, and one transaction of the store after it.
 *
 * @module
 */

import type { Store } from "../../../edge/store/store.ts";
import { inParallel } from "../../parallel.ts";
import { median, type Table, tableOf } from "../../table.ts";
import { startServer } from "../kit/processes.ts";
import { cpuMs, interleave } from "../kit/rounds.ts";
import { openBenchStore, STORE_NAMES, type StoreKind } from "../kit/store.ts";
import { openCallbacks, RECEIVER } from "./world.ts";

/** JavaScript is compiled as it is used: 16 000 deliveries until it is warm. */
const SIZE = {
  ...{ rounds: 7, warmUpRounds: 4, merchants: 8 },
  /** Callbacks of each merchant in a round. */
  each: 500,
};

const IN_FLIGHT = 8;

/** A request as long as a callback. */
const BODY = JSON.stringify({ filler: "x".repeat(420) });
const REQUEST = {
  ...{ method: "POST", body: BODY },
  headers: {
    "content-type": "application/json",
    "webhook-signature": "x".repeat(160),
  },
};

/**
 * Measures the dispatcher over a store, and `fetch`; medians of the rounds.
 *
 * @throws {Error} If a callback does not arrive at the first attempt.
 */
export async function benchDelivery(kind: StoreKind, size = SIZE) {
  const { merchants, each } = size;
  await using opened = await openBenchStore(kind);
  await using receiver = await startServer({ entry: RECEIVER });
  const urls = Array.from(
    { length: merchants },
    (_, n) => `${receiver.origin}/ok/${n}`,
  );
  await using world = await openCallbacks(opened.store, urls);
  const count = merchants * each;
  /** The same number of requests, as many at a time. */
  const fetchAll = async (note?: (n: number) => Promise<void>) =>
    void await Promise.all(urls.map((url) =>
      inParallel(each, async (n) => {
        const response = await fetch(url, REQUEST);
        await response.arrayBuffer();
        if (response.status !== 204) throw new Error("It was not taken");
        await note?.(n);
      }, { atOnce: IN_FLIGHT })
    ));
  const ways: Readonly<Record<string, () => Promise<void>>> = {
    [`callbacks over ${STORE_NAMES[kind]}`]: async () => {
      const { attempts, delivered } = await world.dispatcher.dispatch();
      if (attempts === count && delivered === count) return;
      const found = `${delivered} of ${count} in ${attempts} attempts`;
      throw new Error(`Not all arrived: ${found}`);
    },
    "bare fetch and one bare transaction": () =>
      fetchAll((n) => noteEnd(opened.store, n)),
    "bare fetch": () => fetchAll(),
  };
  const turns = Object.values(ways).map((work, n) => async () => {
    if (n === 0) {
      // Nothing that the server keeps grows from round to round.
      await (await fetch(`${receiver.origin}/latencies`)).arrayBuffer();
      await world.queue(each);
    }
    const before = [performance.now(), cpuMs()] as const;
    await work();
    return [performance.now() - before[0], cpuMs() - before[1]] as const;
  });
  const measured = await interleave(turns, size);
  return Object.keys(ways).map((name, n) => ({
    name,
    perSecond: count * 1000 / median(measured[n]!.map(([ms]) => ms)),
    /** CPU time of this process for one. */
    cpuMicros: median(measured[n]!.map(([, cpu]) => cpu)) * 1000 / count,
  }));
}

/** Writes what a delivery writes: two records, a slot, a lane's two entries. */
async function noteEnd(store: Store, n: number): Promise<void> {
  const member = `${n}`;
  const record = JSON.stringify({ payload: BODY, status: "delivered" });
  const set = (key: string, value: string) =>
    ({ kind: "set", key, value, ttlMs: 60_000 }) as const;
  await store.txn({
    checks: [{ kind: "absent", key: "bench:never" }],
    writes: [
      set(`bench:a:${n}`, record),
      set(`bench:b:${n}`, record),
      set(`bench:slot:${n % IN_FLIGHT}`, member),
      { kind: "index", index: "bench:lane", member, score: n },
      { kind: "unindex", index: "bench:lane", member: `${n - 1}` },
    ],
  });
}

/** Callbacks per second over a store, and their part of bare `fetch`. */
export async function deliveryTable(kind: StoreKind): Promise<Table> {
  const all = await benchDelivery(kind);
  const bare = all.at(-1)!;
  const rows = all.map(({ name, perSecond, cpuMicros }) => ({
    "what": name,
    "per second": perSecond,
    "CPU µs each": cpuMicros,
    "÷ fetch": perSecond / bare.perSecond,
  }));
  return tableOf(
    "Callbacks delivered by one process, beside bare fetch",
    rows,
    [
      `median of ${SIZE.rounds} interleaved rounds of ${
        SIZE.merchants * SIZE.each
      }; ${SIZE.merchants} merchants, ${IN_FLIGHT} in flight to each;`,
      "the receiver is a process of its own and shares the machine's cores.",
    ],
  );
}
