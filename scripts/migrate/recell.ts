/**
 * Divides the records of a store of one cell among many: says where each record goes, and what
 * stays behind.
 *
 * Most records find their cell by their names. A seed does not: the number of its bucket is in
 * every code of it, and says the cell. So credentials stay behind, and customers enrol again.
 * Their policies and limits go with them.
 *
 * @module
 */

import { inCell } from "../../edge/store/cells.ts";
import {
  type AccountField,
  apiKeyKey,
  DUE_CALLBACKS_KEY,
  DUE_ORDERS_KEY,
  kindOfName,
  merchantKey,
  MERCHANTS_KEY,
} from "../../edge/store/keys.ts";
import { storeModes } from "../../edge/merchant/store_mode.ts";
import { readRecords } from "../../edge/store/record.ts";
import type {
  Cells,
  ListableStore,
  RestoredRecord,
} from "../../edge/store/store.ts";
import { InputError } from "../command.ts";

/** Returns the records that a record becomes; none if it stays behind. */
export type Recell = (record: RestoredRecord) => readonly RestoredRecord[];

/** The kinds that belong to seeds, or that are needed only for a short time. */
const LEFT = new Set(
  ["credential", "bucket", "bucket-rev", "due-seeds", "online", "device"]
    .concat(["customers", "destroyed-seeds", "fence"]),
);
/** The kinds that are copied into every cell, because each cell looks them up in itself. */
const EVERYWHERE = new Set(["erasure-key", "erased", "erased-time"]);
const OF_SEEDS: readonly AccountField[] = [
  ...["credential", "ended", "seed", "online"] as const,
];

/** Makes a {@linkcode Recell} that divides the records of one cell among these cells. */
export function createRecell(cells: Cells): Recell {
  const all = Array.from({ length: cells.count }, (_, cell) => cell);
  return (record) => {
    const { name, kind } = record;
    const what = kindOfName(name);
    if (LEFT.has(what)) return [];
    if (EVERYWHERE.has(what)) {
      return all.map((cell) => ({ ...record, name: inCell(name, cell) }));
    }
    if (what === "account" && kind === "map") {
      const fields = record.fields.filter(([field]) =>
        !OF_SEEDS.includes(field as AccountField)
      );
      return fields.length === 0 ? [] : [{ ...record, fields }];
    }
    if (kind !== "index") return [record];
    if (what === "merchant-keys") refuseOldKeys(cells, record);
    if (name !== MERCHANTS_KEY && name !== DUE_CALLBACKS_KEY) return [record];
    // Both are of merchants, each of which is in one cell.
    const parts = Map.groupBy(
      record.entries,
      ({ member }) => cells.cellOf(merchantKey(member))!,
    );
    return [...parts].map(([cell, entries]) => ({
      ...{ kind, entries, name: inCell(name, cell) },
    }));
  };
}

/**
 * A merchant's keys are in the merchant's cell, because a payment checks both in one step.
 *
 * @throws {InputError} If a key is not: a version without cells has made it.
 */
function refuseOldKeys(
  cells: Cells,
  { name, entries }: Extract<RestoredRecord, { kind: "index" }>,
): void {
  for (const { member } of entries) {
    const hash = /[0-9a-f]{64}$/.exec(member)?.[0] ?? "";
    if (cells.cellOf(apiKeyKey(hash)) === cells.cellOf(name)) continue;
    throw new InputError(
      `A key of the merchant ${
        name.split(":").at(-1)
      } was made by an earlier ` +
        "version: make a new one, and end that one",
    );
  }
}

/**
 * Refuses to divide a store of which a payment could not go on: one that is under way lacks what
 * says so in the cell of its customer, and the sandbox changes accounts and payments in one step.
 *
 * @throws {InputError} If there is one.
 */
export async function refuseUndivided(store: ListableStore): Promise<void> {
  const [{ value: mode }] = await readRecords(store, [storeModes()]);
  if (mode === "test") {
    throw new InputError(
      "A store of mode test is not divided: begin a new one",
    );
  }
  const query = { index: DUE_ORDERS_KEY, min: 0, max: Number.MAX_SAFE_INTEGER };
  const due = await store.range({ ...query, limit: 1_000 });
  if (due.length === 0) return;
  throw new InputError(
    `${due.length} payments are under way: let an edge end them first`,
  );
}
