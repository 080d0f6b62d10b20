/**
 * `POST /v1/verifications` over Redis, by TCP and by REST: real servers under a
 * load generator in a process of its own, beside bare handlers over the same
 * transport in the same run, round by round.
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
import { fsyncTable } from "./redis_fsync.ts";
import { startWorld, type Transport } from "./redis_world.ts";
import type { Suite, Table } from "./suite.ts";

const SEEDS_PER_BUCKET = 100;
const SIZES: Readonly<Record<Transport, HttpSize>> = {
  // A fifth of the edge's time goes to V8's compilers until they are done.
  tcp: { rounds: 9, warmUpRounds: 12, phonesPerRound: 1000 },
  rest: { rounds: 7, warmUpRounds: 8, phonesPerRound: 500 },
};

/**
 * Measures the edge and the bare handlers, the edge first.
 *
 * @throws {Error} If an answer was not 200.
 */
export async function benchRedis(
  transport: Transport,
  size: HttpSize,
): Promise<readonly HttpFigures[]> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  try {
    await using world = await startWorld(transport);
    const count = phonesFor(size);
    const store = world.openStore();
    const { phones, walletKey, env } = await enrolPhones({
      store,
      count,
      buckets: Math.ceil(count / SEEDS_PER_BUCKET),
    });
    await store.close();
    const start = (entry: string, env: Record<string, string>) =>
      startServer({ entry, folder, env: { ...world.env, ...env } });
    const entry = "scripts/bench/redis_bare.ts";
    await using load = startLoad();
    await using edge = await start("edge/main.ts", env);
    await using script = await start(entry, { BARE: "script" });
    await using overStore = await start(entry, { BARE: "store" });
    const contenders = [
      { name: "POST /v1/verifications", ...edge },
      {
        name: "bare Hono, JSON, EVALSHA: 4 GET, 2 SET",
        ...script,
      },
      {
        name: "bare Hono, JSON, one txn of the store",
        ...overStore,
      },
    ];
    const storePid = world.redis.pid;
    const key = walletKey;
    return await raceHttp({ load, contenders, phones, key, size, storePid });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function table(transport: Transport): Promise<Table> {
  const size = SIZES[transport];
  const all = await benchRedis(transport, size);
  const [edge] = all;
  const slices = size.rounds * CODES_PER_PHONE;
  return {
    title: `POST /v1/verifications over Redis by ${
      transport === "tcp" ? "TCP" : "REST, through the gateway"
    }`,
    columns: [
      "handler",
      "req/s",
      "p50 ms",
      "p99 ms",
      "errors",
      "edge ÷ this",
      "p99 edge ÷ this",
      "CPU µs",
      "Redis µs",
    ],
    rows: all.map((it) => [
      it.name,
      it.requestsPerSecond.toFixed(0),
      it.p50Ms.toFixed(2),
      it.p99Ms.toFixed(2),
      "0",
      (edge!.requestsPerSecond / it.requestsPerSecond).toFixed(2),
      (edge!.p99Ms / it.p99Ms).toFixed(2),
      it.cpuMicroseconds.toFixed(0),
      it.storeCpuMicroseconds.toFixed(0),
    ]),
    notes: [
      `median of ${slices} interleaved slices of ${size.phonesPerRound} requests from ${CLIENTS} clients, each`,
      `with a fresh code; ${SEEDS_PER_BUCKET} seeds in a bucket; appendonly yes, appendfsync always.`,
      "Servers, Redis and load generator share the machine's cores. CPU µs and Redis µs:",
      "processor time per request of the server and of Redis, all threads.",
    ],
  };
}

/** Requests per second and latencies over both transports. */
export const redisSuite: Suite = async () => [
  await table("tcp"),
  await table("rest"),
  await fsyncTable(),
];
