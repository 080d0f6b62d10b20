/**
 * The sweeper: finishes what a crash, a lost answer or a silent customer left.
 *
 * Every payment under way has a due entry, written in the transaction that
 * claimed it. Whoever finds it due drives the payment on: asks the ledger
 * again before the deadline, reverses after it, tells the ledger of a reversal
 * or a refund that it may not have heard of. Any number of processes may sweep at once: one of
 * them takes a payment for a while, and if it dies, another one does later.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import { commit } from "../store/commit.ts";
import { sweepKey } from "../store/keys.ts";
import { type Held, plainText, recordKind } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import { CONFIRMATION_LAPSED } from "./confirmations.ts";
import type { Engine } from "./engine.ts";
import { orders } from "./order_form.ts";
import { isSettled, type OrderRecord } from "./record.ts";
import { type Current, dueOrders, RECOVER_AFTER_MS } from "./transition.ts";

/** What one sweep found. */
export interface Swept {
  /** Payments that were due. */
  readonly due: number;
  /** Of those, how many have ended. */
  readonly ended: number;
}

/** Finishes payments. */
export interface Sweeper {
  /**
   * Looks at every payment that is due now.
   *
   * @throws {StoreUnavailableError} when the store cannot be asked, or the
   * first fault of a payment that could not be finished, after all the others.
   */
  sweep(): Promise<Swept>;
  /**
   * A sweep in the background, if the last one began a while ago and none of
   * this process is still at it.
   */
  sweepSometimes(): void;
}

const PAGE = 100;
const AT_ONCE = 8;
/** Over before the payment is due again, also by another clock. */
const TAKEN_MS = RECOVER_AFTER_MS - 1_000;
const PAUSE_MS = 5_000;

/** Orders that a sweeper is at. */
const taken = recordKind({ key: sweepKey, form: plainText, ttlMs: TAKEN_MS });

/** Makes a {@linkcode Sweeper}. */
export function createSweeper(deps: {
  store: Store;
  engine: Engine;
  clock: Clock;
  clockGuard: ClockGuard;
  /** Called for every sweep in the background that could not be finished. */
  onFault: (error: unknown) => void;
}): Sweeper {
  const { store, engine, clock } = deps;
  let lastMs = -Infinity;
  let running = false;

  /**
   * Takes an order for this sweeper and moves its due entry on, if it is still
   * as it was read and nobody else has it.
   */
  async function take({ name, held }: Current): Promise<boolean> {
    const { committed } = await commit(store, {
      guards: [held.unchanged("order"), taken(name).absent("taken")],
      writes: [
        dueOrders.put(name, clock.nowMs() + RECOVER_AFTER_MS),
        taken(name).set("taken"),
      ],
      // Whoever took it, it is left alone for a while.
      mine: () => false,
    });
    return committed;
  }

  /** Takes an entry out that has nothing to finish. */
  async function drop(name: string, held: Held<OrderRecord>): Promise<void> {
    await commit(store, {
      guards: [held.unchanged("order")],
      writes: [dueOrders.remove(name)],
      mine: () => false,
    });
  }

  /** Whether the payment has ended. */
  async function finish(name: string): Promise<boolean> {
    let current = await engine.read(name);
    if (current === null) {
      await drop(name, orders(name).held(null));
      return true;
    }
    if (isSettled(current.payment)) {
      await drop(name, current.held);
      return true;
    }
    const waits = current.payment.status === "awaiting_confirmation";
    if (waits && current.payment.deadline_ms > clock.nowMs()) return false;
    // Somebody else moved it on this moment, or is about to.
    if (!await take(current)) return false;
    if (waits) {
      current = await engine.apply(current, "lapsed", {
        declineReason: CONFIRMATION_LAPSED,
      }) ?? current;
    }
    return isSettled((await engine.drive(current)).payment);
  }

  async function sweep(): Promise<Swept> {
    const nowMs = clock.nowMs();
    lastMs = nowMs;
    // What is due and what has lapsed is for an edge whose clock is right.
    if (!(await deps.clockGuard.check()).sure) return { due: 0, ended: 0 };
    let due = 0;
    let ended = 0;
    let after;
    const faults: unknown[] = [];
    for (;;) {
      const page = await store.range(
        dueOrders.page(PAGE, { max: nowMs, after }),
      );
      const queue = page.map(({ member }) => member);
      due += queue.length;
      const work = async () => {
        for (;;) {
          const name = queue.shift();
          if (name === undefined) return;
          try {
            if (await finish(name)) ended++;
          } catch (error) {
            // One that cannot be finished must not keep the others from it.
            faults.push(error);
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      after = page.at(-1);
      if (page.length < PAGE) break;
    }
    if (faults.length > 0) throw faults[0];
    return { due, ended };
  }

  return {
    sweep,
    sweepSometimes() {
      // A clock that was set back must not put the next sweep off.
      if (running || Math.abs(clock.nowMs() - lastMs) < PAUSE_MS) return;
      running = true;
      sweep().catch(deps.onFault).finally(() => running = false);
    },
  };
}
