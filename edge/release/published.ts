/**
 * What wallets fetch: the signed manifest of the core that serves, and binaries.
 * Both are public. A wallet trusts neither, and verifies them by itself
 * (`code/wallet.ts`).
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
      // Nearly all ask for the one that serves, so the store is left alone.
      const { release } = coreFollower;
      if (release?.sha256 === sha256) return release.wasm;
      const wasm = await readBinary(store, sha256);
      if (wasm === null) return refused("not-found");
      // What is answered is kept for good under this name.
      const hash = await crypto.subtle.digest("SHA-256", wasm);
      if (new Uint8Array(hash).toHex() !== sha256) {
        throw new StoreUnavailableError("corrupt");
      }
      return wasm;
    },
  };
}
