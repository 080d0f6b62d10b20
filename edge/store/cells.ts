/**
 * Cells: parts of the records that a deployment divides among databases or among the nodes of a
 * Redis Cluster. A deployment has N of them, a number that is fixed when its store is first used.
 * A transaction changes records of one cell only.
 *
 * A name of `keys.ts` tells in which cell its record is: the name of a merchant's
 * record by the merchant's id, of an order by the order's name, of a customer's record
 * by a keyed hash of the account's id, of a bucket by its number. Some records exist
 * once in each cell, such as the index of what is due. They are *local*: a transaction
 * uses the one in the cell of its other records.
 *
 * A cell has a hash tag, which is a part of the stored names of its records. The 16 384
 * slots of a Redis Cluster are divided into N equal ranges, and the tag of cell i falls
 * on the middle of range i. So the cells are spread evenly over the nodes.
 *
 * @module
 */

import { createHash, createHmac } from "node:crypto";
import { ALL_PREFIX, CELL } from "./keys.ts";
import { placeIn, placeOfId, PLACES } from "./place.ts";
import type { Cells } from "./store.ts";

/** The most cells. */
export const MOST_CELLS = PLACES;

/** The number of slots of a Redis Cluster. */
const SLOTS = 16_384;

/** The slot of a Redis Cluster to which a hash tag belongs: CRC16/XMODEM of its bytes. */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of new TextEncoder().encode(tag)) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) {
      crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
    }
    crc &= 0xffff;
  }
  return crc % SLOTS;
}

/** Whether a deployment can have so many cells: a power of two up to 1024. */
export const isCellCount = (count: number): boolean =>
  Number.isInteger(count) && count >= 1 && count <= MOST_CELLS &&
  (count & (count - 1)) === 0;

/** The hash tags of `count` cells, in order: the lowest decimal numbers that fit. */
export function tagsOf(count: number): readonly string[] {
  const width = SLOTS / count;
  const tags = new Array<string>(count);
  for (let n = 0, left = count; left > 0; n++) {
    const slot = slotOf(`${n}`);
    if (slot % width !== width / 2) continue;
    const cell = Math.floor(slot / width);
    if (tags[cell] !== undefined) continue;
    tags[cell] = `${n}`;
    left--;
  }
  return tags;
}

/** The beginning of every name of `keys.ts`. */
const HEAD = `${CELL}:`;
/** The beginning of a name that says its cell: `oc:{#3}:…`. */
const PINNED = CELL.slice(0, CELL.indexOf("{") + 1) + "#";

/**
 * The name of a record in the given cell. It is for local records, whose names do not
 * say a cell.
 */
export const inCell = (name: string, cell: number): string =>
  `${PINNED}${cell}}${name.slice(CELL.length)}`;

/**
 * The cell for copies of records that the whole deployment needs even if cell 0 does
 * not answer. It is in another database or on another node than cell 0, unless cell 0
 * shares its database or node with more than half of all cells.
 */
export const secondCell = ({ count }: Pick<Cells, "count">): number =>
  count / 2;

/** The most keyed hashes that are remembered. */
const MOST_KNOWN = 20_000;

/**
 * Returns the place of a record, given the parts of its name behind the kind; `null` if
 * the record is local. There may be no parts.
 */
type Home = (parts: string) => number | null;

const local: Home = () => null;
/** Records of the whole deployment are in cell 0. */
const whole: Home = () => 0;
const ofId: Home = (parts) => placeOfId(firstOf(parts));
const ofHash: Home = placeIn;
/** The number behind the profile. */
const ofBucket: Home = (parts) =>
  Number(parts.slice(parts.indexOf(":") + 1)) % PLACES;
/** A payment's id: its order's name, then the customer's place. */
const ofPayer: Home = (parts) =>
  placeIn(parts.slice("pay_".length + ORDER_NAME_DIGITS));
const ORDER_NAME_DIGITS = 32;

function firstOf(parts: string): string {
  const end = parts.indexOf(":");
  return end < 0 ? parts : parts.slice(0, end);
}

/**
 * By the kind in a name: how the place of such a record is found, for kinds that need
 * no keyed hash.
 */
