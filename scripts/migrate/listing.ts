/**
 * Lists all that a migration copies and compares: every record of a store with its members, a
 * few at a time. The records that say that a store is used or moved are left out.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import {
  ALL_PREFIX,
  CELL_LEASE_KEY,
  kindOfName,
  MIGRATION_KEY,
  MIGRATION_LOCK_KEY,
  PRESENCE_PREFIX,
  PROCESSES_KEY,
  SECOND_MIGRATION_KEY,
  SECOND_PRESENCE_PREFIX,
} from "../../edge/store/keys.ts";
import type {
  IndexEntry,
  ListableStore,
  RestoredRecord,
  StoredIndex,
  StoredRecord,
} from "../../edge/store/store.ts";
import type { Recell } from "./recell.ts";

/** The kinds that are left out, because they are about one store only. */
const STAYING = new Set(
  [
    ...[MIGRATION_KEY, MIGRATION_LOCK_KEY, PRESENCE_PREFIX],
    ...[SECOND_MIGRATION_KEY, SECOND_PRESENCE_PREFIX],
    ...[CELL_LEASE_KEY, PROCESSES_KEY],
  ].map(kindOfName),
);
const MEMBERS = 1_000;
const INDEXES = 32;

/** Some records, and where the list goes on behind their page. */
export interface Listed {
  readonly records: readonly RestoredRecord[];
  /**
   * Where the next page begins; `undefined` if these are not the last records of their page;
   * `null` after the last ones of all.
   */
  readonly next: string | null | undefined;
}

/**
 * Lists all records from a page on.
 *
 * @param isWanted Says which names of a page are wanted.
 * @param recell Returns what each record becomes; by default it is not changed.
 * @throws {StoreUnavailableError} If the store does not answer.
 */
export async function* listRecords(
  store: ListableStore,
  from: string | undefined,
  isWanted: (record: StoredRecord) => boolean = () => true,
  recell: Recell = (record) => [record],
): AsyncGenerator<Listed> {
  let coming = store.records(ALL_PREFIX, from);
  for (;;) {
    const page = await coming;
    // A file returns its pages without waiting. Without this pause no reply of the other store
    // would be read before the last page of the file.
    await nextTurn();
    const { next } = page;
    if (next !== null) {
      // The next page is read while this one is used.
      coming = store.records(ALL_PREFIX, next);
      // A fault is thrown where the page is waited for.
      coming.catch(() => {});
    }
    const wanted = page.records.filter((it) =>
      !STAYING.has(kindOfName(it.name)) && isWanted(it)
    );
    const indexes = wanted.filter((it) => it.kind === "index");
    for (let at = 0; at < indexes.length; at += INDEXES) {
      const some = indexes.slice(at, at + INDEXES);
      for await (const records of withMembers(store, some)) {
        yield { records: records.flatMap(recell), next: undefined };
      }
    }
    const whole = wanted.filter((it) => it.kind !== "index");
    yield { records: whole.flatMap(recell), next };
    if (next === null) return;
  }
}

/** Some indexes with their members, all of them read side by side. */
async function* withMembers(
  store: ListableStore,
  indexes: readonly StoredIndex[],
): AsyncGenerator<RestoredRecord[]> {
  let left: { index: StoredIndex; after?: IndexEntry }[] = indexes
    .map((index) => ({ index }));
  while (left.length > 0) {
    await nextTurn();
    const pages = await Promise.all(
      left.map(({ index: { name: index }, after }) =>
        store.range({
          ...{ index, min: 0, max: Number.MAX_SAFE_INTEGER, limit: MEMBERS },
          ...(after !== undefined && { after }),
        })
      ),
    );
    yield pages.map((entries, i) => ({ ...left[i]!.index, entries }))
      .filter(({ entries }) => entries.length > 0);
    left = left.flatMap(({ index }, i) => {
      const entries = pages[i]!;
      const after = entries.length < MEMBERS ? undefined : entries.at(-1);
      return after === undefined ? [] : [{ index, after }];
    });
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
