/**
 * What JavaScript holds in this process.
 *
 * @module
 */

import v8 from "node:v8";
import vm from "node:vm";

/**
 * Bytes that are referenced yet, in the heap and in buffers outside of it. Some
 * need several rounds to be let go.
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
