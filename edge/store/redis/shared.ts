/**
 * One transport for the stores of several cells. Each cell has a store of its own,
 * because in a cluster a run of the script may only name records of one cell: the node
 * that holds the cell makes the run.
 *
 * @module
 */

import type { RedisTransport } from "./transport.ts";

/**
 * Returns the transport once for each key. A key is any name in the cell that the store
 * is for. The transport is closed when all stores have closed theirs.
 */
export function shareTransport(
  transport: RedisTransport,
  keys: readonly string[],
): RedisTransport[] {
  let open = keys.length;
  return keys.map((key) => ({
    maxRequests: transport.maxRequests,
    isOfOneCell: transport.isOfOneCell === true,
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
