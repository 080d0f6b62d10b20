/**
 * Delivers the callbacks that are due, whichever process queued them. Any number
 * of processes may dispatch at the same time.
 *
 * @module
 */

import { isId } from "../../base/ids.ts";
import { commit } from "../../store/commit.ts";
import type { IndexEntry } from "../../store/store.ts";
import { SealError } from "../../vault/seal.ts";
import { DUE_MERCHANTS } from "../message/stored.ts";
import { MerchantRun, type RunDeps } from "./merchant_run.ts";
import { createPermits, type Permits } from "./permits.ts";

/** The result of a dispatch. */
export interface Dispatched {
  /** Attempts that were made. */
  readonly attempts: number;
  /** Messages that these attempts delivered. */
  readonly delivered: number;
}

/** What a dispatcher is doing. */
export interface DispatchFigures {
  /** Merchants that are being delivered to. */
  readonly underWay: number;
  /** Of these, the ones that wait for a delivery to end. */
  readonly waiting: number;
  /** Merchants whose breaker this process has seen open. */
  readonly openBreakers: number;
}

/** Delivers callbacks. */
export interface Dispatcher {
  /**
   * Delivers until no due message can be delivered any more.
   *
   * @throws {StoreUnavailableError} If the store does not answer. A fault of one
   * merchant's delivery is thrown after the other merchants were delivered to.
   */
  dispatch(): Promise<Dispatched>;
  /** Enables `dispatchSoon`, which does nothing before this call. */
  start(): void;
  /**
   * Delivers in the background: to one merchant, or, without an argument, to all
   * merchants with due messages, unless they were looked for a moment ago.
   */
  dispatchSoon(merchantId?: string): void;
  /** What is under way. */
  figures(): DispatchFigures;
  /** Begins no further delivery. Resolves when none is under way. */
  stop(): Promise<void>;
}

/** The most deliveries of one process at the same time. */
const IN_FLIGHT = 256;
/** Merchants read from the index in one call. */
const PAGE = 100;
/**
 * The most runs at the same time; most of any further ones would wait for a
 * permit.
 */
const MOST_RUNS = 1_000;
/** The shortest time between two looks for due merchants. */
const PAUSE_MS = 900;
/** A merchant whose secret cannot be opened is skipped for this time. */
const SEALED_PAUSE_MS = 60_000;

/** What a dispatcher needs. */
export interface DispatcherDeps extends
  Omit<
    RunDeps,
    "permits" | "isStopped" | "onAttempt" | "onOpen"
  > {
  /** The most deliveries at the same time, over all merchants; 256 by default. */
  readonly inFlight?: number;
  /** Called with every fault of a delivery in the background. */
  readonly onFault: (error: unknown) => void;
}

/** Makes a {@linkcode Dispatcher}. */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  return new MerchantRuns(deps);
}

/** The delivery to one merchant that is under way. */
interface Running {
  readonly run: MerchantRun;
  readonly done: Promise<boolean>;
}

class MerchantRuns implements Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #runDeps: RunDeps;
  readonly #permits: Permits;
  readonly #runs = new Map<string, Running>();
  /** Until when a merchant whose secret cannot be opened is skipped, unix ms. */
  readonly #sealed = new Map<string, number>();
  /**
   * When the next probe of a merchant with an open breaker may begin, unix ms.
   */
  readonly #opens = new Map<string, number>();
  #attempts = 0;
  #delivered = 0;
  #isStarted = false;
  #isStopped = false;
  #isLooking = false;
  /**
   * The last merchant of a look that ended early, because too many runs were
   * under way. Due merchants behind it have not been looked at.
   */
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
      // If no run delivered to its end, other processes deliver what is left.
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
      // A new payment cannot close an open breaker, so its merchant is skipped.
      // Closing the breaker makes the merchant due again.
      if ((this.#opens.get(merchantId) ?? 0) > nowMs) return;
      this.#run(merchantId, false).catch(onFault);
      return;
    }
    // The difference is taken without its sign, so that a clock that was set back
    // does not delay the next look.
    const isRecent = Math.abs(nowMs - this.#lookedMs) < PAUSE_MS;
    if (this.#isLooking || isRecent) return;
    this.#lookedMs = nowMs;
    this.#lookForDue().catch(onFault);
  }

  figures(): DispatchFigures {
    const nowMs = this.#deps.clock.nowMs();
    const open = [...this.#opens.values()].filter((untilMs) => untilMs > nowMs);
    return {
      underWay: this.#runs.size,
      waiting: this.#permits.waiting(),
      openBreakers: open.length,
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#permits.stop();
    const all = [...this.#runs.values()].map(({ done }) => done);
    await Promise.allSettled(all);
  }

  /**
   * Delivers to a merchant, or wakes the run of this process that already does.
   */
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
      // When half of the runs have ended, the look that ended early is continued
      // at once, so that the other due merchants do not wait for the next look.
      const hasRoom = this.#runs.size <= MOST_RUNS / 2;
      if (this.#rest !== null && hasRoom) this.#lookOn(this.#rest);
    });
    this.#runs.set(merchantId, { run, done });
    return done;
  }

  /** Skips a merchant for a while, because its secret cannot be opened. */
  #leaveSealed(merchantId: string, error: unknown): boolean {
    if (!(error instanceof SealError)) throw error;
    const { log, clock } = this.#deps;
    const { reason } = error;
    log("error", "callback secret does not open", { merchantId, reason });
    this.#sealed.set(merchantId, clock.nowMs() + SEALED_PAUSE_MS);
    return false;
  }

  /**
   * Begins to deliver to the merchants with due messages, from the one behind
   * `from` on if it is given. Ends early when too many runs are under way; `rest`
   * is then the merchant behind which there may be more.
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
          // An entry that is not a merchant's id could never be delivered to, and
          // would be due for ever.
          const writes = [DUE_MERCHANTS.remove(member)];
          await commit(store, { guards: [], writes });
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
