/**
 * A transport whose commands are measured by the node that is asked, so that a node which is slow
 * or does not answer is known by its address.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { type StoreFault, StoreUnavailableError } from "../store.ts";
import { isMoving, type RedisTransport } from "./transport.ts";

/** Takes what is seen of the nodes. */
export interface NodeWatch {
  /** The end of each command: which node was asked, whether it answered, and how long it took. */
  ended(node: string, isAnswered: boolean, ms: number): void;
  /** The clock of this machine minus that of a node, whenever a node has told its time. */
  compared(node: string, offsetMs: number): void;
}

const UNANSWERED: readonly StoreFault[] = ["unreachable", "timeout"];

/** The same transport, watched. */
export function watchedTransport(
  transport: RedisTransport,
  watch: NodeWatch,
  clock: Clock,
): RedisTransport {
  async function watched<T>(
    key: string | undefined,
    ask: () => Promise<T>,
    onReply: (reply: T, node: string, ms: number) => void = () => {},
  ): Promise<T> {
    // The address is asked for before the command, because afterwards another node may
    // have the name.
    const node = transport.nodeOf?.(key) ?? "";
    const startedMs = performance.now();
    const passedMs = () => performance.now() - startedMs;
    const end = (isAnswered: boolean) =>
      watch.ended(node, isAnswered, passedMs());
    try {
      const reply = await ask();
      end(true);
      onReply(reply, node, passedMs());
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
    timeMs: (key) =>
      watched(
        key,
        () => transport.timeMs(key),
        // The node has told its time about half-way.
        (timeMs, node, ms) =>
          watch.compared(node, clock.nowMs() - ms / 2 - timeMs),
      ),
    scan: (...wanted) => transport.scan(...wanted),
    info: (key) => transport.info(key),
    close: () => transport.close(),
  };
}
