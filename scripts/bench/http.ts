/**
 * `POST /v1/verifications` over SQLite: a real server process under a load
 * generator in a process of its own, beside bare handlers in the same run,
 * round by round. Every request carries a fresh valid code, so every one is
 * searched, spent and recorded; an answer but 200 fails the bench.
 *
 * @module
 */

import { systemClock } from "../../edge/clock.ts";
import type { Phone } from "../phone.ts";
import type { LoadPlan, LoadResult } from "./http_load.ts";
import { type LoadProcess, startLoad, startServer } from "./http_processes.ts";
import { enrolPhones } from "./http_wallets.ts";
import { median, type Suite } from "./suite.ts";

/** What a server did under load. */
export interface HttpFigures {
  readonly name: string;
  /** Requests of all rounds, each answered with 200. */
  readonly requests: number;
  /** Median of the slices. */
  readonly requestsPerSecond: number;
  /** Over all rounds, milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How much is measured. */
export interface HttpSize {
  /** Rounds that count; one more goes before them, for the compilers. */
  readonly rounds: number;
  /** Each shows two codes in its round, in two slices of it. */
  readonly phonesPerRound: number;
}

const PATH = "/v1/verifications";
const CLIENTS = 32;
/** This step's code and the next one's are accepted for 30 s at least. */
const CODES_PER_PHONE = 2;
const SEEDS_PER_BUCKET = 100;
const STEP_MS = 30_000;
const SIZE: HttpSize = { rounds: 7, phonesPerRound: 1000 };

/**
 * Measures the edge and the bare handlers, the edge first.
 *
 * @throws {Error} If an answer was not 200.
 */
export async function benchHttp(
  { rounds, phonesPerRound }: HttpSize,
): Promise<readonly HttpFigures[]> {
  const folder = await Deno.makeTempDir({ prefix: "offcode-bench-" });
  try {
    const count = (rounds + 1) * phonesPerRound;
    const { phones, walletKey, env } = await enrolPhones({
      folder,
      count,
      buckets: Math.ceil(count / SEEDS_PER_BUCKET),
    });
    const entry = "scripts/bench/http_bare.ts";
    const bare = async (kind: string) => {
      await Deno.mkdir(`${folder}/${kind}`);
      return { entry, folder: `${folder}/${kind}`, env: { BARE: kind } };
    };
    await using load = startLoad();
    await using edge = await startServer({
      ...{ entry: "edge/main.ts", folder, env },
    });
    await using store = await startServer(await bare("store"));
    await using sqlite = await startServer(await bare("sqlite"));
    const contenders = [
      { name: "POST /v1/verifications", origin: edge.origin },
      { name: "bare Hono, JSON, one txn of the store", origin: store.origin },
      { name: "bare Hono, JSON, node:sqlite", origin: sqlite.origin },
    ].map((it) => ({ ...it, results: [] as LoadResult[] }));

    for (let round = 0; round <= rounds; round++) {
      const from = round * phonesPerRound;
      const some = phones.slice(from, from + phonesPerRound);
      for (const { origin, results } of contenders) {
        const plan = { origin, path: PATH, key: walletKey, clients: CLIENTS };
        const measured = await verifyAll(load, plan, some, `round-${round}`);
        if (round > 0) results.push(...measured);
      }
    }
    return contenders.map(({ name, results }) => figures(name, results));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function verifyAll(
  load: LoadProcess,
  plan: Omit<LoadPlan, "bodies">,
  phones: readonly Phone[],
  reference: string,
): Promise<LoadResult[]> {
  const nowMs = systemClock.nowMs();
  const results: LoadResult[] = [];
  // A phone's codes are spent in order: everyone's first ones come first.
  for (let step = 0; step < CODES_PER_PHONE; step++) {
    const bodies = phones.map((phone, n) =>
      JSON.stringify({
        code: phone.show(nowMs + step * STEP_MS).digits,
        reference: `${reference}-${step}-${n}`,
      })
    );
    const result = await load.run({ ...plan, bodies });
    if (result.statuses["200"] !== bodies.length) {
      throw new Error(`Not only 200: ${JSON.stringify(result.statuses)}`);
    }
    results.push(result);
  }
  return results;
}

function figures(name: string, results: readonly LoadResult[]): HttpFigures {
  const latencies = results.flatMap((it) => it.latenciesMs)
    .sort((a, b) => a - b);
  const at = (part: number) => latencies[Math.floor(latencies.length * part)]!;
  return {
    name,
    requests: latencies.length,
    requestsPerSecond: median(
      results.map((it) => it.latenciesMs.length / it.seconds),
    ),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

/** Requests per second and latencies, beside the bare handlers. */
export const httpSuite: Suite = async () => {
  const all = await benchHttp(SIZE);
  const [edge] = all;
  const slices = SIZE.rounds * CODES_PER_PHONE;
  return [{
    title: "POST /v1/verifications over SQLite",
    columns: ["handler", "req/s", "p50 ms", "p99 ms", "errors", "edge ÷ this"],
    rows: all.map((it) => [
      it.name,
      it.requestsPerSecond.toFixed(0),
      it.p50Ms.toFixed(2),
      it.p99Ms.toFixed(2),
      "0",
      (edge!.requestsPerSecond / it.requestsPerSecond).toFixed(2),
    ]),
    notes: [
      `median of ${slices} interleaved slices of ${SIZE.phonesPerRound} requests from ${CLIENTS} clients, each`,
      `with a fresh code; ${SEEDS_PER_BUCKET} seeds in a bucket; every answer is durable (fsync).`,
      "The edge and the store write what arrives together with one fsync, node:sqlite",
      "each by itself. Servers and load generator share the machine's cores.",
    ],
  }];
};
