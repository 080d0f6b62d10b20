/**
 * A store of many cells: it finds the cell of every record by its name, and the database of every
 * cell. Above it a name is what `keys.ts` made; below it the name carries the tag of its cell.
 *
 * A transaction changes one cell, whole or not at all. A read may be of several cells; it is one
 * snapshot only of the records in one database. A local value in it is in the cell of the first
 * record that has one. A page of a local index is merged from all cells.
 *
 * @module
 */

import { type Clock, systemClock } from "../../base/clock.ts";
import { promptAnswers } from "../../base/prompt_answers.ts";
import { merge } from "../indexes.ts";
import { CheckedStore, Mark } from "./checked.ts";
import { ALL_PREFIX, CELL, CELL_KEY, CELLS_USED_KEY } from "../keys.ts";
import { keepAllUsed, markFault } from "./fingerprint.ts";
import {
  type Cells,
  type Check,
  type IndexEntry,
  type ListableStore,
  nameOf,
  type RangeQuery,
  type ReadRequest,
  type Ref,
  type RestoredRecord,
  type RestoreLock,
  type Snapshot,
  type Store,
  type StoredRecord,
  type Transaction,
  type TxnResult,
  type Write,
} from "../store.ts";

/** What a store of many cells is made of. */
export interface CelledOptions<S extends Store = Store> {
  readonly cells: Cells;
  /** The database of each cell, in order. Several cells may have the same one. */
  readonly stores: readonly S[];
  /** The clock with which the databases' are compared; the machine's by default. */
  readonly clock?: Clock;
}

/**
 * Makes the store. Closing it closes all its databases. Before a database is used, the
 * fingerprints of its cells are compared with the configuration.
 */
export function createCelledStore(
  options: CelledOptions<ListableStore> & {
    /** The two digits that route codes to this wallet. */
    readonly prefix: string;
    /**
     * One of `stores`, if it lists the records of all cells. Without it each store
     * lists the records of its own cells.
     */
    readonly lists?: ListableStore;
  },
): ListableStore {
  const { cells, stores, clock = systemClock, prefix, lists } = options;
  const checked = new Map<ListableStore, CheckedStore>();
  const deployment = { cells, stores, prefix };
  const mark = lists &&
    new Mark(() => markFault(lists, cells, [...cells.tags.keys()]), clock);
  const onFit = async () => {
    if (distinct.every((it) => it.fits)) await keepAllUsed(deployment);
  };
  for (const [cell, store] of stores.entries()) {
    const known = checked.get(store);
    if (known === undefined) {
      checked.set(
        store,
        new CheckedStore(store, { ...deployment, clock, onFit, mark }, cell),
      );
    } else known.own.push(cell);
  }
  const distinct = [...checked.values()];
  const listed: Listed[] = lists === undefined
    ? distinct.map((store) => ({ store, prefix: store.prefix }))
    : [{ store: checked.get(lists)!, prefix: ALL_PREFIX }];
  return {
    ...withCells({
      ...{ cells, stores: stores.map((it) => checked.get(it)!), clock },
    }),
    async names(start, from) {
      const { items, next } = await pageOf(
        listed,
        from,
        (store, all, cursor) => store.names(all, cursor),
        ({ names }) =>
          names.map((it) => cells.named(it))
            .filter((it): it is string => it?.startsWith(start) === true),
      );
      return { names: items, next };
    },
    async records(start, from) {
      const { items, next } = await pageOf(
        listed,
        from,
        (store, all, cursor) => store.records(all, cursor),
        ({ records }) => namedRecords(cells, records, start),
      );
      return { records: items, next };
    },
    restore: (records, lock) =>
      restore(
        { cells, stores: stores.map((it) => checked.get(it)!) },
        records,
        lock,
      ),
    async refusal() {
      const ends = await Promise.allSettled(distinct.map((it) => it.fault()));
      const found = ends.filter((it) => it.status === "fulfilled")
        .map(({ value }) => value);
      // A database that does not answer now is compared before it is used.
      const [first] = ends;
      if (found.length === 0 && first?.status === "rejected") {
        throw first.reason;
      }
      return found.find((it) => it !== null) ?? null;
    },
  };
}

