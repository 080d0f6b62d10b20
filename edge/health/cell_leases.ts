/**
 * Shares the due work of several cells among the processes that use a store, so that each cell is
 * looked at by one process and not by all of them.
 *
 * Each process records every two seconds, in two cells, that it is alive, so that one
 * of these cells may fail. From the list of living processes each process computes the
 * same shares: neighboring cells, at most one more than any other process has. It takes
 * a lease in each cell of its share, and does due work there while the lease lasts. The
 * leases of a process that was killed expire. A process that is stopped gives its
 * leases back.
 *
 * A lease saves requests and protects nothing: it is safe if two processes look at a
 * cell, because each piece of due work has a lease of its own. In doubt a process
 * therefore looks at a cell: a process that knows of no other one looks at all cells
 * and takes no lease, and a process continues in a cell whose lease cannot be renewed.
 * Only a process whose clock is in doubt does no due work, and leaves the cells to the
 * others.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import { newRevision } from "../base/ids.ts";
import { promptAnswers } from "../base/prompt_answers.ts";
import { inCell, secondCell } from "../store/cells.ts";
import { commit } from "../store/commit.ts";
import { cellsOf, IndexPlace } from "../store/indexes.ts";
import { CELL_LEASE_KEY, PROCESSES_KEY } from "../store/keys.ts";
import { plainText, recordKind } from "../store/record.ts";
import {
  type Cells,
  type IndexEntry,
  type Store,
  StoreUnavailableError,
} from "../store/store.ts";

/** For this time after its last record a process counts as alive. */
const ALIVE_MS = 8_000;
/** How long a lease lasts. */
const LEASE_MS = 10_000;
/** After this time a lease is renewed. */
const RENEW_MS = 4_000;
/** How long the answer of the other cell is awaited after the first answer. */
const SECOND_MS = 250;
/**
 * A process is removed from the list when it has not counted as alive for this time.
 */
const FORGET_MS = 60_000;
/** The most processes that are read from a list. */
const MOST_PROCESSES = 1_000;
/**
 * In about this number of looks some other process tries once to take each cell.
 * Otherwise nobody would look at a cell that its own process cannot reach.
 */
const LOOKS_ROUND = 8;

const leases = recordKind({
  key: (cell: number) => inCell(CELL_LEASE_KEY, cell),
  form: plainText,
  ttlMs: LEASE_MS,
});

/** What leases need. */
export interface CellLeaseDeps {
  readonly store: Store;
  readonly random: Random;
  readonly clock: Clock;
  readonly clockGuard: { check(): Promise<{ readonly sure: boolean }> };
  /** Milliseconds that only ever grow. */
  readonly monotonicMs: () => number;
}

/** The leases of this process. */
export class CellLeases {
  readonly #deps: CellLeaseDeps;
  readonly #cells: Cells | undefined;
  readonly #id: string;
  /** The living processes in order, including this one. */
  #alive: readonly string[];
  /** Since when this list is unchanged. */
  #aliveSinceMs = -Infinity;
  /** Whether the clock is in doubt, or the leases were given back. */
  #isAway = false;
  #ending: Promise<void> | null = null;
  /** Until when this process has a lease, by cell. */
  readonly #held = new Map<number, number>();
  /**
   * The same for cells that are not in this process's share. These leases are not
   * renewed.
   */
  readonly #extra = new Map<number, number>();
  /** The cells for whose leases a request is under way. */
  readonly #asking = new Map<number, Promise<void>>();
  #signing: Promise<void> | null = null;
  /** From which cell on the next look tries cells of other processes. */
  #next = 0;

  constructor(deps: CellLeaseDeps) {
    this.#deps = deps;
    this.#cells = deps.store.cells;
    this.#id = this.#cells === undefined ? "" : newRevision(deps.random);
    this.#alive = [this.#id];
  }

