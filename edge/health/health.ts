/**
 * Readiness: whether this edge can serve a payment now. Every call asks the store,
 * the core and the clock again; nothing is cached.
 *
 * @module
 */

import { encodeHex } from "@std/encoding/hex";
import type { Core } from "../core/core.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { ClockGuard } from "./clock_guard.ts";
import type { StoreCheck, StoreWarning } from "./store_check.ts";

/** The edge is ready. */
export interface Ready {
  readonly kind: "ready";
  /** Edge's clock minus the store's, in ms. */
  readonly clockOffsetMs: number;
  readonly coreAbi: number;
  /** What an operator should change about the store. */
  readonly warnings: readonly StoreWarning[];
}

/** The use case of readiness. */
export interface Health {
  /** Whether payments can be served now, or why not. */
  ready(): Promise<Ready | Refusal>;
}

const KEY = new TextEncoder().encode("Jefe");
const MESSAGE = new TextEncoder().encode("what do ya want for nothing?");

/** Makes the {@linkcode Health} use case. */
export function createHealth(
  deps: {
    store: Store;
    core: Core;
    clockGuard: ClockGuard;
    storeCheck: StoreCheck;
  },
): Health {
  /** Computes RFC 4231, test case 2, in the core that serves requests. */
  function coreWorks(): boolean {
    try {
      const mac = deps.core.hmacSha256(KEY, MESSAGE);
      return encodeHex(mac.slice(0, 4)) === "5bdcc146";
    } catch {
      return false;
    }
  }

  return {
    async ready() {
      if (!coreWorks()) {
        return refused("store-unavailable", {
          detail: "The core does not compute as it must.",
        });
      }
      try {
        // A read runs the script that a payment runs: a store that answers TIME
        // may still be a replica, or full, or without the script.
        await deps.store.read({});
        const { sure, offsetMs = 0 } = await deps.clockGuard.measure();
        if (!sure) {
          return refused("clock-unsure", {
            detail: `The clocks of edge and store differ by ${offsetMs} ms.`,
          });
        }
        const { refusal, warnings } = await deps.storeCheck.look();
        if (refusal !== null) {
          return refused("store-unavailable", { detail: refusal });
        }
        return {
          kind: "ready",
          clockOffsetMs: offsetMs,
          coreAbi: deps.core.abi,
          warnings,
        };
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        return refused("store-unavailable", {
          detail: `The store does not answer: ${error.fault}.`,
        });
      }
    },
  };
}
