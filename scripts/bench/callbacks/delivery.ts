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
  const requests = exampleRequests();
  /** The same number of requests, as many at a time; signed beforehand. */
  const fetchAll = async (note?: (n: number, body: string) => Promise<void>) =>
    void await Promise.all(urls.map((url) =>
      inParallel(each, async (n) => {
        const { body, headers } = requests[n % requests.length]!;
        const response = await fetch(url, { method: "POST", headers, body });
        await response.arrayBuffer();
        if (response.status !== 204) throw new Error("It was not taken");
        await note?.(n, body);
      }, { atOnce: IN_FLIGHT })
    ));
  const ways: readonly (readonly [string, () => Promise<void>])[] = [
    [`callbacks over ${STORE_NAMES[kind]}`, async () => {
      const { attempts, delivered } = await world.dispatcher.dispatch();
      if (attempts === count && delivered === count) return;
      throw new Error(
        `${delivered} of ${count} arrived in ${attempts} attempts`,
      );
    }],
    [
      "bare fetch and one bare transaction",
      () => fetchAll((n, body) => noteEnd(opened.store, n, body)),
    ],
    ["bare fetch", () => fetchAll()],
  ];
  const turns = ways.map(([, work], n) => async () => {
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
  return ways.map(([name], n) => ({
    name,
    perSecond: count * 1000 / median(measured[n]!.map(([ms]) => ms)),
    /** CPU time of this process for one. */
    cpuMicros: median(measured[n]!.map(([, cpu]) => cpu)) * 1000 / count,
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

/** Callbacks per second, and their part of bare `fetch`. */
export async function deliveryTable(): Promise<Table> {
  const rows: string[][] = [];
  for (const kind of ["sqlite", "tcp"] as const) {
    const all = await benchDelivery(kind);
    const bare = all.at(-1)!;
    for (const { name, perSecond, cpuMicros } of all) {
      const part = perSecond / bare.perSecond;
      const figures = [perSecond.toFixed(0), cpuMicros.toFixed(0)];
      rows.push([name, ...figures, part.toFixed(2)]);
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
