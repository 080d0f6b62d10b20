/**
 * Which master keys are still needed: how much is sealed, or proven, under each.
 *
 * @module
 */

import { countByKey, type SealedRecords } from "../vault/sealed_records.ts";
import type { Vault } from "../vault/seal.ts";

/** What is sealed under one master key. */
export interface KeyUse {
  readonly kid: string;
  /** `missing`: something is sealed under it and it is not in the keyring. */
  readonly state: "seals" | "opens" | "missing";
  readonly counts: Readonly<Record<SealedRecords["kind"], number>>;
}

/** The use case that counts by master key. */
export interface KeyringCounts {
  /**
   * Counts all records, which takes a second for each million of seeds and more.
   *
   * @throws {StoreUnavailableError} If the store cannot be asked.
   */
  count(): Promise<readonly KeyUse[]>;
}

/** Makes the {@linkcode KeyringCounts} use case. */
export function createKeyringCounts(
  deps: {
    vault: Pick<Vault, "kids">;
    sealed: readonly SealedRecords[];
  },
): KeyringCounts {
  const { kids } = deps.vault;
  return {
    async count() {
      const all = await countByKey(deps.sealed);
      const found = [...all.values()].flatMap((counts) => [...counts.keys()]);
      return [...new Set([...kids, ...found])].map((kid) => ({
        kid,
        state: kid === kids[0]
          ? "seals"
          : kids.includes(kid)
          ? "opens"
          : "missing",
        counts: {
          "seeds": all.get("seeds")?.get(kid) ?? 0,
          "callback secrets": all.get("callback secrets")?.get(kid) ?? 0,
          "API keys": all.get("API keys")?.get(kid) ?? 0,
        },
      }));
    },
  };
}
