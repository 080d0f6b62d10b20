/**
 * Delivers the callbacks that are due, whichever process queued them. Any number
 * of processes may dispatch at the same time.
 *
 * @module
 */

import { isId } from "../../base/ids.ts";
import { commit } from "../../store/commit.ts";
import {
  cellsOf,
  type IndexPlace,
  isBeside,
  pagesOf,
  placesIn,
  type WorkCells,
} from "../../store/indexes.ts";
import { callbacksKey } from "../../store/keys.ts";
import type { IndexEntry, RangeQuery } from "../../store/store.ts";
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
   * @throws {StoreUnavailableError} If the store does not answer. A fault of one cell, or
   * of one merchant's delivery, is thrown after the other merchants were delivered to.
   */
  dispatch(): Promise<Dispatched>;
  /** Enables `dispatchSoon`, which does nothing before this call. */
  start(): void;
  /**
   * Delivers in the background: to one merchant, or, without an argument, to all merchants with
   * due messages of the cells in which this process does due work, unless they were looked for a
   * moment ago.
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
  /**
   * The cells in which it looks for due merchants in the background; by default all
   * cells.
   */
  readonly workCells?: WorkCells | undefined;
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
  /** The names of the indexes that are being read. */
  readonly #looking = new Set<string>();
  /**
   * By index: the last merchant of a look that ended early, because too many runs were under way.
   * Due merchants behind it have not been looked at.
   */
  readonly #rests = new Map<IndexPlace, IndexEntry>();
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
      const ends = await this.#dispatchAll();
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

  /** Delivers once to all merchants with due messages. A cell that fails is one of the ends. */
  async #dispatchAll(): Promise<PromiseSettledResult<boolean>[]> {
    const { store } = this.#deps;
    const places = placesIn(DUE_MERCHANTS, cellsOf(store));
    const pages = pagesOf(store, places.map((it) => this.#page(it)));
    const ends: PromiseSettledResult<boolean>[] = [];
    const looks = places.map(async (place, i) => {
      let coming = pages[i]!;
      for (;;) {
        const found = await this.#runDue(place, coming);
        ends.push(...await Promise.allSettled(found.ends));
        if (found.rest === null || this.#isStopped) return false;
        coming = store.range(this.#page(place, found.rest));
      }
    });
    return [...await Promise.allSettled(looks), ...ends];
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
    if (Math.abs(nowMs - this.#lookedMs) < PAUSE_MS) return;
    const { store, workCells = () => cellsOf(store) } = this.#deps;
    // A cell that does not answer must not delay the others.
    const places = placesIn(DUE_MERCHANTS, workCells())
      .filter(({ name }) => !this.#looking.has(name));
    if (places.length === 0) return;
    this.#lookedMs = nowMs;
    this.#rests.clear();
    this.#lookIn(places);
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
      if (this.#rests.size > 0 && hasRoom) this.#lookOn();
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

  /** The due merchants of an index, from the one behind `after` on if it is given. */
  #page(place: IndexPlace, after?: IndexEntry): RangeQuery {
    return place.page(PAGE, { max: this.#deps.clock.nowMs(), after });
  }

  /**
   * Begins to deliver to the merchants with due messages, of which `coming` is the first page.
   * Ends early when too many runs are under way; `rest` is then the merchant behind which there
   * may be more.
   */
  async #runDue(
    place: IndexPlace,
    coming: Promise<readonly IndexEntry[]>,
  ): Promise<{ ends: Promise<boolean>[]; rest: IndexEntry | null }> {
    const { store } = this.#deps;
    const ends: Promise<boolean>[] = [];
    let page = await coming;
    for (;;) {
      for (const { member } of page) {
        const isHere = isId("mer", member) &&
          isBeside(store, place, callbacksKey(member));
        if (isHere) ends.push(this.#run(member, true));
        else {
          // An entry that names no merchant of this cell could never be delivered to, and
          // would be due for ever.
          const writes = [place.remove(member)];
          await commit(store, { guards: [], writes });
        }
      }
      if (page.length < PAGE) return { ends, rest: null };
      const rest = page.at(-1)!;
      if (this.#runs.size >= MOST_RUNS || this.#isStopped) {
        return { ends, rest };
      }
      page = await store.range(this.#page(place, rest));
    }
  }

  /** Looks at several indexes, each from its entry on, and reports the first fault of a look. */
  #lookIn(
    places: readonly IndexPlace[],
    froms: ReadonlyMap<IndexPlace, IndexEntry> = new Map(),
  ): void {
    const { store, onFault } = this.#deps;
    const pages = pagesOf(
      store,
      places.map((it) => this.#page(it, froms.get(it))),
    );
    const looks = places.map((it, i) => this.#lookForDue(it, pages[i]!));
    void Promise.allSettled(looks).then((ends) => {
      const failed = ends.find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") onFault(failed.reason);
    });
  }

  async #lookForDue(
    place: IndexPlace,
    coming: Promise<readonly IndexEntry[]>,
  ): Promise<void> {
    this.#looking.add(place.name);
    try {
      const { ends, rest } = await this.#runDue(place, coming);
      if (rest !== null) this.#rests.set(place, rest);
      for (const end of ends) end.catch(this.#deps.onFault);
    } finally {
      this.#looking.delete(place.name);
    }
  }

  /** Continues the looks that ended early. */
  #lookOn(): void {
    if (this.#isStopped) return;
    const froms = new Map(
      [...this.#rests].filter(([{ name }]) => !this.#looking.has(name)),
    );
    for (const place of froms.keys()) this.#rests.delete(place);
    this.#lookIn([...froms.keys()], froms);
  }
}
