/**
 * Turns of the event loop.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** Resolves after everything that is ready in this turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
