/**
 * One call at several servers in one run: round by round, each server in turn
 * gets fresh valid codes of the same phones, so that a slow moment of the
 * machine meets them alike. An answer but the expected one fails the run.
 *
 * @module
 */

import { systemClock } from "../../edge/base/clock.ts";
import { Latencies } from "../load/latencies.ts";
import type { Phone } from "../phone.ts";
import { cpuSecondsOf } from "./cpu.ts";
import type { LoadPlan, LoadResult } from "./http_load.ts";
import type { LoadProcess } from "./http_processes.ts";
import { median } from "../table.ts";

/** What a server did under load. */
export interface HttpFigures {
  readonly name: string;
  /** Requests of all rounds, each answered as expected. */
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
  /** Rounds that count. */
  readonly rounds: number;
  /** Rounds before them, for the compilers; 1 if not given. */
  readonly warmUpRounds?: number;
  /** Each shows two codes in its round, in two slices of it. */
  readonly phonesPerRound: number;
}

/** A server in the race. */
export interface HttpContender {
  readonly name: string;
  readonly origin: string;
  readonly pid: number;
  /** Instead of the race's, where several servers are on one store. */
  readonly phones?: readonly Phone[];
}

/** A call that spends a code. */
export interface RacedCall {
  readonly path: string;
  /** The one status that counts. */
  readonly status: string;
  /** Connections, each with one request under way. */
  readonly clients: number;
  /** The body beside the code: `reference` is new in each request. */
  readonly body: (reference: string, step: number) => object;
}

/** Connections to the server in a race of verifications. */
export const CLIENTS = 32;

/** `POST /v1/verifications`. */
export const VERIFICATION: RacedCall = {
  path: "/v1/verifications",
  status: "200",
  clients: CLIENTS,
  body: (reference) => ({ reference }),
};

/** This step's code and the next one's are accepted for 30 s at least. */
export const CODES_PER_PHONE = 2;
const STEP_MS = 30_000;

/** How many phones a race of this size needs. */
export function phonesFor(
  { rounds, warmUpRounds = 1, phonesPerRound }: HttpSize,
): number {
  return (warmUpRounds + rounds) * phonesPerRound;
}

/** A race to run. */
export interface HttpRace {
  readonly load: LoadProcess;
  /** {@linkcode VERIFICATION} if not given. */
  readonly call?: RacedCall;
  readonly contenders: readonly HttpContender[];
  /** The process that keeps the records, if that is another one. */
  readonly storePid?: number;
  /** As many as {@linkcode phonesFor} says. */
  readonly phones: readonly Phone[];
  readonly key: string;
  readonly size: HttpSize;
  /** What references begin with, new in each race at one server. */
  readonly name?: string;
}

/**
 * Runs the rounds; the figures are in the order of the contenders.
 *
 * @throws {Error} If an answer was another.
 */
export async function raceHttp(
  race: HttpRace,
): Promise<readonly HttpFigures[]> {
  const { load, call = VERIFICATION, contenders, phones, key, size } = race;
  const { storePid, name = "round" } = race;
  const { rounds, warmUpRounds = 1, phonesPerRound } = size;
  const racing = contenders.map((it) => ({
    ...it,
    results: [] as LoadResult[],
    cpuSeconds: 0,
    storeCpuSeconds: 0,
  }));
  const storeCpu = () => storePid === undefined ? NaN : cpuSecondsOf(storePid);
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    const from = round * phonesPerRound;
    for (const racer of racing) {
      const some = (racer.phones ?? phones)
        .slice(from, from + phonesPerRound);
      const { origin, pid, results } = racer;
      const { path, clients } = call;
      const plan = { origin, path, key, clients };
      const cpuBefore = cpuSecondsOf(pid);
      const storeCpuBefore = storeCpu();
      // Servers on one store share the references, too.
      const reference = `${name}-${racing.indexOf(racer)}-${round}`;
      const measured = await spendAll(load, call, plan, some, reference);
      if (round < warmUpRounds) continue;
      results.push(...measured);
      racer.cpuSeconds += cpuSecondsOf(pid) - cpuBefore;
      racer.storeCpuSeconds += storeCpu() - storeCpuBefore;
    }
  }
  return racing.map(figures);
}

async function spendAll(
  load: LoadProcess,
  call: RacedCall,
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
        ...call.body(`${reference}-${step}-${n}`, step),
      })
    );
    const result = await load.run({ ...plan, bodies });
    if (result.statuses[call.status] !== bodies.length) {
      const statuses = JSON.stringify(result.statuses);
      throw new Error(`Not only ${call.status}: ${statuses}`);
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
    cpuMicroseconds: cpuSeconds * 1e6 / latencies.count,
    storeCpuMicroseconds: storeCpuSeconds * 1e6 / latencies.count,
  };
}
