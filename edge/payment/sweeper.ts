/**
 * The sweeper: finishes what a crash, a lost answer or a silent customer left.
 *
 * Every payment under way has a due entry, written in the transaction that
 * claimed it. Whoever finds it due drives the payment on: asks the ledger
 * again before the deadline, reverses after it, tells the ledger of a reversal
 * it may not have heard of. Any number of processes may sweep at once; an
 * entry that is taken is moved a little into the future first, so that the
 * others mostly pass it by.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import { DUE_PAYMENTS_KEY, paymentKey } from "../store/keys.ts";
import type { Store } from "../store/store.ts";
import { CONFIRMATION_LAPSED } from "./confirmations.ts";
import { type Current, type Engine, RECOVER_AFTER_MS } from "./engine.ts";

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
const PAUSE_MS = 5_000;

/** Makes a {@linkcode Sweeper}. */
export function createSweeper(deps: {
  store: Store;
  engine: Engine;
  clock: Clock;
  clockGuard: ClockGuard;
  /** Told of every sweep in the background that could not be finished. */
  onFault: (error: unknown) => void;
}): Sweeper {
  const { store, engine, clock } = deps;
  let lastMs = -Infinity;
  let running = false;

  /** Moves a due entry on, if the payment is still as it was read. */
  async function postpone(paymentId: string, raw: string): Promise<boolean> {
    const result = await store.txn({
      checks: [{ kind: "equals", key: paymentKey(paymentId), value: raw }],
      writes: [{
        kind: "index",
        index: DUE_PAYMENTS_KEY,
        member: paymentId,
        score: clock.nowMs() + RECOVER_AFTER_MS,
      }],
    });
    return result.committed;
  }

  /** Takes an entry out that has nothing to finish. */
  async function drop(paymentId: string, raw: string | null): Promise<void> {
    const key = paymentKey(paymentId);
    await store.txn({
      checks: [
        raw === null
          ? { kind: "absent", key }
          : { kind: "equals", key, value: raw },
      ],
      writes: [{
        kind: "unindex",
        index: DUE_PAYMENTS_KEY,
        member: paymentId,
      }],
    });
  }

  function underWay({ payment }: Current): boolean {
    return payment.status === "processing" || payment.status === "reversing" ||
      payment.status === "awaiting_confirmation";
  }

  /** Whether the payment has ended. */
  async function finish(paymentId: string): Promise<boolean> {
    let current = await engine.read(paymentId);
    if (current === null) {
      await drop(paymentId, null);
      return true;
    }
    if (!underWay(current)) {
      await drop(paymentId, current.paymentRaw);
      return true;
    }
    if (current.payment.status === "awaiting_confirmation") {
      if (current.payment.deadline_ms > clock.nowMs()) return false;
      current = await engine.apply(current, "lapsed", {
        declineReason: CONFIRMATION_LAPSED,
      }) ?? current;
    } else if (!await postpone(paymentId, current.paymentRaw)) {
      // Somebody else moved it on this moment.
      return false;
    }
    return !underWay(await engine.drive(current));
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
      const page = await store.range({
        index: DUE_PAYMENTS_KEY,
        min: 0,
        max: nowMs,
        limit: PAGE,
        ...(after !== undefined && { after }),
      });
      const queue = page.map(({ member }) => member);
      due += queue.length;
      const work = async () => {
        for (;;) {
          const paymentId = queue.shift();
          if (paymentId === undefined) return;
          try {
            if (await finish(paymentId)) ended++;
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
