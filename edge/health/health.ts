/**
 * Readiness: whether this edge can serve a payment now. Every call asks the store,
 * the core and the clock again; nothing is cached.
 *
 * @module
 */

import { encodeHex } from "@std/encoding/hex";
import type { CoreSwitch, ReleasedCore } from "../core/switch.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { ClockGuard } from "./clock_guard.ts";
import type { StoreCheck, StoreFindings, StoreWarning } from "./store_check.ts";
import type { StoreMode } from "../merchant/store_mode.ts";

/** The edge is ready. */
export interface Ready {
  readonly kind: "ready";
  /** Edge's clock minus the store's, in ms. */
  readonly clockOffsetMs: number;
  readonly coreAbi: number;
  /** Where the core that serves comes from. */
  readonly core: Pick<ReleasedCore, "releaseId" | "version">;
  /** What an operator should change. */
  readonly warnings: readonly (StoreWarning | CoreWarning)[];
}

/** What an operator should change about core releases. */
export interface CoreWarning {
  /** Another core serves than the one that is active. */
  readonly code: "core-release-unfit";
  readonly detail: string;
}

/** The use case of readiness. */
export interface Health {
  /** Whether payments can be served now, or why not. */
  ready(): Promise<Ready | Refusal>;
}

const KEY = new TextEncoder().encode("Jefe");
const MESSAGE = new TextEncoder().encode("what do ya want for nothing?");

/** Only cell 0 says of which mode the store is and which core release is active. */
const NEEDS_CELL_0 =
  " An edge that has just started needs cell 0 once; edges that have used the " +
  "store go on without it, so do not restart them.";

/** Makes the {@linkcode Health} use case. */
export function createHealth(
  deps: {
    store: Store;
    cores: Pick<CoreSwitch, "core" | "serving">;
    /** Follows the switch of core releases. */
    coreFollower: {
      readonly fault: string | null;
      mustServe(): Promise<void>;
    };
    clockGuard: ClockGuard;
    storeCheck: StoreCheck;
    storeMode: StoreMode;
  },
): Health {
  const { store, cores, coreFollower } = deps;
  /** What an edge needs that was not ready yet. */
  let needs = store.cells === undefined ? "" : NEEDS_CELL_0;
  /** Computes RFC 4231, test case 2, in the core that serves requests. */
  function coreWorks(): boolean {
    try {
      const mac = cores.core.hmacSha256(KEY, MESSAGE);
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
        await coreFollower.mustServe();
        // The read runs the script that a payment runs, because a store that
        // answers TIME may still be a replica, or full, or without the script.
        await store.read({});
        const { sure, offsetMs = 0 } = await deps.clockGuard.measure();
        if (!sure) {
          return refused("clock-unsure", {
            detail: `The clocks of edge and store differ by ${offsetMs} ms.`,
          });
        }
        const { refusal, warnings } = await findingsOf(deps);
        const no = refusal ?? await deps.storeMode.refusal();
        if (no !== null) return refused("store-unavailable", { detail: no });
        needs = "";
        return {
          kind: "ready",
          clockOffsetMs: offsetMs,
          coreAbi: cores.core.abi,
          core: {
            releaseId: cores.serving.releaseId,
            version: cores.serving.version,
          },
          warnings: coreFollower.fault === null ? warnings : [...warnings, {
            code: "core-release-unfit",
            detail: coreFollower.fault,
          }],
        };
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        return refused("store-unavailable", {
          detail: coreFollower.fault === null
            ? `The store does not answer: ${error.fault}.${needs}`
            : `The active core release cannot serve here: ${coreFollower.fault}`,
        });
      }
    },
  };
}

/**
 * What was found about the store's settings. Of a store with several cells a database may be away:
 * the others are served all the same, and all are judged together once all have answered.
 *
 * @throws {StoreUnavailableError} If a store of one cell has not answered yet.
 */
export async function findingsOf(
  { store, storeCheck }: { store: Store; storeCheck: StoreCheck },
): Promise<StoreFindings> {
  try {
    return await storeCheck.look();
  } catch (error) {
    const isAway = error instanceof StoreUnavailableError;
    if (!isAway || store.cells === undefined) throw error;
    return { refusal: null, warnings: [] };
  }
}
