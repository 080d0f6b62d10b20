/**
 * The sweeper: finishes payments that a crash, a lost answer or a customer who did
 * not answer has left unfinished.
 *
 * Every payment under way has a due entry, which the transaction that claimed it has
 * written. When the entry is due, a sweeper drives the payment on: it asks the ledger again
 * before the deadline, reverses the payment after the deadline, and repeats a reversal or a
 * refund that the ledger may not have received. Any number of processes may sweep at the
 * same time: one of them takes a payment for a while, and if that process dies, another one
 * takes it later.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import { commit } from "../store/commit.ts";
import { orderKey, sweepKey } from "../store/keys.ts";
import {
  cellsOf,
  type IndexPlace,
  isBeside,
  pagesOf,
  placesIn,
  type WorkCells,
} from "../store/indexes.ts";
import { type Held, plainText, recordKind } from "../store/record.ts";
import type { IndexEntry, Store } from "../store/store.ts";
import { CONFIRMATION_LAPSED } from "./confirmations.ts";
import { isCrossing } from "./crossing.ts";
import type { Engine } from "./engine.ts";
import { orders } from "./order_form.ts";
import { isSettled, type OrderRecord } from "./record.ts";
import { type Current, dueOrders, RECOVER_AFTER_MS } from "./transition.ts";

/** The result of a sweep. */
export interface Swept {
  /** The number of payments that were due. */
  readonly due: number;
  /** How many of them have ended. */
  readonly ended: number;
}

/** Finishes payments. */
export interface Sweeper {
  /**
   * Drives every payment that is due now.
   *
   * @throws {StoreUnavailableError} If the store does not answer. A fault of one payment is
   * thrown after the other payments were driven.
   */
  sweep(): Promise<Swept>;
  /**
   * Begins a sweep in the background of the cells in which this process does due work, unless
   * one of this process is under way or began a moment ago.
   */
  sweepSometimes(): void;
}

const PAGE = 100;
const AT_ONCE = 8;
/**
 * A second less than until the payment is due again, because the clock of another
 * process may differ.
 */
const TAKEN_MS = RECOVER_AFTER_MS - 1_000;
const PAUSE_MS = 5_000;

/** Marks the orders that a sweeper has taken. */
const taken = recordKind({ key: sweepKey, form: plainText, ttlMs: TAKEN_MS });

/** What a sweeper needs. */
export interface SweeperDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
  /** The cells that it sweeps in the background; by default all cells. */
  readonly workCells?: WorkCells | undefined;
  /** Called for every sweep in the background that could not be finished. */
  readonly onFault: (error: unknown) => void;
}

/** Makes a {@linkcode Sweeper}. */
export function createSweeper(deps: SweeperDeps): Sweeper {
  const { store, clock, workCells = () => cellsOf(store), onFault } = deps;
  let lastMs = -Infinity;
  let running = false;
  const sweepNow = (places: readonly IndexPlace[]) => {
    lastMs = clock.nowMs();
    return sweep(deps, lastMs, places);
  };
  return {
    sweep: () => sweepNow(placesIn(dueOrders, cellsOf(store))),
    sweepSometimes() {
      // The difference is taken without its sign, so that a clock that was set
      // back does not delay the next sweep.
      if (running || Math.abs(clock.nowMs() - lastMs) < PAUSE_MS) return;
      running = true;
      const places = placesIn(dueOrders, workCells());
      sweepNow(places).catch(onFault).finally(() => running = false);
    },
  };
}

/** The part of an index that was not read yet: the entries after this one. */
interface Rest {
  readonly place: IndexPlace;
  readonly after?: IndexEntry;
}

/** A due entry: the name of an order, and the index that it was found in. */
interface Due {
  readonly place: IndexPlace;
  readonly name: string;
}

