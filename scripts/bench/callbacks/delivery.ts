/**
 * Callbacks delivered by one process to a server of another, beside bare
 * `fetch` calls of the same number, bytes and concurrency to the same server in
 * the same run, round by round; and beside the least that anybody pays who
 * loses nothing: such a call, and one transaction of the store after it.
 *
 * @module
 */

import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { createSecret, createSigner } from "../../../edge/base/signature.ts";
import type { Store } from "../../../edge/store/store.ts";
import { inParallel } from "../../parallel.ts";
import { median, type Table } from "../../table.ts";
import { startServer } from "../kit/processes.ts";
import { cpuMs } from "../kit/rounds.ts";
import { openBenchStore, STORE_NAMES, type StoreKind } from "../kit/store.ts";
import { type CallbacksWorld, openCallbacks, RECEIVER } from "./world.ts";

/** How much is measured. */
export interface DeliverySize {
  readonly rounds: number;
  /** Rounds before those that count, for the compilers. */
  readonly warmUpRounds: number;
  readonly merchants: number;
  /** Callbacks of each merchant in a round. */
  readonly each: number;
}

/** What one way of sending did; medians of the rounds. */
export interface DeliveryFigures {
  readonly name: string;
  readonly perSecond: number;
  /** CPU time of this process for one, microseconds. */
  readonly cpuMicros: number;
}

const IN_FLIGHT = 8;

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
  await Promise.all(urls.map((url) =>
    inParallel(each, async (n) => {
      const { body, headers } = requests[n % requests.length]!;
      const response = await fetch(url, { method: "POST", headers, body });
      await response.arrayBuffer();
      if (response.status !== 204) throw new Error("It was not taken");
      await note(n, body);
    }, { atOnce: IN_FLIGHT })
  ));
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
  await using receiver = await startServer({ entry: RECEIVER });
  const urls = Array.from(
    { length: merchants },
    (_, n) => `${receiver.origin}/ok/${n}`,
  );
  await using world = await openCallbacks(opened.store, urls);
  const count = merchants * each;
  const requests = exampleRequests();
  const note = (n: number, body: string) => noteEnd(opened.store, n, body);
  const ways = [
    [`callbacks over ${STORE_NAMES[kind]}`, () => deliver(world, count)],
    [
      "bare fetch and one bare transaction",
      () => fetchAll(urls, each, requests, note),
    ],
    ["bare fetch", () => fetchAll(urls, each, requests)],
  ] as const;
  const measured = ways.map(() => ({ seconds: [0], cpuMs: [0] }));
  for (let round = -warmUpRounds; round < rounds; round++) {
    await world.queue(each);
    for (const [n, [, work]] of ways.entries()) {
      const before = [performance.now(), cpuMs()] as const;
      await work();
      const { seconds, cpuMs: cpu } = measured[n]!;
      seconds[Math.max(0, round)] = (performance.now() - before[0]) / 1000;
      cpu[Math.max(0, round)] = cpuMs() - before[1];
    }
    // Nothing that the server keeps grows from round to round.
    await (await fetch(`${receiver.origin}/latencies`)).arrayBuffer();
  }
  return measured.map(({ seconds, cpuMs }, n) => ({
    name: ways[n]![0],
    perSecond: count / median(seconds),
    cpuMicros: median(cpuMs) * 1000 / count,
  }));
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
    const nowMs = systemClock.nowMs();
    const now = new Date(nowMs).toISOString();
    const id = `cb_${`${n}`.padStart(32, "0")}`;
    const body = JSON.stringify({
      type: "payment.succeeded",
      timestamp: now,
      data: {
        payment_id: id.replace("cb", "pay"),
        order_id: id.replace("cb", "req"),
        order_version: 2,
        ...{ status: "succeeded", amount_minor: 1250, currency: "EUR" },
        ...{ payer: "payer_1", created_at: now, updated_at: now },
      },
    });
    return {
      body,
      headers: {
        ...sign(id, nowMs, body),
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
  for (const kind of ["sqlite", "tcp"] as const) {
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
