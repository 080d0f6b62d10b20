/**
 * What JavaScript holds in this process.
 *
 * @module
 */

import v8 from "node:v8";
import vm from "node:vm";

/** Rounds of collecting at most, and how many must bring nothing more. */
const MOST_ROUNDS = 50;
const QUIET_ROUNDS = 4;
const PAUSE_MS = 50;

/**
 * Bytes that are referenced yet, in the heap and in buffers outside of it. Some
 * need several rounds to be let go: it collects until nothing more goes.
 */
export async function memoryUsed(): Promise<number> {
  v8.setFlagsFromString("--expose-gc");
  const gc = vm.runInNewContext("gc");
  let least = Infinity;
  for (let round = 0, quiet = 0; round < MOST_ROUNDS; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const { heapUsed, external } = Deno.memoryUsage();
    // What a round of its own leaves is no growth.
    quiet = heapUsed + external < least * 0.999 ? 0 : quiet + 1;
    least = Math.min(least, heapUsed + external);
    if (quiet === QUIET_ROUNDS) break;
  }
  return least;
}
