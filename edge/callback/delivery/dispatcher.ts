/**
 * Delivers what is due, whoever queued it. Any number of processes may do so at
 * once.
 *
 * @module
 */

import { isId } from "../../base/ids.ts";
import { DUE_CALLBACKS_KEY } from "../../store/keys.ts";
import type { IndexEntry } from "../../store/store.ts";
import { SealError } from "../../vault/seal.ts";
import { createPermits } from "./permits.ts";
import { type Pump, type PumpDeps, startPump } from "./pump.ts";
import { createQueue } from "./queue.ts";

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
  /** From now on what is told by `dispatchSoon` is done. */
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
const MOST_PUMPS = 1_000;
const PAUSE_MS = 900;
/** How long a merchant whose secret does not open is left alone. */
const SEALED_PAUSE_MS = 60_000;

/** Makes a {@linkcode Dispatcher}. */
export function createDispatcher(
  deps:
    & Omit<PumpDeps, "queue" | "permits" | "isStopped" | "onAttempt" | "onOpen">
    & {
      /** Deliveries at a time over all merchants; 256 if not given. */
      readonly inFlight?: number;
      /** Told of every fault in the background. */
      readonly onFault: (error: unknown) => void;
    },
): Dispatcher {
  const { store, clock, log } = deps;
  const permits = createPermits(deps.inFlight ?? IN_FLIGHT);
  const pumps = new Map<string, Pump>();
  /** Until when a merchant is left alone, unix ms. */
  const sealed = new Map<string, number>();
  /** Until when a merchant's breaker was seen to be open, unix ms. */
  const opens = new Map<string, number>();
  let attempts = 0;
  let delivered = 0;
  let isStarted = false;
  let isStopped = false;
  let isLooking = false;
  /** Behind whom more merchants are due than could be delivered to. */
  let rest: IndexEntry | null = null;
  let lastMs = -Infinity;
  const pumpDeps: PumpDeps = {
    ...deps,
    queue: createQueue(deps),
    permits,
    isStopped: () => isStopped,
    onOpen: (merchantId, untilMs) => void opens.set(merchantId, untilMs),
    onAttempt: (isDelivered) => {
      attempts++;
      if (isDelivered) delivered++;
    },
  };

  /** Pumps a merchant's queue, unless this process is at it. */
  function pump(merchantId: string, settles: boolean): Promise<boolean> {
    const running = pumps.get(merchantId);
    if (running !== undefined) {
      running.kick(settles);
      return running.done;
    }
    if ((sealed.get(merchantId) ?? 0) > clock.nowMs()) {
      return Promise.resolve(false);
    }
    sealed.delete(merchantId);
    opens.delete(merchantId);
    const { done, kick } = startPump(pumpDeps, merchantId, settles);
    const ended = done.catch((error: unknown) => {
      if (!(error instanceof SealError)) throw error;
      const { reason } = error;
      log("error", "callback secret does not open", { merchantId, reason });
      sealed.set(merchantId, clock.nowMs() + SEALED_PAUSE_MS);
      return false;
    }).finally(() => {
      pumps.delete(merchantId);
      // Whoever found no room is not kept waiting for the next look.
      if (rest !== null && pumps.size <= MOST_PUMPS / 2) lookOn(rest);
    });
    pumps.set(merchantId, { done: ended, kick });
    return ended;
  }

  /**
   * Pumps the queues in which something is due, behind `from` if given, until
   * there are too many; behind whom there may be more.
   */
  async function pumpDue(
    from?: IndexEntry,
  ): Promise<{ ends: Promise<boolean>[]; rest: IndexEntry | null }> {
    const ends: Promise<boolean>[] = [];
    const nowMs = clock.nowMs();
    let after = from;
    do {
      const page = await store.range({
        index: DUE_CALLBACKS_KEY,
        min: 0,
        max: nowMs,
        limit: PAGE,
        ...(after !== undefined && { after }),
      });
      for (const { member } of page) {
        if (isId("mer", member)) ends.push(pump(member, true));
        else await forget(member);
      }
      after = page.length < PAGE ? undefined : page.at(-1);
    } while (after !== undefined && pumps.size < MOST_PUMPS && !isStopped);
    return { ends, rest: after ?? null };
  }

  /** What names no merchant is nobody's, and always due. */
  async function forget(member: string): Promise<void> {
    await store.txn({
      checks: [],
      writes: [{ kind: "unindex", index: DUE_CALLBACKS_KEY, member }],
    });
  }

  async function lookForDue(from?: IndexEntry): Promise<void> {
    isLooking = true;
    rest = null;
    try {
      const found = await pumpDue(from);
      rest = found.rest;
      for (const end of found.ends) end.catch(deps.onFault);
    } finally {
      isLooking = false;
    }
  }

  function lookOn(from: IndexEntry): void {
    if (!isStopped && !isLooking) lookForDue(from).catch(deps.onFault);
  }

  return {
    async dispatch() {
      const before = { attempts, delivered };
      while (!isStopped && (await deps.clockGuard.check()).sure) {
        const ends: PromiseSettledResult<boolean>[] = [];
        let from: IndexEntry | undefined;
        do {
          const found = await pumpDue(from);
          ends.push(...await Promise.allSettled(found.ends));
          from = found.rest ?? undefined;
        } while (from !== undefined && !isStopped);
        const failed = ends.find(({ status }) => status === "rejected");
        if (failed?.status === "rejected") throw failed.reason;
        // Where nothing more was done, others are at it.
        const isDone = (end: PromiseSettledResult<boolean>) =>
          end.status === "fulfilled" && end.value;
        if (!ends.some(isDone)) break;
      }
      return {
        attempts: attempts - before.attempts,
        delivered: delivered - before.delivered,
      };
    },

    start: () => void (isStarted = true),

    dispatchSoon(merchantId) {
      if (!isStarted || isStopped) return;
      if (merchantId !== undefined) {
        // A payment closes no breaker. Who closed it has the merchant found.
        if ((opens.get(merchantId) ?? 0) > clock.nowMs()) return;
        pump(merchantId, false).catch(deps.onFault);
        return;
      }
      // A clock that was set back must not put the next look off.
      if (isLooking || Math.abs(clock.nowMs() - lastMs) < PAUSE_MS) return;
      lastMs = clock.nowMs();
      lookForDue().catch(deps.onFault);
    },

    async stop() {
      isStopped = true;
      permits.stop();
      await Promise.allSettled([...pumps.values()].map(({ done }) => done));
    },
  };
}
