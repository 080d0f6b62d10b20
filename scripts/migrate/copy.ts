/**
 * Copies all records of a store into another one, from where an earlier run has come to. Each
 * record is put as it is, so that it does not matter which of them are put twice.
 *
 * @module
 */

import { lockNameOf } from "../../edge/health/migration.ts";
import { listRecords } from "./listing.ts";
import type { Recell } from "./recell.ts";
import {
  type Begun,
  lockCell,
  lockOf,
  noteFrom,
  type Side,
  takenOver,
} from "./stores.ts";

/** After so many records and members the next run need not begin before them. */
const NOTE_EVERY = 10_000;

/** How a copy is made. */
export interface CopyOptions {
  /** Waits until so many records and members may have been copied. */
  readonly pace: (copied: number) => Promise<void>;
  /** Says what becomes of each record. */
  readonly recell?: Recell | undefined;
  /** Told how many records and members were copied so far. */
  readonly at: (copied: number) => void;
}

/**
 * Copies the records that no run has copied yet.
 *
 * @throws {InputError} If another process has taken the migration over.
 * @throws {StoreUnavailableError} If a store does not answer; another run goes on.
 */
export async function copyRecords(
  from: Side,
  to: Side,
  begun: Begun,
  { pace, recell, at }: CopyOptions,
): Promise<void> {
  const locked = new Set<string>();
  let copied = 0;
  let noted = 0;
  const begin = begun.arriving.value!.from || undefined;
  const listed = listRecords(from.store, begin, undefined, recell);
  for await (const { records, next } of listed) {
    let count = 0;
    for (const it of records) {
      count += it.kind === "index" ? it.entries.length : 1;
      const lock = lockNameOf(to.store, it.name);
      if (locked.has(lock)) continue;
      await lockCell(to, begun, lock);
      locked.add(lock);
    }
    if (!await to.store.restore(records, lockOf(begun))) {
      throw takenOver(to.told);
    }
    copied += count;
    at(copied);
    // Only the last records of a page say where the next one begins.
    if (typeof next === "string" && copied - noted >= NOTE_EVERY) {
      await noteFrom(to, begun, next);
      noted = copied;
    }
    await pace(copied);
  }
}