const HOMES: Readonly<Record<string, Home>> = {
  ...{ mode: whole, migration: whole, presence: whole },
  ...{ cell: local, "cells-used": local, "migration-lock": local },
  ...{ "erased-time": local },
  ...{ "operator-keys": whole, "destroyed-seeds": local },
  ...{ "core-release": whole, "core-releases": whole, "core-binary": whole },
  ...{ "core-switch": whole, "core-shadow": whole, "events-trimmed": whole },
  ...{ merchants: local, customers: local, erased: local, online: local },
  ...{ fence: local, processes: local, "second-migration": local },
  ...{ "second-presence": local },
  ...{ "erasure-key": local, "due-orders": local, "due-seeds": local },
  ...{ "due-callbacks": local, "cell-lease": local, apikey: ofHash },
  ...{ merchant: ofId, "merchant-keys": ofId, events: ofId, bill: ofId },
  ...{ "bills-closed": ofId, "callback-endpoint": ofId, callbacks: ofId },
  ...{ "callback-failures": ofId, "callback-breaker": ofId },
  ...{ "callback-test": ofId, "callback-lane": ofId, "callback-turn": ofId },
  ...{ "callback-slot": ofId, "callbacks-dead": ofId, callback: ofId },
  ...{ "callback-attempts": ofId, credential: ofId, order: ofHash },
  ...{ sweep: ofHash, refund: ofId, dead: ofId, claim: ofPayer },
  ...{ bucket: ofBucket, "bucket-rev": ofBucket, "sandbox-debit": ofPayer },
  ...{ "sandbox-refund": ofPayer, "sandbox-refunded": ofPayer },
  ...{ "sandbox-test": ofPayer },
  // `merchant mer_…`, with a till behind it, or `wallet key_…`.
  guesses: (parts) => placeOfId(parts.slice(0, parts.indexOf("_") + 4)),
};

/** The kinds whose place is a keyed hash of their first part. */
const KEYED = new Set([
  ...["account", "confirmations", "sandbox-account", "sandbox-spent"],
  "device",
]);

/**
 * Makes the cells of a deployment.
 *
 * @param key The secret under which ids of accounts and devices are hashed.
 * @throws {RangeError} If there cannot be so many cells.
 */
export function createCells(count: number, key: Uint8Array): Cells {
  if (!isCellCount(count)) {
    throw new RangeError("The number of cells must be a power of two");
  }
  return new NumberedCells(count, key);
}

class NumberedCells implements Cells {
  readonly count: number;
  readonly keyHash: string;
  readonly tags: readonly string[];
  readonly #key: Uint8Array;
  readonly #heads: readonly string[];
  readonly #known = new Map<string, number>();

  constructor(count: number, key: Uint8Array) {
    this.count = count;
    this.#key = key.slice();
    this.keyHash = createHash("sha256").update(key).digest("base64url");
    this.tags = tagsOf(count);
    this.#heads = this.tags.map((tag) => `${ALL_PREFIX}{${tag}}`);
  }

  placeOf(name: string): number | null {
    if (name.startsWith(PINNED)) {
      return Number.parseInt(name.slice(PINNED.length));
    }
    if (!name.startsWith(HEAD)) throw new TypeError("The name has no cell");
    const end = name.indexOf(":", HEAD.length);
    const kind = end < 0
      ? name.slice(HEAD.length)
      : name.slice(HEAD.length, end);
    const parts = end < 0 ? "" : name.slice(end + 1);
    if (KEYED.has(kind)) return this.#keyed(firstOf(parts));
    // The account is the second part.
    if (kind === "double-scan") {
      return this.#keyed(firstOf(parts.slice(parts.indexOf(":") + 1)));
    }
    if (kind === "verification") return this.#keyed(parts);
    const home = HOMES[kind];
    if (home === undefined) throw new TypeError("The name has no cell");
    return home(parts);
  }

  cellOf(name: string): number | null {
    const place = this.placeOf(name);
    return place === null ? null : place % this.count;
  }

  stored(name: string, cell: number): string {
    return this.#heads[cell]! + name.slice(name.indexOf("}") + 1);
  }

  named(stored: string): string | null {
    const end = stored.indexOf("}") + 1;
    const cell = this.#heads.indexOf(stored.slice(0, end));
    if (cell < 0) return null;
    const name = CELL + stored.slice(end);
    return this.placeOf(name) === null ? inCell(name, cell) : name;
  }

  #keyed(text: string): number {
    let place = this.#known.get(text);
    if (place === undefined) {
      const mac = createHmac("sha256", this.#key).update(text).digest();
      place = mac.readUInt16BE(0) % PLACES;
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.set(text, place);
    }
    return place;
  }
}
