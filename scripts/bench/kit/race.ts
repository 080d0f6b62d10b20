/**
 * One call at several servers in one run: round by round, each server in turn
 * gets fresh valid codes of its phones. An answer but the expected one fails the
 * run.
 *
 * @module
 */

import { systemClock } from "../../../edge/base/clock.ts";
import { CURRENCY } from "../../client.ts";
import { drive, type Outcome, requestBytes } from "../../load/drive.ts";
import { Latencies } from "../../load/latencies.ts";
import type { Phone } from "../../phone.ts";
import { median, type Table, tableOf } from "../../table.ts";
import { cpuSecondsOf, interleave, type Rounds } from "./rounds.ts";

/** A call that spends a code. */
export interface RacedCall {
  readonly path: string;
  /** The one status that counts. */
  readonly status: number;
  /** Connections, each with one request under way. */
  readonly clients: number;
  /** Requests that are due a second; without it each follows another at once. */
  readonly perSecond?: number;
  /** The body beside the code: `reference` is new in each request. */
  readonly body: (reference: string, step: number) => object;
}

export const CLIENTS = 32;

export const VERIFICATION: RacedCall = {
  ...{ path: "/v1/verifications", status: 200, clients: CLIENTS },
  body: (reference) => ({ reference }),
};

/** `POST /v1/payments`, over the sandbox ledger. */
export const PAYMENT: RacedCall = {
  ...{ path: "/v1/payments", status: 201, clients: 2 * CLIENTS },
  body: (reference, step) => ({
    order_id: reference,
    // Equal purchases would wait for the customer, so each has another amount.
    ...{ amount_minor: 1250 + step, currency: CURRENCY },
  }),
};

export interface HttpSize extends Rounds {
  /** Each phone shows two codes in its round, one in each of two slices. */
  readonly phonesPerRound: number;
}

/** How many phones a race of this size needs. */
export function phonesFor(
  { rounds, warmUpRounds = 1, phonesPerRound }: HttpSize,
): number {
  return (warmUpRounds + rounds) * phonesPerRound;
}

export interface HttpContender {
  readonly name: string;
  readonly origin: string;
  readonly pid: number;
  /** The key, or several that the requests take in turn. */
  readonly key: string | readonly string[];
  /**
   * As many as {@linkcode phonesFor} says; several servers on one store need
   * phones of their own.
   */
  readonly phones: readonly Phone[];
  /** The processes that keep the records, if those are other ones. */
  readonly storePids: readonly number[];
}

/** The codes of this step and of the next one are accepted for 30 s at least. */
export const CODES_PER_PHONE = 2;
const STEP_MS = 30_000;

/**
 * Sends every body once, in their order; the latencies are in milliseconds, at a
 * rate from when each was due; the bytes are those of all answers.
 *
 * @throws {Error} If an answer was another than the one that counts.
 */
export async function callAll(
  { path, status, clients, perSecond }: Omit<RacedCall, "body">,
  { origin, key }: Pick<HttpContender, "origin" | "key">,
  bodies: readonly object[],
) {
  const keys = [key].flat();
  const requests = bodies.map((it, n) => {
    const body = JSON.stringify(it);
    return requestBytes({ origin, path, key: keys[n % keys.length]!, body });
  });
  const beginMs = performance.now();
  const latenciesMs: number[] = [];
  const others = new Set<string | number>();
  let [sent, answerBytes, startMs, endMs] = [0, 0, Infinity, 0];
  const next = () => {
    const bytes = requests[sent];
    if (bytes === undefined) return null;
    const n = sent++;
    const dueMs = perSecond && beginMs + n * 1000 / perSecond;
    return {
      ...(dueMs !== undefined && { dueMs }),
      bytes: () => bytes,
      ended(outcome: Outcome) {
        const found = "fault" in outcome ? outcome.fault : outcome.status;
        if ("fault" in outcome || found !== status) {
          return void others.add(found);
        }
        latenciesMs.push(outcome.endedMs - (dueMs ?? outcome.sentMs));
        startMs = Math.min(startMs, outcome.sentMs);
        endMs = Math.max(endMs, outcome.endedMs);
        answerBytes += outcome.bytes;
      },
    };
  };
  await drive({ origin, clients, next });
  if (others.size > 0) {
    throw new Error(`${path} answered ${[...others]}, not ${status} alone`);
  }
  // Without the time that opening the connections took.
  return { seconds: (endMs - startMs) / 1000, latenciesMs, answerBytes };
}

