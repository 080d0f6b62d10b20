/**
 * Code that is interrupted when its time is over, also inside a core that never returns.
 *
 * `Worker.terminate()` is not enough for that: Deno ends a worker only when its code returns
 * (denoland/deno#35657), so its thread would use a processor for as long as the process lives.
 * Only the time limit of a script of `node:vm` interrupts code from outside.
 *
 * @module
 */

import { Script } from "node:vm";

/** Where the script finds what it is to call. */
const NAME = "offcodeInterruptible";
const script = new Script(`${NAME}()`);
const scope = globalThis as { [NAME]?: () => unknown };

/**
 * Returns what `work` returns, or `undefined` if it was interrupted.
 *
 * `limitMs` is an integer of at least 1. It counts the time of a clock, so `work` that does not
 * get a processor is interrupted too. `work` must not wait for anything.
 */
export function withinTime<T>(
  work: () => T,
  limitMs: number,
): { readonly result: T } | undefined {
  scope[NAME] = work;
  try {
    return { result: script.runInThisContext({ timeout: limitMs }) as T };
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
  } finally {
    delete scope[NAME];
  }
}
