/**
 * One call at several servers in one run: round by round, each server in turn
 * gets fresh valid codes of the same phones, so that a slow moment of the
 * machine meets them alike. An answer but the expected one fails the run.
 *
 * @module
 */

import { systemClock } from "../../../edge/base/clock.ts";
import { Latencies } from "../../load/latencies.ts";
import type { Phone } from "../../phone.ts";
import { median, type Table } from "../../table.ts";
import type { LoadPlan, LoadResult } from "./load_child.ts";
import type { LoadProcess } from "./processes.ts";
import { cpuSecondsOf } from "./rounds.ts";

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
  /** Instead of the race's. */
  readonly key?: string;
  /** Instead of the race's, where several are on one store. */
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

/** Connections of the load generator. */
export const CLIENTS = 32;

/** `POST /v1/verifications`. */
export const VERIFICATION: RacedCall = {
  path: "/v1/verifications",
  status: "200",
  clients: CLIENTS,
  body: (reference) => ({ reference }),
};

/** `POST /v1/payments`, over the sandbox ledger. */
export const PAYMENT: RacedCall = {
  path: "/v1/payments",
  status: "201",
  clients: 2 * CLIENTS,
  body: (reference, step) => ({
    order_id: reference,
    // Another one each time: alike purchases would wait for the customer.
    amount_minor: 1250 + step,
    currency: "EUR",
  }),
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
  readonly call: RacedCall;
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
export async function raceHttp(race: HttpRace): Promise<HttpFigures[]> {
  const { load, call, phones, size, storePid, name = "round" } = race;
  const { rounds, warmUpRounds = 1, phonesPerRound } = size;
  const racing = race.contenders.map((it) => ({
    ...{ key: race.key, phones, ...it },
    results: [] as LoadResult[],
    cpuSeconds: 0,
    storeCpuSeconds: 0,
  }));
  const cpuOf = (pid: number | undefined) =>
    pid === undefined ? NaN : cpuSecondsOf(pid);
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    const from = round * phonesPerRound;
    for (const [n, racer] of racing.entries()) {
      const some = racer.phones.slice(from, from + phonesPerRound);
      const { origin, pid, key } = racer;
      const before = [cpuOf(pid), cpuOf(storePid)] as const;
      // Servers on one store share the references, too.
      const reference = `${name}-${n}-${round}`;
      const plan = { origin, key };
      const measured = await spendAll(load, call, plan, some, reference);
      if (round < warmUpRounds) continue;
      racer.results.push(...measured);
      racer.cpuSeconds += cpuOf(pid) - before[0];
      racer.storeCpuSeconds += cpuOf(storePid) - before[1];
    }
  }
  return racing.map(figures);
}

async function spendAll(
  load: LoadProcess,
  call: RacedCall,
  plan: Pick<LoadPlan, "origin" | "key">,
  phones: readonly Phone[],
  reference: string,
): Promise<LoadResult[]> {
  const nowMs = systemClock.nowMs();
  const results: LoadResult[] = [];
  // A phone's codes are spent in order: everyone's first ones come first.
  for (let step = 0; step < CODES_PER_PHONE; step++) {
    const bodies = phones.map((phone, n) => ({
      code: phone.show(nowMs + step * STEP_MS).digits,
      ...call.body(`${reference}-${step}-${n}`, step),
    }));
    results.push(await callAll(load, call, plan, bodies));
  }
  return results;
}

/**
 * Sends every body once.
 *
 * @throws {Error} If an answer was another than the one that counts.
 */
export async function callAll(
  load: LoadProcess,
  { path, status, clients }: Omit<RacedCall, "body">,
  plan: Pick<LoadPlan, "origin" | "key">,
  bodies: readonly object[],
): Promise<LoadResult> {
  const texts = bodies.map((body) => JSON.stringify(body));
  const result = await load.run({ ...plan, path, clients, bodies: texts });
  if (result.statuses[status] !== bodies.length) {
    throw new Error(`Not only ${status}: ${JSON.stringify(result.statuses)}`);
  }
  return result;
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

/** What a column shows of a server; `first` is that of the first row. */
type Cell = (it: HttpFigures, first: HttpFigures) => string;

const CELLS = {
  "req/s": (it) => it.requestsPerSecond.toFixed(0),
  "÷ first": (it, first) =>
    (it.requestsPerSecond / first.requestsPerSecond).toFixed(2),
  "p50 ms": (it) => it.p50Ms.toFixed(2),
  "p99 ms": (it) => it.p99Ms.toFixed(2),
  // Another answer than the expected one would have failed the race.
  "errors": () => "0",
  "first ÷ this": (it, first) =>
    (first.requestsPerSecond / it.requestsPerSecond).toFixed(2),
  "p99 first ÷ this": (it, first) => (first.p99Ms / it.p99Ms).toFixed(2),
  "CPU µs": (it) => it.cpuMicroseconds.toFixed(0),
  "Redis µs": (it) => it.storeCpuMicroseconds.toFixed(0),
} satisfies Record<string, Cell>;

/** A column beside the name. */
export type RaceColumn = keyof typeof CELLS;

/** The figures of a race as a table. */
export function raceTable(
  figures: readonly HttpFigures[],
  columns: readonly RaceColumn[],
  { title, notes }: Required<Pick<Table, "title" | "notes">>,
): Table {
  const cells = columns.map((column): Cell => CELLS[column]);
  return {
    title,
    columns: ["server", ...columns],
    rows: figures.map((it) => [
      it.name,
      ...cells.map((cell) => cell(it, figures[0]!)),
    ]),
    notes,
  };
}

/** `median of 14 interleaved slices of 1000 requests from 32 clients`. */
export function slicesNote(
  { rounds, phonesPerRound }: HttpSize,
  { path, clients }: RacedCall,
): string {
  const slices = rounds * CODES_PER_PHONE;
  const what = path.split("/").at(-1);
  return `median of ${slices} interleaved slices of ${phonesPerRound} ${what} from ${clients} clients`;
}
