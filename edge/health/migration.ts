/**
 * The record that a migration writes into both stores, so that no edge uses records
 * that were moved, or that are not complete yet.
 *
 * @module
 */

import { timeText } from "../base/clock.ts";
import {
  MIGRATION_KEY,
  MIGRATION_LOCK_KEY,
  sameCell,
  SECOND_MIGRATION_KEY,
} from "../store/keys.ts";
import { inCell, secondCell } from "../store/cells.ts";
import { json, plainText, recordKind } from "../store/record.ts";
import type { Cells, Store } from "../store/store.ts";

/** The latest migration from or to a store. */
export interface Migration {
  /** The number of the run, which both stores have. */
  readonly run: string;
  /**
   * In the old store: `leaving` while its records are copied, `left` afterwards. In the
   * new store: `arriving` while records are copied into it, `arrived` afterwards.
   */
  readonly state: "leaving" | "left" | "arriving" | "arrived";
  /** The address of the other store, without a password. */
  readonly other: string;
  /** When this state began, unix ms. */
  readonly at_ms: number;
  /** While the records arrive: how many processes have begun to copy them. */
  readonly copier?: number;
  /** While the records arrive: where the next page of the list begins. */
  readonly from?: string;
}

/** The migration of a store; absent if there was none. */
export const migrations = recordKind({
  key: () => MIGRATION_KEY,
  form: json<Migration>(),
});

/** The same in the second cell of a store of several, without what only a copying process needs. */
export const secondMigrations = recordKind({
  key: (cells: Cells) => inCell(SECOND_MIGRATION_KEY, secondCell(cells)),
  form: json<Migration>(),
});

/** The number of the process that may copy into a cell, by the name of the cell's lock. */
export const migrationLocks = recordKind({
  key: (lock: string) => lock,
  form: plainText,
});

/** The name of the lock of a record's cell. */
export const lockNameOf = ({ cells }: Pick<Store, "cells">, name: string) =>
  cells === undefined
    ? sameCell(MIGRATION_LOCK_KEY, name)
    : inCell(MIGRATION_LOCK_KEY, cells.cellOf(name)!);

/** Why a store with this migration must not be used, or `null` if it may be used. */
export function migrationRefusal(migration: Migration | null): string | null {
  if (migration === null || migration.state === "arrived") return null;
  const { state, other, at_ms } = migration;
  const since = timeText(at_ms);
  switch (state) {
    case "left":
      return `The records were moved to ${other} at ${since}: use that store.`;
    case "leaving":
      return `The records are being moved to ${other} since ${since}: start ` +
        "the migration again to end it, or give it up.";
    case "arriving":
      return `The records of ${other} are being copied here since ${since}: ` +
        "start the migration again to end it.";
  }
}
