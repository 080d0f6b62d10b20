/**
 * `POST /v1/verifications` at several servers in one run: round by round, each
 * server in turn gets fresh valid codes of the same phones, so that a slow
 * moment of the machine meets them alike. An answer but 200 fails the run.
 *
 * @module
 */

import { systemClock } from "../../edge/clock.ts";
import { Latencies } from "../load/latencies.ts";
import type { Phone } from "../phone.ts";
import type { LoadPlan, LoadResult } from "./http_load.ts";
import type { LoadProcess } from "./http_processes.ts";
import { median } from "./suite.ts";

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

/** A server in the race. */
export interface HttpContender {
  readonly name: string;
  readonly origin: string;
}

const PATH = "/v1/verifications";
/** Connections, each with one request under way. */
export const CLIENTS = 32;
/** This step's code and the next one's are accepted for 30 s at least. */
export const CODES_PER_PHONE = 2;
const STEP_MS = 30_000;

/** How many phones a race of this size needs. */
export function phonesFor({ rounds, phonesPerRound }: HttpSize): number {
  return (rounds + 1) * phonesPerRound;
}

/**
 * Runs the rounds; the figures are in the order of the contenders.
 *
 * @throws {Error} If an answer was not 200.
 */
export async function raceHttp(
  { load, contenders, phones, walletKey, size }: {
    load: LoadProcess;
    contenders: readonly HttpContender[];
    /** As many as {@linkcode phonesFor} says. */
    phones: readonly Phone[];
    walletKey: string;
    size: HttpSize;
  },
): Promise<readonly HttpFigures[]> {
  const { rounds, phonesPerRound } = size;
  const racing = contenders.map((it) => ({
    ...it,
    results: [] as LoadResult[],
  }));
  for (let round = 0; round <= rounds; round++) {
    const from = round * phonesPerRound;
    const some = phones.slice(from, from + phonesPerRound);
    for (const { origin, results } of racing) {
      const plan = { origin, path: PATH, key: walletKey, clients: CLIENTS };
      const measured = await verifyAll(load, plan, some, `round-${round}`);
      if (round > 0) results.push(...measured);
    }
  }
  return racing.map(({ name, results }) => figures(name, results));
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
  const latencies = new Latencies();
  for (const ms of results.flatMap((it) => it.latenciesMs)) latencies.add(ms);
  return {
    name,
    requests: latencies.count,
    requestsPerSecond: median(
      results.map((it) => it.latenciesMs.length / it.seconds),
    ),
    p50Ms: latencies.percentileMs(50),
    p99Ms: latencies.percentileMs(99),
  };
}
