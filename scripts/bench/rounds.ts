/**
 * Interleaved rounds: every contender runs for a slice of time, then the next,
 * and all of it again, so that a slow moment of the machine meets them alike.
 * The figure of a contender is the median of its rounds.
 *
 * @module
 */

import { median } from "./suite.ts";

/** Something to measure. */
export interface Contender {
  readonly name: string;
  /** Does some of its work and answers how many operations that was. */
  run(): number | Promise<number>;
}

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

async function slice({ run }: Contender): Promise<number> {
  const start = performance.now();
  let done = 0;
  let ms: number;
  do {
    const some = run();
    done += typeof some === "number" ? some : await some;
    ms = performance.now() - start;
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