/** The names of records that are about a cell itself. */
const ABOUT_CELLS: readonly string[] = [CELL_KEY, CELLS_USED_KEY];

/** The same over databases whose names cannot be listed. */
export function withCells(
  { cells, stores, clock = systemClock }: CelledOptions,
): Store {
  const distinct = [...new Set(stores)];
  return {
    cells,
    read: (request) => read(cells, stores, request),
    range: async (query) =>
      (await read(cells, stores, { ranges: [query] })).ranges[0]!,
    pages: (queries) => pages(cells, stores, queries),
    txn: async (transaction) => await txn(cells, stores, transaction),
    timeMs: () => worstTime(distinct, clock),
    ...(stores[0]!.facts !== undefined && {
      facts: async () =>
        (await Promise.all(distinct.map((it) => it.facts!()))).flat(),
    }),
    async close() {
      await Promise.all(distinct.map((it) => it.close()));
    },
  };
}

/** How long the other clocks are awaited after the first one has answered. */
const CLOCKS_MS = 250;

/**
 * The time of the database whose clock is farthest from that of this machine, because
 * if one of them is in doubt, this machine must not trust its own clock. A database
 * that does not answer soon is left out, because nothing in its cells can be paid
 * anyway.
 *
 * @throws {StoreUnavailableError} If none answers.
 */
async function worstTime(
  stores: readonly Store[],
  clock: Clock,
): Promise<number> {
  if (stores.length === 1) return await stores[0]!.timeMs();
  // Each time is converted to the moment of the first request, so that slow answers can
  // be compared.
  const startedMs = performance.now();
  const hereMs = clock.nowMs();
  const passedMs = () => performance.now() - startedMs;
  const clocks = await promptAnswers(
    stores.map(async (it) => await it.timeMs() - passedMs()),
    CLOCKS_MS,
  );
  const worst = clocks.reduce((one, other) =>
    Math.abs(other - hereMs) > Math.abs(one - hereMs) ? other : one
  );
  return Math.round(worst + passedMs());
}

/** Gives names their stored form, each name once. */
class Renaming {
  readonly #stored = new Map<string, string>();
  readonly #cells: Cells;
  readonly cell: number;

  constructor(cells: Cells, cell: number) {
    this.#cells = cells;
    this.cell = cell;
  }

  name(name: string): string {
    let stored = this.#stored.get(name);
    if (stored === undefined) {
      stored = this.#cells.stored(name, this.cell);
      this.#stored.set(name, stored);
    }
    return stored;
  }

  ref(ref: Ref): Ref {
    return typeof ref === "string"
      ? this.name(ref)
      : { map: this.name(ref.map), field: ref.field };
  }

  check(check: Check): Check {
    if (check.kind === "never") return check;
    if (check.kind === "empty") {
      return { ...check, index: this.name(check.index) };
    }
    return check.kind === "within"
      ? { ...check, counter: this.ref(check.counter) }
      : { ...check, key: this.ref(check.key) };
  }

  write(write: Write): Write {
    switch (write.kind) {
      case "set":
      case "delete":
        return { ...write, key: this.ref(write.key) };
      case "add":
        return { ...write, counter: this.ref(write.counter) };
      case "index":
      case "unindex":
        return { ...write, index: this.name(write.index) };
    }
  }
}

/** The name of the record that a check or a write is about; `null`: there is none. */
function recordOf(it: Check | Write): string | null {
  if (it.kind === "never") return null;
  if ("index" in it) return it.index;
  return nameOf("counter" in it ? it.counter : it.key);
}

/**
 * The cell of a transaction; `null` if all its records are local.
 *
 * @throws {TypeError} If it names records of two cells, which is a bug.
 */
