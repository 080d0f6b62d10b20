/**
 * Interleaved rounds: every contender runs for a slice of time, then the next,
 * and all of it again, so that a slow moment of the machine meets them alike.
 * The figure of a contender is the median of its rounds. Seconds are seconds of
 * CPU time, as `openssl speed` counts them: what else runs on the machine takes
 * time, but is not counted.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import v8 from "node:v8";
import vm from "node:vm";
import { median } from "../../table.ts";

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

/** Milliseconds of CPU time of this process so far, all threads together. */
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

/**
 * Seconds that all living threads of another process have computed, as the
 * kernel of Linux counts them; NaN where it does not tell.
 */
export function cpuSecondsOf(pid: number): number {
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

/**
 * Bytes that JavaScript references yet in this process, in the heap and in
 * buffers outside of it. Some need several collections to be let go.
 */
export async function memoryUsed(): Promise<number> {
  v8.setFlagsFromString("--expose-gc");
  const gc = vm.runInNewContext("gc");
  for (let i = 0; i < 4; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