async function sweep(
  deps: SweeperDeps,
  nowMs: number,
  places: readonly IndexPlace[],
): Promise<Swept> {
  // While the clock is in doubt, nobody knows what is due or which deadline has passed.
  if (!(await deps.clockGuard.check()).sure) return { due: 0, ended: 0 };
  let due = 0;
  let ended = 0;
  const faults: unknown[] = [];
  const fenced = deps.engine.lateFences.make()
    .catch((error: unknown) => void faults.push(error));
  let rests: Rest[] = places.map((place) => ({ place }));
  while (rests.length > 0) {
    const pages = await Promise.allSettled(
      pagesOf(
        deps.store,
        rests.map(({ place, after }) =>
          place.page(PAGE, { max: nowMs, after })
        ),
      ),
    );
    // A cell that does not answer must not delay the others.
    const queue: Due[] = [];
    rests = rests.flatMap(({ place }, i) => {
      const page = pages[i]!;
      if (page.status === "rejected") {
        faults.push(page.reason);
        return [];
      }
      queue.push(...page.value.map(({ member }) => ({ place, name: member })));
      return page.value.length < PAGE
        ? []
        : [{ place, after: page.value.at(-1)! }];
    });
    due += queue.length;
    const work = async () => {
      for (;;) {
        const next = queue.shift();
        if (next === undefined) return;
        try {
          if (await finish(deps, next)) ended++;
        } catch (error) {
          // A payment that cannot be finished must not hold up the others.
          faults.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }
  await fenced;
  if (faults.length > 0) throw faults[0];
  return { due, ended };
}

/** Finishes a payment, if possible now. Returns whether it has ended. */
async function finish(
  deps: SweeperDeps,
  { place, name }: Due,
): Promise<boolean> {
  const { store, engine, clock } = deps;
  if (!isBeside(store, place, orderKey(name))) {
    // The entry is damaged: no order of this cell has this name.
    await commit(store, { guards: [], writes: [place.remove(name)] });
    return true;
  }
  let current = await engine.read(name);
  if (current === null) {
    await drop(store, name, orders(name).held(null));
    return true;
  }
  if (isSettled(current.payment)) {
    await drop(store, name, current.held);
    return true;
  }
  const waits = current.payment.status === "awaiting_confirmation";
  if (waits && current.payment.deadline_ms > clock.nowMs()) {
    return await lookAtClaim(deps, current);
  }
  // If the order cannot be taken, another process drives it at this moment.
  if (!await take(deps, current)) return false;
  if (waits) {
    current = await engine.apply(current, "lapsed", {
      declineReason: CONFIRMATION_LAPSED,
    }) ?? current;
  }
  return isSettled((await engine.drive(current)).payment);
}

/**
 * Handles a due entry of a payment that waits for its customer and whose deadline has
 * not passed. Only a payment whose customer is in another cell has such an entry,
 * because its process may have ended before it claimed the code. Returns whether the
 * payment has ended.
 */
async function lookAtClaim(
  { store, engine }: SweeperDeps,
  current: Current,
): Promise<boolean> {
  const { name, held, payment } = current;
  if (!isCrossing(store, payment.payment_id)) return false;
  const driven = await engine.drive(current);
  if (driven.payment.status !== "awaiting_confirmation") {
    return isSettled(driven.payment);
  }
  await commit(store, {
    guards: [held.unchanged("order")],
    writes: [dueOrders.put(name, payment.deadline_ms)],
    mine: () => false,
  });
  return false;
}

/**
 * Takes an order for this sweeper and moves its due entry to a later time, if
 * the order is unchanged and no other sweeper has taken it.
 */
async function take(
  { store, clock }: SweeperDeps,
  { name, held }: Current,
): Promise<boolean> {
  const { committed } = await commit(store, {
    guards: [held.unchanged("order"), taken(name).absent("taken")],
    writes: [
      dueOrders.put(name, clock.nowMs() + RECOVER_AFTER_MS),
      taken(name).set("taken"),
    ],
    // If a repeated transaction finds its own write, the order counts as taken
    // by somebody else, and the next sweep finds it again.
    mine: () => false,
  });
  return committed;
}

/** Removes the due entry of an order that has nothing to finish. */
async function drop(
  store: Store,
  name: string,
  held: Held<OrderRecord, "merchant">,
): Promise<void> {
  await commit(store, {
    guards: [held.unchanged("order")],
    writes: [dueOrders.remove(name)],
    mine: () => false,
  });
}
