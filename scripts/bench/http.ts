/**
 * `POST /v1/verifications` over SQLite: a real server process under a load
 * generator in a process of its own, beside bare handlers in the same run,
 * round by round. Every request carries a fresh valid code, so every one is
 * searched, spent and recorded; an answer but 200 fails the bench.
 *
 * @module
 */

import { systemClock } from "../../edge/clock.ts";
import { openSqliteStore } from "../../edge/store/sqlite.ts";
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
import type { Suite } from "./suite.ts";

const SEEDS_PER_BUCKET = 100;
const SIZE: HttpSize = { rounds: 7, phonesPerRound: 1000 };

/**
 * Measures the edge and the bare handlers, the edge first.
 *
 * @throws {Error} If an answer was not 200.
 */
export async function benchHttp(
  size: HttpSize,
): Promise<readonly HttpFigures[]> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  try {
    const count = phonesFor(size);
    const path = `${folder}/offcode.db`;
    const store = openSqliteStore({ path, clock: systemClock });
    const { phones, walletKey, env } = await enrolPhones({
      store,
      count,
      buckets: Math.ceil(count / SEEDS_PER_BUCKET),
    });
    await store.close();
    const entry = "scripts/bench/http_bare.ts";
    const bare = async (kind: string) => {
      await Deno.mkdir(`${folder}/${kind}`);
      return { entry, folder: `${folder}/${kind}`, env: { BARE: kind } };
    };
    await using load = startLoad();
    await using edge = await startServer({
      entry: "edge/main.ts",
      folder,
      env: { ...env, OFFCODE_STORE: `sqlite:${path}` },
    });
    await using overStore = await startServer(await bare("store"));
    await using sqlite = await startServer(await bare("sqlite"));
    const contenders = [
      { name: "POST /v1/verifications", ...edge },
      {
        name: "bare Hono, JSON, one txn of the store",
        ...overStore,
      },
      { name: "bare Hono, JSON, node:sqlite", ...sqlite },
    ];
    return await raceHttp({ load, contenders, phones, key: walletKey, size });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Requests per second and latencies, beside the bare handlers. */
export const httpSuite: Suite = async () => {
  const all = await benchHttp(SIZE);
  const [edge] = all;
  const slices = SIZE.rounds * CODES_PER_PHONE;
  return [{
    title: "POST /v1/verifications over SQLite",
    columns: [
      "handler",
      "req/s",
      "p50 ms",
      "p99 ms",
      "errors",
      "edge ÷ this",
      "CPU µs",
    ],
    rows: all.map((it) => [
      it.name,
      it.requestsPerSecond.toFixed(0),
      it.p50Ms.toFixed(2),
      it.p99Ms.toFixed(2),
      "0",
      (edge!.requestsPerSecond / it.requestsPerSecond).toFixed(2),
      it.cpuMicroseconds.toFixed(0),
    ]),
    notes: [
      `median of ${slices} interleaved slices of ${SIZE.phonesPerRound} requests from ${CLIENTS} clients, each`,
      `with a fresh code; ${SEEDS_PER_BUCKET} seeds in a bucket; every answer is durable (fsync).`,
      "The edge and the store write what arrives together with one fsync, node:sqlite",
      "each by itself. Servers and load generator share the machine's cores.",
    ],
  }];
};