function cellOfTransaction(
  cells: Cells,
  { checks, writes, reads = [] }: Transaction,
): number | null {
  let found: number | null = null;
  let last = "";
  const meet = (name: string) => {
    if (name === last) return;
    last = name;
    const cell = cells.cellOf(name);
    if (cell === null || cell === found) return;
    if (found !== null) {
      throw new TypeError("A transaction names records of two cells");
    }
    found = cell;
  };
  for (const list of [checks, writes]) {
    for (const it of list) {
      const name = recordOf(it);
      if (name !== null) meet(name);
    }
  }
  for (const ref of reads) meet(nameOf(ref));
  return found;
}

async function txn(
  cells: Cells,
  stores: readonly Store[],
  transaction: Transaction,
): Promise<TxnResult> {
  const cell = cellOfTransaction(cells, transaction);
  if (cell !== null) return await txnIn(cells, stores, cell, transaction);
  const { checks, writes, reads = [] } = transaction;
  const isRemoval = checks.length === 0 && reads.length === 0 &&
    writes.every(({ kind }) => kind === "unindex");
  if (!isRemoval) throw new TypeError("A transaction names no cell");
  // Nobody knows in which cell a member of a local index is, so it is removed from all.
  const results = await Promise.all(
    stores.map((_, i) => txnIn(cells, stores, i, transaction)),
  );
  return results[0]!;
}

function txnIn(
  cells: Cells,
  stores: readonly Store[],
  cell: number,
  { checks, writes, reads }: Transaction,
): Promise<TxnResult> {
  const renaming = new Renaming(cells, cell);
  return stores[cell]!.txn({
    checks: checks.map((it) => renaming.check(it)),
    writes: writes.map((it) => renaming.write(it)),
    ...(reads !== undefined &&
      { reads: reads.map((it) => renaming.ref(it)) }),
  });
}

/** The part of a read that one database answers, with places in the whole read. */
interface Part {
  readonly keys: Ref[];
  readonly keyPlaces: number[];
  readonly ranges: RangeQuery[];
  readonly rangePlaces: number[];
}

async function read(
  cells: Cells,
  stores: readonly Store[],
  { keys = [], ranges = [] }: ReadRequest,
): Promise<Snapshot> {
  const parts = new Map<Store, Part>();
  const renamings = new Map<number, Renaming>();
  const partOf = (cell: number): [Part, Renaming] => {
    const store = stores[cell]!;
    let part = parts.get(store);
    if (part === undefined) {
      part = { keys: [], keyPlaces: [], ranges: [], rangePlaces: [] };
      parts.set(store, part);
    }
    let renaming = renamings.get(cell);
    if (renaming === undefined) {
      renaming = new Renaming(cells, cell);
      renamings.set(cell, renaming);
    }
    return [part, renaming];
  };
  const homes = keys.map((ref) => cells.cellOf(nameOf(ref)));
  const first = homes.find((it) => it !== null);
  for (const [i, ref] of keys.entries()) {
    const cell = homes[i] ?? first;
    if (cell == null) throw new TypeError("A read of a local record only");
    const [part, renaming] = partOf(cell);
    part.keys.push(renaming.ref(ref));
    part.keyPlaces.push(i);
  }
  for (const [i, query] of ranges.entries()) {
    const home = cells.cellOf(query.index);
    for (const cell of home === null ? stores.keys() : [home]) {
      const [part, renaming] = partOf(cell);
      part.ranges.push({ ...query, index: renaming.name(query.index) });
      part.rangePlaces.push(i);
    }
  }
  if (parts.size === 0) {
    // An empty read is a question whether the store answers at all, so one database
    // that answers is enough.
    return await Promise.any([...new Set(stores)].map((it) => it.read({})))
      .catch((error: AggregateError) => Promise.reject(error.errors[0]));
  }
  const values = new Array<string | null>(keys.length).fill(null);
  const pages = ranges.map((): (readonly IndexEntry[])[] => []);
  await Promise.all(
    [...parts].map(async ([store, part]) => {
      const snapshot = await store.read({
        ...(part.keys.length > 0 && { keys: part.keys }),
        ...(part.ranges.length > 0 && { ranges: part.ranges }),
      });
      part.keyPlaces.forEach((at, i) => values[at] = snapshot.values[i]!);
      part.rangePlaces.forEach((at, i) => pages[at]!.push(snapshot.ranges[i]!));
    }),
  );
  return { values, ranges: pages.map((it, i) => merge(it, ranges[i]!.limit)) };
}

