/**
 * One transport for the stores of several cells. Each cell has a store of its own, because a run
 * of the script may name records of one cell only in a cluster, and asks the node that holds it.
 *
 * @module
 */

import type { RedisTransport } from "./transport.ts";

/**
 * The same transport once for each key, which is a name in the cell that its store is for. The
 * transport is closed when all of them are.
 */
export function shareTransport(
  transport: RedisTransport,
  keys: readonly string[],
): RedisTransport[] {
  let open = keys.length;
  return keys.map((key) => ({
    maxRequests: transport.maxRequests,
    run: (...run) => transport.run(...run),
    timeMs: () => transport.timeMs(key),
    scan: (...wanted) => transport.scan(...wanted),
    info: () => transport.info(key),
    async close() {
      open--;
      if (open === 0) await transport.close();
    },
  }));
}
