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
  readonly records: number;
  /** Members of the indexes among them. */
  readonly members: number;
  /** The sum of the hashes of all, 128 bits in hex. */
  readonly digest: string;
}

/** What a store holds. */
export interface Tally {
  /** The counts by the kind of the records, such as `order`. */
  readonly counts: ReadonlyMap<string, Count>;
  /** The names of the locks of all cells that hold records. */
  readonly locks: readonly string[];
}

const MODULUS = 1n << 128n;

/** What a kind's count is made of. */
interface Sum {
  records: number;
  members: number;
  digest: bigint;
}

/**
 * Counts a store.
 *
 * @param untilMs Records that end until then are not counted: they may end while two stores are
 * counted.
 * @param at Told how many records and members were counted so far.
 * @param recell Says as what each record is counted.
 * @throws {StoreUnavailableError} If the store does not answer.
 */
export async function tallyOf(
  store: ListableStore,
  untilMs: number,
  at: (counted: number) => void,
  recell?: Recell,
): Promise<Tally> {
  const sums = new Map<string, Sum>();
  function sumOf({ name }: StoredRecord): Sum {
    const kind = kindOfName(name);
    const sum = sums.get(kind) ?? { records: 0, members: 0, digest: 0n };
    sums.set(kind, sum);
    return sum;
  }
  const locks = new Set<string>();
  using seen = new SeenNames();
  /** The members of a long index come in several parts. */
  using begun = new SeenNames();
  /** Counts a name once, however often it and its members are listed. */
  function isWanted(it: StoredRecord): boolean {
    locks.add(lockNameOf(store, it.name));
    const ends = it.kind === "index" ? null : it.expiresAtMs;
    return (ends ?? Infinity) > untilMs && seen.isNew(it.name);
  }
  let counted = 0;
  const listed = listRecords(store, undefined, isWanted, recell);
  for await (const { records } of listed) {
    for (const record of records) {
      const sum = sumOf(record);
      const isWhole = record.kind !== "index";
      if (isWhole || begun.isNew(record.name)) sum.records++;
      const texts = textsOf(record);
      if (record.kind === "index") sum.members += texts.length;
      for (const text of texts) {
        sum.digest = (sum.digest + hashOf(text)) % MODULUS;
      }
      counted += Math.max(1, texts.length);
    }
    at(counted);
  }
  const counts = new Map(
    [...sums].sort().map(([kind, { digest, ...counts }]) => [
      kind,
      { ...counts, digest: hex(digest) },
    ]),
  );
  return { counts, locks: [...locks] };
}

/** The counts of all kinds together. */
export function totalOf({ counts }: Tally): Count {
  let records = 0;
  let members = 0;
  let digest = 0n;
  for (const it of counts.values()) {
    records += it.records;
    members += it.members;
    digest = (digest + BigInt(`0x${it.digest}`)) % MODULUS;
  }
  return { records, members, digest: hex(digest) };
}

/** The kinds of which two tallies do not say the same. */
export function differingKinds(a: Tally, b: Tally): string[] {
  const kinds = new Set([...a.counts.keys(), ...b.counts.keys()]);
  const textOf = ({ counts }: Tally, kind: string) =>
    JSON.stringify(counts.get(kind));
  return [...kinds].sort().filter((it) => textOf(a, it) !== textOf(b, it));
}

const hex = (digest: bigint) => digest.toString(16).padStart(32, "0");

/** Texts that say all of a record, one for each member of an index. */
function textsOf(record: RestoredRecord): string[] {
  switch (record.kind) {
    case "value": {
      const { name, value, expiresAtMs } = record;
      return [JSON.stringify(["value", name, expiresAtMs, value])];
    }
    case "map": {
      const { name, fields, expiresAtMs } = record;
      const sorted = fields.toSorted(([a], [b]) => a < b ? -1 : 1);
      return [JSON.stringify(["map", name, expiresAtMs, sorted])];
    }
    case "index":
      return record.entries.map(({ score, member }) =>
        JSON.stringify(["index", record.name, score, member])
      );
  }
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
