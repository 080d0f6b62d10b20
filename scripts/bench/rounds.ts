/**
 * Interleaved rounds: every contender runs for a slice of time, then the next,
 * and all of it again, so that a slow moment of the machine meets them alike.
 * The figure of a contender is the median of its rounds. Seconds are seconds of
 * this process's CPU time, all threads together, as `openssl speed` counts them:
 * what else runs on the machine takes time, but is not counted.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { median } from "../table.ts";

/** Something to measure. */
export type Contender =
  & { readonly name: string }
  & (
    /** Does some of its work and answers how many operations that was. */
    | { run(): number | Promise<number> }
    /** Runs elsewhere and measures a round itself, operations per second. */
    | { rate(): Promise<number> }
  );

/** Operations per second of one contender. */
export interface Rate {
  readonly name: string;
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Rounds of which the median is taken; the first beside them warms up. */
export const ROUNDS = 9;
const SLICE_MS = 250;

/** Milliseconds of CPU time of this process so far. */
export function cpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

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

/** Runs all contenders, interleaved, and answers in their order. */
export async function race(contenders: readonly Contender[]): Promise<Rate[]> {
  const rates = contenders.map((): number[] => []);
  for (let round = -1; round < ROUNDS; round++) {
    for (const [i, contender] of contenders.entries()) {
      const rate = await slice(contender);
      if (round >= 0) rates[i]!.push(rate);
    }
  }
  return contenders.map(({ name }, i) => ({
    name,
    median: median(rates[i]!),
    lowest: Math.min(...rates[i]!),
    highest: Math.max(...rates[i]!),
  }));
}
