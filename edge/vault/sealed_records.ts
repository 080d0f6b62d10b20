/**
 * A port for the kinds of records that are sealed or authenticated under master keys: they can
 * be counted by key and sealed anew, so that an old master key can be removed. Each kind
 * implements it in its own folder.
 *
 * @module
 */

/** All records of one kind. */
export interface SealedRecords {
  readonly kind: "seeds" | "callback secrets" | "API keys";
  /** The records in parts, each small enough for one transaction. */
  parts(): AsyncIterable<SealedPart>;
}

/** A part of the records. */
export interface SealedPart {
  /** How many records are sealed under each key, by its id. */
  readonly counts: ReadonlyMap<string, number>;
  /**
   * Seals the records that are not under the first key of the keyring anew; idempotent.
   *
   * @throws {StoreUnavailableError} If it is not known whether they were written.
   */
  reseal(): Promise<Resealed>;
}

/** The result of sealing a part anew. */
export interface Resealed {
  /** How many records were sealed anew. */
  readonly resealed: number;
  /** How many records did not open; they are unchanged. */
  readonly unopened: number;
}

/** Adds key ids to the counts. Changes and returns `counts`. */
export function addCounts(
  counts: Map<string, number>,
  kids: Iterable<string>,
): Map<string, number> {
  for (const kid of kids) counts.set(kid, (counts.get(kid) ?? 0) + 1);
  return counts;
}

/** Counts the records of several kinds by key id. */
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
