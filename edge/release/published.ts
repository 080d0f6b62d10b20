/**
 * The signed manifest of the core that serves, and the binaries of cores, for wallets. Both
 * are public. A wallet trusts neither of them, and verifies them itself (`code/wallet.ts`).
 *
 * @module
 */

import { type Refusal, refused } from "../base/outcome.ts";
import type { SignedManifest } from "../code/manifest.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { CoreFollower } from "./follow.ts";
import { readBinary } from "./record.ts";

/** The use case of wallets that fetch a core. */
export interface PublishedCores {
  /** The manifest of the release that serves. */
  current(): Promise<SignedManifest | Refusal>;
  /** A binary by its SHA-256 in hex. */
  binary(sha256: string): Promise<Uint8Array<ArrayBuffer> | Refusal>;
}

/** Makes the {@linkcode PublishedCores} use case. */
export function createPublishedCores(deps: {
  store: Pick<Store, "read">;
  coreFollower: Pick<CoreFollower, "release" | "mustServe">;
}): PublishedCores {
  const { store, coreFollower } = deps;
  return {
    async current() {
      await coreFollower.mustServe();
      return coreFollower.release?.signed ?? refused("not-found", {
        detail:
          "No core release is active: wallets use the core that they have.",
      });
    },
    async binary(sha256) {
      // Most wallets ask for the core that serves, so this needs no read of the store.
      const { release } = coreFollower;
      if (release?.sha256 === sha256) return release.wasm;
      const wasm = await readBinary(store, sha256);
      if (wasm === null) return refused("not-found");
      // Caches keep this answer for ever, so a wrong binary must not be answered.
      const found = await crypto.subtle.digest("SHA-256", wasm);
      if (new Uint8Array(found).toHex() !== sha256) {
        throw new StoreUnavailableError("corrupt");
      }
      return wasm;
    },
  };
}
