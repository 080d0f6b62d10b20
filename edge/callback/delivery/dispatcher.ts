/**
 * Delivers what is due, whoever queued it. Any number of processes may do so at
 * once.
 *
 * @module
 */

import { isId } from "../../base/ids.ts";
import type { IndexEntry } from "../../store/store.ts";
import { SealError } from "../../vault/seal.ts";
import { DUE_MERCHANTS } from "../message/stored.ts";
import { MerchantRun, type RunDeps } from "./merchant_run.ts";
import { createPermits, type Permits } from "./permits.ts";

/** What was done. */
export interface Dispatched {
  /** Attempts that were made. */
  readonly attempts: number;
  /** Messages that were delivered by them. */
  readonly delivered: number;
}

/** Delivers callbacks. */
export interface Dispatcher {
  /**
   * Delivers until nothing is due any more that can be delivered.
   *
   * @throws {StoreUnavailableError} when the store cannot be asked, or the
   * first fault of a merchant, after all the others.
   */
  dispatch(): Promise<Dispatched>;
  /** From now on `dispatchSoon` has an effect. */
  start(): void;
  /**
   * Delivers in the background, once started: to one merchant, or to whomever
   * something is due, unless that was looked at a moment ago.
   */
  dispatchSoon(merchantId?: string): void;
  /** Begins nothing more; resolves when nothing is in flight. */
  stop(): Promise<void>;
}

/** Deliveries that one process makes at a time. */
const IN_FLIGHT = 256;
/** Merchants found at a time. */
const PAGE = 100;
/** Merchants delivered to at a time; of more, most would wait for a permit. */
const MOST_RUNS = 1_000;
const PAUSE_MS = 900;
/** How long a merchant whose secret does not open is left alone. */
const SEALED_PAUSE_MS = 60_000;

/** What a dispatcher needs. */
export interface DispatcherDeps extends
  Omit<
    RunDeps,
    "permits" | "isStopped" | "onAttempt" | "onOpen"
  > {
  /** Deliveries at a time over all merchants; 256 if not given. */
  readonly inFlight?: number;
  /** Told of every fault in the background. */
  readonly onFault: (error: unknown) => void;
}

/** Makes a {@linkcode Dispatcher}. */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  return new MerchantRuns(deps);
}

/** A run under way. */
interface Running {
  readonly run: MerchantRun;
  readonly done: Promise<boolean>;
}

