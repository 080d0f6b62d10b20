/**
 * A sender that reaches nobody: for what is put together without a network.
 *
 * @module
 */

import type { Sender } from "../edge/callback/sender.ts";

/** Connects to nothing. */
export const NO_SENDER: Sender = {
  send: () =>
    Promise.resolve({ kind: "failed", fault: "connect", durationMs: 0 }),
  check: () => Promise.resolve(null),
  close: () => Promise.resolve(),
};
