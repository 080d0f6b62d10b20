/**
 * Finds out which master keys are still needed, by counting the records that are sealed
 * or authenticated under each.
 *
 * @module
 */

import { countByKey, type SealedRecords } from "../vault/sealed_records.ts";
import type { Vault } from "../vault/seal.ts";

/** The records that are sealed or authenticated under one master key. */
export interface KeyUse {
  readonly kid: string;
  /**
   * `seals`: the first key of the keyring, under which new records are sealed.
   * `opens`: another key of the keyring. `missing`: records are sealed under a
   * key that the keyring does not have.
   */
  readonly state: "seals" | "opens" | "missing";
  readonly counts: Readonly<Record<SealedRecords["kind"], number>>;
}

/** The use case that counts by master key. */
export interface KeyringCounts {
  /**
   * Counts all records. This takes at least a second for each million seeds.
   *
   * @throws {StoreUnavailableError} If the store does not answer.
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
