/**
 * One call at several servers in one run: round by round, each server in turn
 * gets fresh valid codes of the same phones. An answer but the expected one fails
 * the run.
 *
 * @module
 */

import { systemClock } from "../../../edge/base/clock.ts";
import { Latencies } from "../../load/latencies.ts";
import type { Phone } from "../../phone.ts";
import { median, type Table } from "../../table.ts";
import type { LoadPlan, LoadResult } from "./load.ts";
import type { WorkerThread } from "./processes.ts";
import { cpuSecondsOf, interleave, type Rounds } from "./rounds.ts";

/** What a server did under load. */
export type HttpFigures = ReturnType<typeof figures>;

/** How much is measured. */
export interface HttpSize extends Rounds {
  /** Each phone shows two codes in its round, one in each of two slices. */
  readonly phonesPerRound: number;
}

/** A server in the race. */
export interface HttpContender {
  readonly name: string;
  readonly origin: string;
  readonly pid: number;
  /** By default the key of the race. */
  readonly key?: string;
  /**
   * By default the phones of the race; several servers on one store need phones
   * of their own.
   */
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
  ...{ path: "/v1/verifications", status: "200", clients: CLIENTS },
  body: (reference) => ({ reference }),
};

/** `POST /v1/payments`, over the sandbox ledger. */
export const PAYMENT: RacedCall = {
  ...{ path: "/v1/payments", status: "201", clients: 2 * CLIENTS },
  body: (reference, step) => ({
    order_id: reference,
    // Equal purchases would wait for the customer, so each has another amount.
    amount_minor: 1250 + step,
    currency: "EUR",
  }),
};

/**
 * The code of this step and that of the next one are accepted for at least 30
 * s.
 */
export const CODES_PER_PHONE = 2;
/** The length of a time step. */
export const STEP_MS = 30_000;

/** How many phones a race of this size needs. */
export function phonesFor(
  { rounds, warmUpRounds = 1, phonesPerRound }: HttpSize,
): number {
  return (warmUpRounds + rounds) * phonesPerRound;
}

/** The load generator. */
export type LoadThread = WorkerThread<LoadPlan, LoadResult>;

/** A race to run. */
export interface HttpRace {
  readonly load: LoadThread;
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
  const { load, call, size, storePid, name = "round" } = race;
  const turns = race.contenders.map((contender, n) => async (round: number) => {
    const { origin, pid, key, phones } = { ...race, ...contender };
    const from = (round + (size.warmUpRounds ?? 1)) * size.phonesPerRound;
    const some = phones.slice(from, from + size.phonesPerRound);
    const cpuBefore = cpuSecondsOf(pid);
    const storeBefore = cpuSecondsOf(storePid);
    const nowMs = systemClock.nowMs();
    const results: LoadResult[] = [];
    // A phone must spend its codes in order, so all phones show their first
    // code first.
    for (let step = 0; step < CODES_PER_PHONE; step++) {
      const bodies = some.map((phone, i) => ({
        code: phone.show(nowMs + step * STEP_MS).digits,
        // Servers on one store share the references, so the contender's number
        // is in them.
        ...call.body(`${name}-${n}-${round}-${step}-${i}`, step),
      }));
      results.push(await callAll(load, call, { origin, key }, bodies));
    }
    return {
      results,
      cpuSeconds: cpuSecondsOf(pid) - cpuBefore,
      storeCpuSeconds: cpuSecondsOf(storePid) - storeBefore,
    };
  });
  const measured = await interleave(turns, size);
  return race.contenders.map(({ name }, n) => figures(name, measured[n]!));
}

/**
 * Sends every body once.
 *
 * @throws {Error} If an answer was another than the one that counts.
 */
export async function callAll(
  load: LoadThread,
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

function figures(
  name: string,
  rounds: readonly {
    readonly results: readonly LoadResult[];
    readonly cpuSeconds: number;
    readonly storeCpuSeconds: number;
  }[],
) {
  const slices = rounds.flatMap((it) => it.results);
  const latencies = new Latencies();
  for (const ms of slices.flatMap((it) => it.latenciesMs)) latencies.add(ms);
  const { count: requests } = latencies;
  const microseconds = (of: "cpuSeconds" | "storeCpuSeconds") =>
    rounds.reduce((sum, it) => sum + it[of], 0) * 1e6 / requests;
  return {
    name,
    requests,
    /** Median of the slices. */
    requestsPerSecond: median(
      slices.map((it) => it.latenciesMs.length / it.seconds),
    ),
    p50Ms: latencies.percentileMs(50),
    p99Ms: latencies.percentileMs(99),
    /** Of the server, all its threads, for one request. */
    cpuMicroseconds: microseconds("cpuSeconds"),
    /** Of the store's process, for one request; NaN where there is none. */
    storeCpuMicroseconds: microseconds("storeCpuSeconds"),
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
