/**
 * `deno serve --parallel` on one thread and on two, over TCP Redis: how much a
 * second core brings. The load generator and Redis need cores as well.
 *
 * @module
 */

import { startLoad, startServer } from "./http_processes.ts";
import {
  CLIENTS,
  CODES_PER_PHONE,
  type HttpFigures,
  type HttpSize,
  phonesFor,
  raceHttp,
} from "./http_race.ts";
import { enrolPhones } from "./http_wallets.ts";
import { startWorld } from "./redis_world.ts";
import type { Suite } from "./suite.ts";

const SEEDS_PER_BUCKET = 100;
const SIZE: HttpSize = { rounds: 7, warmUpRounds: 8, phonesPerRound: 1000 };

/**
 * Measures one thread, then two.
 *
 * @throws {Error} If an answer was not 200.
 */
export async function benchParallel(
  size: HttpSize,
): Promise<readonly HttpFigures[]> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  try {
    await using world = await startWorld("tcp");
    const count = phonesFor(size);
    const store = world.openStore();
    // On one store a code counts once, so each has phones of its own.
    const { phones, walletKey: key, env } = await enrolPhones({
      store,
      count: 2 * count,
      buckets: Math.ceil(2 * count / SEEDS_PER_BUCKET),
    });
    await store.close();
    const start = (threads: number) =>
      startServer({
        command: ["serve", "--parallel", "--host", "127.0.0.1", "--port", "0"],
        entry: "edge/serve.ts",
        folder,
        env: { ...world.env, ...env, DENO_JOBS: `${threads}` },
      });
    await using load = startLoad();
    await using one = await start(1);
    await using two = await start(2);
    return await raceHttp({
      load,
      contenders: [
        { name: "1 thread", ...one, phones: phones.slice(0, count) },
        { name: "2 threads", ...two, phones: phones.slice(count) },
      ],
      phones: [],
      key,
      size,
      storePid: world.redis.pid,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Requests per second on one thread and on two. */
export const parallelSuite: Suite = async () => {
  const all = await benchParallel(SIZE);
  const [one] = all;
  const slices = SIZE.rounds * CODES_PER_PHONE;
  return [{
    title: "POST /v1/verifications by deno serve --parallel, over Redis by TCP",
    columns: [
      "threads",
      "req/s",
      "÷ 1 thread",
      "p50 ms",
      "p99 ms",
      "CPU µs",
      "Redis µs",
    ],
    rows: all.map((it) => [
      it.name,
      it.requestsPerSecond.toFixed(0),
      (it.requestsPerSecond / one!.requestsPerSecond).toFixed(2),
      it.p50Ms.toFixed(2),
      it.p99Ms.toFixed(2),
      it.cpuMicroseconds.toFixed(0),
      it.storeCpuMicroseconds.toFixed(0),
    ]),
    notes: [
      `median of ${slices} interleaved slices of ${SIZE.phonesPerRound} requests from ${CLIENTS} clients.`,
      `${navigator.hardwareConcurrency} cores, of which the load generator and Redis take their share: a second`,
      "thread of the server can only have what those leave.",
    ],
  }];
};
