/**
 * Counts what a store holds, and makes a digest of it that does not depend on the order in
 * which the store lists its records: two stores with the same records, members, fields and ends
 * have the same tally, whatever engines they are.
 *
 * @module
 */

import { hash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { lockNameOf } from "../../edge/health/migration.ts";
import { kindOfName } from "../../edge/store/keys.ts";
import type {
  ListableStore,
  RestoredRecord,
  StoredRecord,
} from "../../edge/store/store.ts";
import { listRecords } from "./listing.ts";
import type { Recell } from "./recell.ts";

/** What was counted. */
export interface Count {
  records: number;
  /** Members of the indexes among them. */
  members: number;
  /** The sum of the hashes of all, 128 bits. */
  digest: bigint;
}

/** What a store holds. */
export interface Tally {
  /** The counts by the kind of the records, such as `order`. */
  readonly counts: ReadonlyMap<string, Readonly<Count>>;
  /** The names of the locks of all cells that hold records. */
  readonly locks: readonly string[];
}

const MODULUS = 1n << 128n;
const newCount = (): Count => ({ records: 0, members: 0, digest: 0n });

/**
 * Counts a store.
 *
 * @param untilMs Records that end until then are not counted: they may end while two stores are
 * counted.
 * @param at Called with the number of records and members that were counted since the last call.
 * @param recell Returns the records as which each record is counted.
 * @throws {StoreUnavailableError} If the store does not answer.
 */
export async function tallyOf(
  store: ListableStore,
  untilMs: number,
  at: (more: number) => void,
  recell?: Recell,
): Promise<Tally> {
  const counts = new Map<string, Count>();
  const locks = new Set<string>();
  using listed = new SeenNames();
  /** The members of a long index come in several parts. */
  using counted = new SeenNames();
  /** Counts a name once, however often it and its members are listed. */
  function isWanted(it: StoredRecord): boolean {
    locks.add(lockNameOf(store, it.name));
    const ends = it.kind === "index" ? null : it.expiresAtMs;
    return (ends ?? Infinity) > untilMs && listed.isNew(it.name);
  }
  const pages = listRecords(store, undefined, isWanted, recell);
  for await (const { records } of pages) {
    let more = 0;
    for (const record of records) {
      const kind = kindOfName(record.name);
      const count = counts.get(kind) ?? newCount();
      counts.set(kind, count);
      const isIndex = record.kind === "index";
      if (!isIndex || counted.isNew(record.name)) count.records++;
      const texts = textsOf(record);
      if (isIndex) count.members += texts.length;
      for (const text of texts) {
        count.digest = (count.digest + hashOf(text)) % MODULUS;
      }
      more += Math.max(1, texts.length);
    }
    at(more);
  }
  return { counts, locks: [...locks] };
}

/** The counts of all kinds together. */
export function totalOf({ counts }: Tally): Count {
  const total = newCount();
  for (const { records, members, digest } of counts.values()) {
    total.records += records;
    total.members += members;
    total.digest = (total.digest + digest) % MODULUS;
  }
  return total;
}

/** The kinds of which two tallies have different counts. */
export function differingKinds(a: Tally, b: Tally): string[] {
  const kinds = new Set([...a.counts.keys(), ...b.counts.keys()]);
  return [...kinds].sort().filter((kind) => {
    const [one, other] = [a.counts.get(kind), b.counts.get(kind)];
    return one?.records !== other?.records || one?.members !== other?.members ||
      one?.digest !== other?.digest;
  });
}

/** Texts that say all of a record, one for each member of an index. */
function textsOf(record: RestoredRecord): string[] {
  const { kind, name } = record;
  if (kind === "index") {
    return record.entries.map(({ score, member }) =>
      JSON.stringify([kind, name, score, member])
    );
  }
  const content = kind === "value"
    ? record.value
    : record.fields.toSorted(([a], [b]) => a < b ? -1 : 1);
  return [JSON.stringify([kind, name, record.expiresAtMs, content])];
}

const hashOf = (text: string): bigint =>
  BigInt(`0x${hash("sha256", text).slice(0, 32)}`);

/**
 * The names that were counted, since a store may list one more than once. They are kept on the
 * disk by 63 bits of their hashes, so that memory does not grow with the store.
 */
class SeenNames {
  readonly #db = new DatabaseSync("");
  readonly #insert;

  constructor() {
    this.#db.exec("CREATE TABLE seen (hash INTEGER PRIMARY KEY); BEGIN");
    this.#insert = this.#db.prepare("INSERT OR IGNORE INTO seen VALUES (?)");
  }

  isNew(name: string): boolean {
    const bits = BigInt.asUintN(63, hashOf(name));
    return this.#insert.run(bits).changes === 1;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
