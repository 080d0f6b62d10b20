/**
 * Interleaved rounds: every contender has its turn, then the next, and all of it
 * again, so that a slow moment of the machine meets them alike. Every bench that
 * compares measures with these; a figure is the median of the rounds.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { median } from "../../table.ts";

export interface Rounds {
  /** Rounds that count. */
  readonly rounds: number;
  /** Rounds before them, for the compilers; 1 if not given. */
  readonly warmUpRounds?: number;
}

/**
 * Gives each way its turn, round by round. The first round that counts is 0;
 * those that warm up come before it.
 *
 * @returns For each way what it gave in the rounds that count.
 */
export async function interleave<T>(
  ways: readonly ((round: number) => T | Promise<T>)[],
  { rounds, warmUpRounds = 1 }: Rounds,
): Promise<T[][]> {
  const given = ways.map((): T[] => []);
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [n, way] of ways.entries()) {
      const it = await way(round);
      if (round >= 0) given[n]!.push(it);
    }
  }
  return given;
}

/** A contender of a race, whose operations are counted. */
export type Contender =
  /** Does some of its work and answers how many operations that was. */
  | { run(): number | Promise<number> }
  /** Runs elsewhere and measures a round itself, operations per second. */
  | { rate(): Promise<number> };

const ROUNDS = 9;
const SLICE_MS = 250;

/** What the notes of a table say about {@linkcode race}. */
export const ROUNDS_NOTE = `median of ${ROUNDS} interleaved rounds`;

/** CPU time of this process so far in milliseconds, all threads together. */
export function cpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/**
 * Operations a second of CPU time, as `openssl speed` counts them: what else
 * runs on the machine takes time, but is not counted.
 */
async function slice(contender: Contender): Promise<number> {
  if ("rate" in contender) return contender.rate();
  const start = cpuMs();
  let done = 0;
  let ms: number;
  do {
    const some = contender.run();
    done += typeof some === "number" ? some : await some;
    ms = cpuMs() - start;
  } while (ms < SLICE_MS);
  return done * 1000 / ms;
}

/** Runs all contenders, interleaved; operations per second, in their order. */
export async function race(
  contenders: readonly Contender[],
): Promise<number[]> {
  const turns = contenders.map((it) => () => slice(it));
  return (await interleave(turns, { rounds: ROUNDS })).map(median);
}

/**
 * CPU time that all living threads of another process have used, in seconds, as
 * the kernel of Linux counts it; NaN if the system does not tell.
 */
export function cpuSecondsOf(pid: number | undefined): number {
  try {
    let nanoseconds = 0;
    for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
      // Time on the processor, time waiting for it, number of slices.
      const text = Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`);
      nanoseconds += Number(text.split(" ")[0]);
    }
    return nanoseconds / 1e9;
  } catch {
    return NaN;
  }
}