  /** The cells in which this process does due work now; `null` if the store has one cell. */
  cells(): readonly number[] | null {
    const all = cellsOf(this.#deps.store);
    if (all === null) return null;
    if (this.#isAway) return [];
    if (this.#alive.length === 1) return all;
    const nowMs = this.#deps.monotonicMs();
    return all.filter((cell) =>
      (this.#held.get(cell) ?? this.#extra.get(cell) ?? 0) > nowMs
    );
  }

  /**
   * Records that this process is alive, reads which others are, and takes and renews
   * leases. If the store does not answer, nothing changes; the next look, two seconds
   * later, tries again.
   */
  async look(): Promise<void> {
    if (this.#cells === undefined || this.#ending !== null) return;
    try {
      // A cell that answers slowly does not delay the record that this process is
      // alive.
      await (this.#signing ??= this.#sign(this.#cells)
        .finally(() => this.#signing = null));
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      // No list could be read, so the last one is used.
    }
    if (!this.#isAway) await this.#lease(this.#cells);
  }

  /** Gives all leases back. From now on this process looks at no cell. */
  async end(): Promise<void> {
    if (this.#cells !== undefined) await (this.#ending ??= this.#end());
  }

  async #end(): Promise<void> {
    this.#isAway = true;
    await this.#signing?.catch(() => {});
    await Promise.all([this.#leave(), ...this.#asking.values()]);
    await this.#giveBack(() => true);
  }

  async #sign(cells: Cells): Promise<void> {
    const { clock, clockGuard, monotonicMs } = this.#deps;
    const { sure } = await clockGuard.check();
    if (this.#ending !== null) return;
    if (!sure) {
      if (this.#isAway) return;
      this.#isAway = true;
      await this.#leave();
      return await this.#giveBack(() => true);
    }
    this.#isAway = false;
    const nowMs = clock.nowMs();
    const found = (await promptAnswers(
      listsOf(cells).map((list) => this.#signIn(list, nowMs)),
      SECOND_MS,
    )).flat();
    const alive = found.filter(({ score }) => score > nowMs)
      .map(({ member }) => member);
    const next = [...new Set([...alive, this.#id])].sort();
    if (next.join() === this.#alive.join()) return;
    this.#alive = next;
    this.#aliveSinceMs = monotonicMs();
  }

  /** Records in one list that this process is alive, and reads the list. */
  async #signIn(
    list: IndexPlace,
    nowMs: number,
  ): Promise<readonly IndexEntry[]> {
    const { store } = this.#deps;
    const [found] = await Promise.all([
      store.range(list.page(MOST_PROCESSES)),
      commit(store, {
        guards: [],
        writes: [list.put(this.#id, nowMs + ALIVE_MS)],
      }),
    ]);
    const gone = found.filter(({ score }) => score < nowMs - FORGET_MS);
    if (gone.length > 0) {
      const writes = gone.map(({ member }) => list.remove(member));
      await commit(store, { guards: [], writes });
    }
    return found;
  }

  /** Removes this process from the lists. */
  async #leave(): Promise<void> {
    const { store } = this.#deps;
    await Promise.allSettled(
      listsOf(this.#cells!).map((list) =>
        commit(store, { guards: [], writes: [list.remove(this.#id)] })
      ),
    );
  }

  async #lease(cells: Cells): Promise<void> {
    // There is no other process that could ask for a lease.
    if (this.#alive.length === 1) return;
    const share = shareOf(this.#alive, this.#id, cells.count);
    const nowMs = this.#deps.monotonicMs();
    const isOld = (cell: number) =>
      (this.#held.get(cell) ?? 0) - nowMs < LEASE_MS - RENEW_MS;
    await Promise.all([
      this.#giveBack((cell) => !share.includes(cell)),
      ...share.filter(isOld).map((cell) => this.#take(cell, this.#held)),
      ...this.#othersToTry(cells, share).map((cell) =>
        this.#take(cell, this.#extra)
      ),
    ]);
  }

  /**
   * Some of the cells that are not in this process's share. Later calls return the
   * following ones.
   */
  #othersToTry({ count }: Cells, share: readonly number[]): number[] {
    // Shortly after a change the other processes may not have taken all their leases
    // yet.
    if (this.#deps.monotonicMs() - this.#aliveSinceMs < LEASE_MS) return [];
    const others = Array.from({ length: count }, (_, cell) => cell)
      .filter((cell) => !share.includes(cell));
    const size = Math.ceil(
      others.length / (this.#alive.length - 1) / LOOKS_ROUND,
    );
    const from = this.#next % others.length;
    this.#next = from + size;
    return others.slice(from, from + size);
  }

  /** Asks for the lease of a cell, unless a request for it is under way. */
  #take(cell: number, held: Map<number, number>): Promise<void> {
    let asking = this.#asking.get(cell);
    if (asking === undefined) {
      asking = this.#ask(cell, held)
        .finally(() => this.#asking.delete(cell));
      this.#asking.set(cell, asking);
    }
    return asking;
  }

  async #ask(cell: number, held: Map<number, number>): Promise<void> {
    const { store, monotonicMs } = this.#deps;
    const startedMs = monotonicMs();
    const place = leases(cell);
    const isHeld = (held.get(cell) ?? 0) > startedMs;
    try {
      const { committed } = await commit(store, {
        guards: [
          isHeld
            ? place.held(this.#id).unchanged("lease")
            : place.absent("lease"),
        ],
        writes: [place.set(this.#id)],
      });
      if (committed) held.set(cell, startedMs + LEASE_MS);
      else held.delete(cell);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      // The process looks at the cell all the same, so that its sweeps report that the
      // cell does not answer.
      if (held === this.#held) held.set(cell, startedMs + LEASE_MS);
    }
  }

  /** Gives back the leases of some cells, if they still belong to this process. */
  async #giveBack(isGiven: (cell: number) => boolean): Promise<void> {
    const { store } = this.#deps;
    const given = [...this.#held.keys()].filter(isGiven);
    if (this.#isAway) given.push(...this.#extra.keys());
    for (const cell of given) {
      this.#held.delete(cell);
      this.#extra.delete(cell);
    }
    await Promise.allSettled(given.map((cell) => {
      const place = leases(cell);
      return commit(store, {
        guards: [place.held(this.#id).unchanged("lease")],
        writes: [place.delete()],
      });
    }));
  }
}

/** The lists of processes. */
const listsOf = (cells: Cells): readonly IndexPlace[] =>
  [0, secondCell(cells)].map((cell) =>
    new IndexPlace(inCell(PROCESSES_KEY, cell))
  );

/**
 * The share of a process: with n processes the cells are divided into n parts, and
 * process i gets part i.
 */
function shareOf(
  alive: readonly string[],
  id: string,
  count: number,
): readonly number[] {
  const nth = alive.indexOf(id);
  const from = Math.floor(nth * count / alive.length);
  const to = Math.floor((nth + 1) * count / alive.length);
  return Array.from({ length: to - from }, (_, i) => from + i);
}
