/**
 * A transport whose commands are measured by the node that is asked, so that a node which is slow
 * or does not answer is known by its address.
 *
 * @module
 */

import { type StoreFault, StoreUnavailableError } from "../store.ts";
import { isMoving, type RedisTransport } from "./transport.ts";

/** Takes the end of each command: which node was asked, whether it answered, and how long it took. */
export type NodeWatch = (node: string, isAnswered: boolean, ms: number) => void;

const UNANSWERED: readonly StoreFault[] = ["unreachable", "timeout"];

/** The same transport, watched. */
export function watchedTransport(
  transport: RedisTransport,
  watch: NodeWatch,
): RedisTransport {
  async function watched<T>(
    key: string | undefined,
    ask: () => Promise<T>,
  ): Promise<T> {
    // The address is asked for before the command, because afterwards another node may
    // have the name.
    const node = transport.nodeOf?.(key) ?? "";
    const startedMs = performance.now();
    const end = (isAnswered: boolean) =>
      watch(node, isAnswered, performance.now() - startedMs);
    try {
      const reply = await ask();
      end(true);
      return reply;
    } catch (error) {
      const isAway = error instanceof StoreUnavailableError &&
        UNANSWERED.includes(error.fault) && !isMoving(error);
      end(!isAway);
      throw error;
    }
  }

  return {
    maxRequests: transport.maxRequests,
    isOfOneCell: transport.isOfOneCell === true,
    run: (script, keys, args) =>
      watched(keys[0], () => transport.run(script, keys, args)),
    timeMs: (key) => watched(key, () => transport.timeMs(key)),
    scan: (...wanted) => transport.scan(...wanted),
    info: (key) => transport.info(key),
    close: () => transport.close(),
  };
}