/** What a server did under load. */
export type HttpFigures = ReturnType<typeof figuresOf>;

/**
 * Runs the rounds; the figures are in the order of the contenders.
 *
 * @param name What references begin with, new in each race at one server.
 * @throws {Error} If an answer was another than the one that counts.
 */
export async function raceHttp(
  call: RacedCall,
  size: HttpSize,
  contenders: readonly HttpContender[],
  name = "round",
): Promise<HttpFigures[]> {
  const turns = contenders.map((server, n) => async (round: number) => {
    const { pid, phones, storePids } = server;
    const from = (round + (size.warmUpRounds ?? 1)) * size.phonesPerRound;
    const some = phones.slice(from, from + size.phonesPerRound);
    const processes = [pid, ...storePids];
    const before = processes.map(cpuSecondsOf);
    const nowMs = systemClock.nowMs();
    const slices = [];
    // A phone must spend its codes in order, so all phones show their first
    // code first.
    for (let step = 0; step < CODES_PER_PHONE; step++) {
      const bodies = some.map((phone, i) => ({
        code: phone.show(nowMs + step * STEP_MS).digits,
        // Servers on one store share the references, so the contender's number
        // is in them.
        ...call.body(`${name}-${n}-${round}-${step}-${i}`, step),
      }));
      slices.push(await callAll(call, server, bodies));
    }
    const cpuSeconds = processes.map((it, i) => cpuSecondsOf(it) - before[i]!);
    return { slices, cpuSeconds };
  });
  const measured = await interleave(turns, size);
  return contenders.map(({ name }, n) => figuresOf(name, measured[n]!));
}

function figuresOf(
  name: string,
  rounds: readonly {
    readonly slices: readonly Awaited<ReturnType<typeof callAll>>[];
    /** Of the server, then of each process of its store. */
    readonly cpuSeconds: readonly number[];
  }[],
) {
  const slices = rounds.flatMap((it) => it.slices);
  const latencies = new Latencies(slices.flatMap((it) => it.latenciesMs));
  const { count: requests } = latencies;
  const [cpuMicroseconds, ...storeCpuMicroseconds] = rounds[0]!.cpuSeconds
    .map((_, n) => sum(rounds.map((it) => it.cpuSeconds[n]! * 1e6)) / requests);
  const rates = slices.map((it) => it.latenciesMs.length / it.seconds);
  return {
    ...{ name, requests },
    /** Median of the slices. */
    requestsPerSecond: median(rates),
    p50Ms: latencies.percentileMs(50),
    p99Ms: latencies.percentileMs(99),
    /** Of the server, all its threads, for one request. */
    cpuMicroseconds: cpuMicroseconds!,
    /** Of each of the store's processes, for one request. */
    storeCpuMicroseconds,
    /** Of an answer, head and body. */
    answerBytes: sum(slices.map((it) => it.answerBytes)) / requests,
  };
}

export const sum = (values: readonly number[]): number =>
  values.reduce((all, it) => all + it, 0);

/** The figures of a race as a table; they are compared with the first ones. */
export function raceTable(
  title: string,
  figures: readonly HttpFigures[],
  notes: readonly string[],
): Table {
  const first = figures[0]!;
  const rows = figures.map((it) => ({
    "server": it.name,
    "req/s": it.requestsPerSecond,
    "p50 ms": it.p50Ms,
    "p99 ms": it.p99Ms,
    "÷ first": it.requestsPerSecond / first.requestsPerSecond,
    "first ÷ this": first.requestsPerSecond / it.requestsPerSecond,
    "p99 first ÷ this": first.p99Ms / it.p99Ms,
    "CPU µs": it.cpuMicroseconds,
    "Redis µs": sum(it.storeCpuMicroseconds) || "",
  }));
  return tableOf(title, rows, notes);
}

/** `median of 14 interleaved slices of 1000 verifications from 32 clients`. */
export function slicesNote(
  { rounds, phonesPerRound }: HttpSize,
  { path, clients }: RacedCall,
): string {
  const slices = rounds * CODES_PER_PHONE;
  const what = path.split("/").at(-1);
  return `median of ${slices} interleaved slices of ${phonesPerRound} ${what} from ${clients} clients`;
}