/** Reads pages, those of one database together. A page of all cells is read by itself. */
function pages(
  cells: Cells,
  stores: readonly Store[],
  queries: readonly RangeQuery[],
): readonly Promise<readonly IndexEntry[]>[] {
  const groups = Map.groupBy(queries, ({ index }) => {
    const cell = cells.cellOf(index);
    return cell === null ? index : stores[cell]!;
  });
  const found = new Map<RangeQuery, Promise<readonly IndexEntry[]>>();
  for (const ranges of groups.values()) {
    const snapshot = read(cells, stores, { ranges });
    for (const [i, query] of ranges.entries()) {
      found.set(query, snapshot.then((it) => it.ranges[i]!));
    }
  }
  return queries.map((it) => found.get(it)!);
}

/** A store whose records are listed, and the prefix of their names. */
interface Listed {
  readonly store: ListableStore;
  /**
   * In a stored name the tag comes before the kind. A prefix for several cells can
   * therefore not contain the kind.
   */
  readonly prefix: string;
}

/** One page of a list over all databases. A cursor is the number of the database, then its own. */
async function pageOf<
  Page extends { readonly next: string | null },
  Item,
>(
  listed: readonly Listed[],
  from = "0:",
  read: (
    store: ListableStore,
    prefix: string,
    from?: string,
  ) => Promise<Page>,
  itemsOf: (page: Page) => Item[],
): Promise<{ items: Item[]; next: string | null }> {
  const colon = from.indexOf(":");
  const at = Number(from.slice(0, colon));
  const cursor = from.slice(colon + 1);
  const { store, prefix } = listed[at]!;
  const page = await read(store, prefix, cursor === "" ? undefined : cursor);
  const items = itemsOf(page);
  if (page.next !== null) return { items, next: `${at}:${page.next}` };
  return { items, next: at + 1 < listed.length ? `${at + 1}:` : null };
}

/**
 * The records whose names begin with the prefix, under the names of `keys.ts`. Those
 * about the cells themselves are left out.
 */
function namedRecords(
  cells: Cells,
  records: readonly StoredRecord[],
  prefix: string,
): StoredRecord[] {
  return records.flatMap((record) => {
    const name = cells.named(record.name);
    if (name === null) return [];
    // The name of a local record contains its cell. It is compared without that part.
    const unpinned = CELL + name.slice(name.indexOf("}") + 1);
    return !ABOUT_CELLS.includes(unpinned) && unpinned.startsWith(prefix)
      ? [{ ...record, name }]
      : [];
  });
}

/**
 * Writes records as they were listed, each only if the lock of its cell has the right
 * value.
 */
async function restore(
  { cells, stores }: CelledOptions<CheckedStore>,
  records: readonly RestoredRecord[],
  lock: RestoreLock,
): Promise<boolean> {
  const stored = records.map((record) => {
    const cell = cells.cellOf(record.name)!;
    const name = cells.stored(record.name, cell);
    return { store: stores[cell]!, record: { ...record, name } };
  });
  const parts = Map.groupBy(stored, ({ store }) => store);
  const held = await Promise.all(
    [...parts].map(([store, part]) =>
      store.restore(part.map(({ record }) => record), lock)
    ),
  );
  return held.every((it) => it);
}
