/**
 * Callbacks delivered by one process to a server of another, beside bare
 * `fetch` calls of the same number, bytes and concurrency to the same server in
 * the same run, round by round; and beside the least that anybody pays who
 * loses nothing: such a call, and one transaction of the store after it.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { createSecret, createSigner } from "../../edge/base/signature.ts";
import { systemClock, systemRandom } from "../../edge/base/clock.ts";
import {
  type CallbacksWorld,
  openBenchStore,
  openCallbacks,
  type StoreKind,
} from "./callbacks_world.ts";
import type { Store } from "../../edge/store/store.ts";
import { startServer } from "./http_processes.ts";
import { median, type Table } from "../table.ts";

/** How much is measured. */
export interface DeliverySize {
  readonly rounds: number;
  /** Rounds before those that count, for the compilers. */
  readonly warmUpRounds: number;
  readonly merchants: number;
  /** Callbacks of each merchant in a round. */
  readonly each: number;
}

/** What one way of sending did. */
export interface DeliveryFigures {
  readonly name: string;
  /** Median of the rounds. */
  readonly perSecond: number;
  /** CPU time of this process for one, microseconds; median. */
  readonly cpuMicros: number;
}

const IN_FLIGHT = 8;

/** Seconds and CPU seconds of some work, for each of `count`. */
async function timed(count: number, work: () => Promise<void>) {
  const cpu = cpuUsage();
  const startMs = performance.now();
  await work();
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = cpuUsage(cpu);
  return { perSecond: count / seconds, cpuMicros: (user + system) / count };
}

async function deliver(
  { dispatcher }: CallbacksWorld,
  count: number,
): Promise<void> {
  const { attempts, delivered } = await dispatcher.dispatch();
  if (attempts !== count || delivered !== count) {
    throw new Error(`${delivered} of ${count} arrived in ${attempts} attempts`);
  }
}

/** The same number of requests, as many at a time; signed beforehand. */
async function fetchAll(
  urls: readonly string[],
  each: number,
  requests: readonly { body: string; headers: Record<string, string> }[],
  note: (n: number, body: string) => Promise<void> | void = () => {},
): Promise<void> {
  await Promise.all(urls.map(async (url) => {
    let sent = 0;
    await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
      while (sent < each) {
        const n = sent++;
        const { body, headers } = requests[n % requests.length]!;
        const init = { method: "POST", headers, body };
        const response = await fetch(url, init);
        await response.arrayBuffer();
        if (response.status !== 204) throw new Error("It was not taken");
        await note(n, body);
      }
    }));
  }));
}

/**
 * Measures the dispatcher over a store, and `fetch`.
 *
 * @throws {Error} If a callback does not arrive at the first attempt.
 */
export async function benchDelivery(
  kind: StoreKind,
  { rounds, warmUpRounds, merchants, each }: DeliverySize,
): Promise<readonly DeliveryFigures[]> {
  await using opened = await openBenchStore(kind);
  const folder = Deno.cwd();
  const entry = "scripts/bench/callbacks_receiver.ts";
  await using receiver = await startServer({ entry, folder, env: {} });
  const urls = Array.from(
    { length: merchants },
    (_, n) => `${receiver.origin}/ok/${n}`,
  );
  await using world = await openCallbacks(opened.store, urls);
  const count = merchants * each;
  const requests = exampleRequests();
  const ours: Awaited<ReturnType<typeof timed>>[] = [];
  const noted: typeof ours = [];
  const bare: typeof ours = [];
  const note = (n: number, body: string) => noteEnd(opened.store, n, body);
  for (let round = -warmUpRounds; round < rounds; round++) {
    await world.queue(each);
    const own = await timed(count, () => deliver(world, count));
    const its = await timed(count, () => fetchAll(urls, each, requests));
    const both = await timed(
      count,
      () => fetchAll(urls, each, requests, note),
    );
    // Nothing that the server keeps grows from round to round.
    await (await fetch(`${receiver.origin}/latencies`)).arrayBuffer();
    if (round < 0) continue;
    ours.push(own);
    noted.push(both);
    bare.push(its);
  }
  const figures = (name: string, all: typeof ours): DeliveryFigures => ({
    name,
    perSecond: median(all.map((it) => it.perSecond)),
    cpuMicros: median(all.map((it) => it.cpuMicros)),
  });
  return [
    figures(`callbacks over ${kind}`, ours),
    figures("bare fetch and one bare transaction", noted),
    figures("bare fetch", bare),
  ];
}

/** Writes what a delivery writes: two records, a slot, a lane's two entries. */
async function noteEnd(store: Store, n: number, body: string): Promise<void> {
  const member = `${n}`;
  const record = JSON.stringify({ payload: body, status: "delivered" });
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

/** Bodies and headers such as callbacks have. */
function exampleRequests() {
  const sign = createSigner(createSecret(systemRandom));
  return Array.from({ length: 64 }, (_, n) => {
    const now = new Date(systemClock.nowMs()).toISOString();
    const id = `cb_${`${n}`.padStart(32, "0")}`;
    const body = JSON.stringify({
      type: "payment.succeeded",
      timestamp: now,
      data: {
        payment_id: id.replace("cb", "pay"),
        order_id: id.replace("cb", "req"),
        order_version: 2,
        status: "succeeded",
        amount_minor: 1250,
        currency: "EUR",
        payer: "payer_1",
        created_at: now,
        updated_at: now,
      },
    });
    const { ...headers } = sign(id, systemClock.nowMs(), body);
    return {
      body,
      headers: {
        ...headers,
        "content-type": "application/json",
        "accept": "*/*",
        "accept-encoding": "identity",
        "user-agent": "Offcode-Callbacks/1",
      },
    };
  });
}

/** JavaScript is compiled as it is used: 16 000 deliveries until it is warm. */
const SIZE: DeliverySize = {
  rounds: 7,
  warmUpRounds: 4,
  merchants: 8,
  each: 500,
};

/** Callbacks per second, and their part of bare `fetch`. */
export async function deliveryTable(): Promise<Table> {
  const rows: string[][] = [];
  for (const kind of ["SQLite", "Redis by TCP"] as const) {
    const all = await benchDelivery(kind, SIZE);
    const bare = all.at(-1)!;
    for (const { name, perSecond, cpuMicros } of all) {
      rows.push([
        name,
        perSecond.toFixed(0),
        cpuMicros.toFixed(0),
        (perSecond / bare.perSecond).toFixed(2),
      ]);
    }
  }
  return {
    title: "Callbacks delivered by one process, beside bare fetch",
    columns: ["what", "per second", "CPU µs each", "÷ fetch"],
    rows,
    notes: [
      `median of ${SIZE.rounds} interleaved rounds of ${
        SIZE.merchants * SIZE.each
      }; ${SIZE.merchants} merchants, ${IN_FLIGHT} in flight to each;`,
      `${SIZE.warmUpRounds} rounds before them warm up;`,
      "the receiver is a process of its own and shares the machine's cores.",
      "A callback is leased, signed, sent, answered, and its end is durable; fetch",
      "sends bodies that were signed before.",
    ],
  };
}
