/**
 * `POST /v1/verifications` at several servers in one run: round by round, each
 * server in turn gets fresh valid codes of the same phones, so that a slow
 * moment of the machine meets them alike. An answer but 200 fails the run.
 *
 * @module
 */

import { systemClock } from "../../edge/clock.ts";
import type { Phone } from "../phone.ts";
import { cpuSecondsOf } from "./cpu.ts";
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
  /** Of the server, all its threads, for one request. */
  readonly cpuMicroseconds: number;
  /** Of the store's process, for one request; NaN where there is none. */
  readonly storeCpuMicroseconds: number;
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
  readonly pid: number;
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
  { load, contenders, phones, walletKey, size, storePid }: {
    load: LoadProcess;
    contenders: readonly HttpContender[];
    /** The process that keeps the records, if that is another one. */
    storePid?: number;
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
    cpuSeconds: 0,
    storeCpuSeconds: 0,
  }));
  const storeCpu = () => storePid === undefined ? NaN : cpuSecondsOf(storePid);
  for (let round = 0; round <= rounds; round++) {
    const from = round * phonesPerRound;
    const some = phones.slice(from, from + phonesPerRound);
    for (const racer of racing) {
      const { origin, pid, results } = racer;
      const plan = { origin, path: PATH, key: walletKey, clients: CLIENTS };
      const cpuBefore = cpuSecondsOf(pid);
      const storeCpuBefore = storeCpu();
      const measured = await verifyAll(load, plan, some, `round-${round}`);
      if (round === 0) continue;
      results.push(...measured);
      racer.cpuSeconds += cpuSecondsOf(pid) - cpuBefore;
      racer.storeCpuSeconds += storeCpu() - storeCpuBefore;
    }
  }
  return racing.map(figures);
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

function figures({ name, results, cpuSeconds, storeCpuSeconds }: {
  readonly name: string;
  readonly results: readonly LoadResult[];
  readonly cpuSeconds: number;
  readonly storeCpuSeconds: number;
}): HttpFigures {
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
    cpuMicroseconds: cpuSeconds * 1e6 / latencies.length,
    storeCpuMicroseconds: storeCpuSeconds * 1e6 / latencies.length,
  };
}