class MerchantRuns implements Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #runDeps: RunDeps;
  readonly #permits: Permits;
  readonly #runs = new Map<string, Running>();
  /** Until when a merchant whose secret does not open is left alone, unix ms. */
  readonly #sealed = new Map<string, number>();
  /** Until when a merchant's breaker was seen to be open, unix ms. */
  readonly #opens = new Map<string, number>();
  #attempts = 0;
  #delivered = 0;
  #isStarted = false;
  #isStopped = false;
  #isLooking = false;
  /** Behind whom more merchants are due than could be delivered to. */
  #rest: IndexEntry | null = null;
  #lookedMs = -Infinity;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.#permits = createPermits(deps.inFlight ?? IN_FLIGHT);
    this.#runDeps = {
      ...deps,
      permits: this.#permits,
      isStopped: () => this.#isStopped,
      onOpen: (merchantId, untilMs) =>
        void this.#opens.set(merchantId, untilMs),
      onAttempt: (delivered) => {
        this.#attempts++;
        if (delivered) this.#delivered++;
      },
    };
  }

  async dispatch(): Promise<Dispatched> {
    const before = { attempts: this.#attempts, delivered: this.#delivered };
    while (!this.#isStopped && (await this.#deps.clockGuard.check()).sure) {
      const ends: PromiseSettledResult<boolean>[] = [];
      let from: IndexEntry | undefined;
      do {
        const found = await this.#runDue(from);
        ends.push(...await Promise.allSettled(found.ends));
        from = found.rest ?? undefined;
      } while (from !== undefined && !this.#isStopped);
      const failed = ends.find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
      // Where nothing more was done, others are at it.
      const isDone = (end: PromiseSettledResult<boolean>) =>
        end.status === "fulfilled" && end.value;
      if (!ends.some(isDone)) break;
    }
    return {
      attempts: this.#attempts - before.attempts,
      delivered: this.#delivered - before.delivered,
    };
  }

  start(): void {
    this.#isStarted = true;
  }

  dispatchSoon(merchantId?: string): void {
    if (!this.#isStarted || this.#isStopped) return;
    const { clock, onFault } = this.#deps;
    const nowMs = clock.nowMs();
    if (merchantId !== undefined) {
      // A new payment cannot close an open breaker, so its merchant is left
      // alone. Closing the breaker makes the merchant due again.
      if ((this.#opens.get(merchantId) ?? 0) > nowMs) return;
      this.#run(merchantId, false).catch(onFault);
      return;
    }
    // A clock that was set back must not put the next look off.
    const isRecent = Math.abs(nowMs - this.#lookedMs) < PAUSE_MS;
    if (this.#isLooking || isRecent) return;
    this.#lookedMs = nowMs;
    this.#lookForDue().catch(onFault);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#permits.stop();
    const all = [...this.#runs.values()].map(({ done }) => done);
    await Promise.allSettled(all);
  }

  /** Delivers to a merchant, unless this process is at it already. */
  #run(merchantId: string, settles: boolean): Promise<boolean> {
    const running = this.#runs.get(merchantId);
    if (running !== undefined) {
      running.run.kick(settles);
      return running.done;
    }
    const { clock } = this.#deps;
    if ((this.#sealed.get(merchantId) ?? 0) > clock.nowMs()) {
      return Promise.resolve(false);
    }
    this.#sealed.delete(merchantId);
    this.#opens.delete(merchantId);
    const run = new MerchantRun(this.#runDeps, merchantId, settles);
    const done = run.run().catch((error: unknown) =>
      this.#leaveSealed(merchantId, error)
    ).finally(() => {
      this.#runs.delete(merchantId);
      // Whoever found no room is not kept waiting for the next look.
      const hasRoom = this.#runs.size <= MOST_RUNS / 2;
      if (this.#rest !== null && hasRoom) this.#lookOn(this.#rest);
    });
    this.#runs.set(merchantId, { run, done });
    return done;
  }

  /** Leaves a merchant alone for a while whose secret does not open. */
  #leaveSealed(merchantId: string, error: unknown): boolean {
    if (!(error instanceof SealError)) throw error;
    const { log, clock } = this.#deps;
    const { reason } = error;
    log("error", "callback secret does not open", { merchantId, reason });
    this.#sealed.set(merchantId, clock.nowMs() + SEALED_PAUSE_MS);
    return false;
  }

  /**
   * Delivers to the merchants for whom something is due, behind `from` if given,
   * until there are too many; behind whom there may be more.
   */
  async #runDue(
    from?: IndexEntry,
  ): Promise<{ ends: Promise<boolean>[]; rest: IndexEntry | null }> {
    const { store, clock } = this.#deps;
    const ends: Promise<boolean>[] = [];
    const nowMs = clock.nowMs();
    let after = from;
    do {
      const page = await store.range(
        DUE_MERCHANTS.page(PAGE, { max: nowMs, after }),
      );
      for (const { member } of page) {
        if (isId("mer", member)) ends.push(this.#run(member, true));
        else {
          // A member that names no merchant would be due for ever.
          const writes = [DUE_MERCHANTS.remove(member)];
          await store.txn({ checks: [], writes });
        }
      }
      after = page.length < PAGE ? undefined : page.at(-1);
    } while (
      after !== undefined && this.#runs.size < MOST_RUNS && !this.#isStopped
    );
    return { ends, rest: after ?? null };
  }

  async #lookForDue(from?: IndexEntry): Promise<void> {
    this.#isLooking = true;
    this.#rest = null;
    try {
      const found = await this.#runDue(from);
      this.#rest = found.rest;
      for (const end of found.ends) end.catch(this.#deps.onFault);
    } finally {
      this.#isLooking = false;
    }
  }

  #lookOn(from: IndexEntry): void {
    if (this.#isStopped || this.#isLooking) return;
    this.#lookForDue(from).catch(this.#deps.onFault);
  }
}
