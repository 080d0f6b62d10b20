/**
 * What is sealed or proven under master keys, as something that can be counted
 * by key and sealed anew: so that an old master key can be taken out. Each kind
 * of record implements it beside its own rules.
 *
 * @module
 */

/** Everything of one kind. */
export interface SealedRecords {
  readonly kind: "seeds" | "callback secrets" | "API keys";
  /** All of it in parts, each small enough for one transaction. */
  parts(): AsyncIterable<SealedPart>;
}

/** A part: what its records are sealed under, and how they are sealed anew. */
export interface SealedPart {
  /** Of each key id, how many are sealed under it. */
  readonly counts: ReadonlyMap<string, number>;
  /**
   * Seals anew what is not under the first key of the keyring. Repeating it
   * changes nothing more.
   *
   * @throws {StoreUnavailableError} If nobody knows whether it was written.
   */
  reseal(): Promise<Resealed>;
}

/** How the sealing of a part ended. */
export interface Resealed {
  /** How many are sealed under the first key now that were not before. */
  readonly resealed: number;
  /** How many did not open; they are as they were. */
  readonly unopened: number;
}

/** Adds up how many are sealed under each key; `counts` is changed. */
export function addCounts(
  counts: Map<string, number>,
  kids: Iterable<string>,
): Map<string, number> {
  for (const kid of kids) counts.set(kid, (counts.get(kid) ?? 0) + 1);
  return counts;
}

/** Counts all of several kinds by key id. */
export async function countByKey(
  kinds: readonly SealedRecords[],
): Promise<Map<SealedRecords["kind"], ReadonlyMap<string, number>>> {
  const all = new Map<SealedRecords["kind"], ReadonlyMap<string, number>>();
  for (const { kind, parts } of kinds) {
    const total = new Map<string, number>();
    for await (const { counts } of parts()) {
      for (const [kid, n] of counts) total.set(kid, (total.get(kid) ?? 0) + n);
    }
    all.set(kind, total);
  }
  return all;
}
