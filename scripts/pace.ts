/**
 * Holds a task to so much a second, so that it leaves time for what customers wait for.
 *
 * @module
 */

import { InputError } from "./command.ts";

/**
 * The argument of `--per-second`; 0 is no limit.
 *
 * @throws {InputError} With the usage, if it is no number of at most seven digits.
 */
export function readPerSecond(text: string, usage: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InputError(usage);
  return Number(text);
}

/**
 * Makes what waits until so much may have begun, counted from now.
 *
 * @param perSecond 0 does not wait.
 */
export function createPace(
  perSecond: number,
): (begun: number) => Promise<void> {
  const startedMs = performance.now();
  return async (begun) => {
    if (perSecond === 0) return;
    const dueMs = startedMs + 1_000 * begun / perSecond;
    const pauseMs = dueMs - performance.now();
    if (pauseMs > 0) await new Promise((go) => setTimeout(go, pauseMs));
  };
}
