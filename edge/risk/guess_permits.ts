/**
 * Guess permits: every search is paid for in advance.
 *
 * Who presents a code has one or more rations of bad codes, counted in the
 * store: of a minute, and where it is said of a day. An edge leases a few
 * permits of each ration at a time; a search takes one of every ration that it
 * falls under, a hit gives them back, a miss spends them. So the limits hold
 * over all processes and regions, a bad code costs no round trip while permits
 * are held, and with the store down nothing is searched. No customer is ever
 * locked by it, and each minute and day starts anew.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { guessesKey } from "../store/keys.ts";
import type { Check, Store, Write } from "../store/store.ts";
import {
  bringTo,
  credit,
  dayEndMs,
  dayOf,
  isThrottled,
  isWorthWaiting,
  leaseSize,
  minuteEndMs,
  minuteOf,
  newPool,
  type Pool,
  PoolPermit,
  type Ration,
} from "./permit_pool.ts";

/** What a search may do. */
export type Permit =
  | {
    readonly kind: "permit";
    /** Must be called once, with what the search found. */
    release(outcome: "hit" | "miss"): void;
    /** Gives a spent permit back, because its miss told the caller nothing. */
    forgive(): void;
  }
  | { readonly kind: "throttled"; readonly retryAfterSeconds: number };

/** Hands out guess permits. */
export interface GuessPermits {
  /**
   * A permit for one search under all of these rations, the widest one last.
   *
   * @throws {StoreUnavailableError} when permits cannot be leased.
   */
  take(rations: readonly Ration[]): Promise<Permit>;
}

const MAX_POOLS = 10_000;

/** Makes {@linkcode GuessPermits} over the store. */
export function createGuessPermits(
  deps: { store: Store; clock: Clock },
): GuessPermits {
  const { clock } = deps;
  /**
   * The pools of the widest rations are kept apart from the narrow ones, so that
   * somebody who invents terminals cannot push out the pool of another owner,
   * with the permits that it holds.
   */
  const widest = new Map<string, Pool>();
  const narrow = new Map<string, Pool>();

  function poolsOf(rations: readonly Ration[]): Pool[] {
    const minute = minuteOf(clock.nowMs());
    const pools: Pool[] = [];
    for (let i = rations.length - 1; i >= 0; i--) {
      const last = i === rations.length - 1;
      const pool = poolOf(last ? widest : narrow, rations[i]!, minute);
      pools.unshift(pool);
      // No pool is made for what cannot be searched anyway.
      if (isClosed(pool, clock.nowMs())) return [pool];
    }
    return pools;
  }

  return {
    async take(rations) {
      const pools = poolsOf(rations);
      const closed = pools.find((pool) => isClosed(pool, clock.nowMs()));
      if (closed !== undefined) return throttled(closed, clock.nowMs());
      // Leases that begin in one turn share one run of the store's script.
      for (const pool of pools) {
        if (pool.free === 0 && pool.searching === 0) {
          beginLease(deps, pool).catch(() => {});
        }
      }
      // The widest one last: a search that holds a permit of it holds all.
      const taken: PoolPermit[] = [];
      try {
        for (const ration of rations) {
          const map = ration === rations.at(-1) ? widest : narrow;
          const got = await takeOne(
            deps,
            () => poolOf(map, ration, minuteOf(clock.nowMs())),
          );
          if (!(got instanceof PoolPermit)) {
            for (const permit of taken) permit.decline();
            return throttled(got, clock.nowMs());
          }
          taken.push(got);
        }
      } catch (error) {
        for (const permit of taken) permit.decline();
        throw error;
      }
      const startedMs = clock.nowMs();
      for (const permit of taken) permit.begin(startedMs);
      return {
        kind: "permit",
        release(outcome) {
          const nowMs = clock.nowMs();
          for (const permit of taken) permit.release(outcome, nowMs);
        },
        forgive() {
          for (const permit of taken) permit.forgive();
        },
      };
    },
  };
}

/** The pool of a ration, as it is in this minute. */
function poolOf(
  pools: Map<string, Pool>,
  ration: Ration,
  minute: number,
): Pool {
  let pool = pools.get(ration.name);
  if (pool === undefined) {
    if (pools.size >= MAX_POOLS) makeRoom(pools);
    pool = newPool(ration, minute);
    pools.set(ration.name, pool);
  }
  bringTo(pool, ration, minute);
  return pool;
}

/** Forgets the oldest pool that nothing is under way in. */
function makeRoom(pools: Map<string, Pool>): void {
  for (const [name, { searching, leasing }] of pools) {
    // What comes back from a search must find its pool.
    if (searching > 0 || leasing !== null) continue;
    pools.delete(name);
    return;
  }
}

/** Whether a pool has nothing, gets nothing, and waits for nothing. */
function isClosed(pool: Pool, nowMs: number): boolean {
  return isThrottled(pool, nowMs) && pool.searching === 0;
}

function throttled({ throttledUntilMs }: Pool, nowMs: number): Permit {
  const seconds = Math.ceil((throttledUntilMs - nowMs) / 1000);
  return { kind: "throttled", retryAfterSeconds: Math.max(1, seconds) };
}

/** A permit of one ration, or the pool that has none. */
async function takeOne(
  deps: { store: Store; clock: Clock },
  now: () => Pool,
): Promise<PoolPermit | Pool> {
  for (;;) {
    const pool = now();
    const nowMs = deps.clock.nowMs();
    if (pool.free > 0) return new PoolPermit(pool, nowMs);
    if (isClosed(pool, nowMs)) return pool;
    if (isWorthWaiting(pool, nowMs) && pool.leasing === null) {
      await new Promise<void>((resume) => pool.waiting.push(resume));
    } else {
      await beginLease(deps, pool);
    }
  }
}

/** The lease under way, or a new one. */
function beginLease(
  deps: { store: Store; clock: Clock },
  pool: Pool,
): Promise<number> {
  pool.leasing ??= lease(deps, pool).then((got) => {
    pool.free += got;
    if (pool.searching === 0) pool.spentLeases++;
    return got;
  }).finally(() => pool.leasing = null);
  return pool.leasing;
}

/** Leases permits of this minute; how many it got. */
async function lease(
  { store, clock }: { store: Store; clock: Clock },
  pool: Pool,
): Promise<number> {
  const { name, perMinute, perDay } = pool.ration;
  const { turn } = pool;
  const minute = minuteOf(clock.nowMs());
  for (const size of new Set([leaseSize(pool), 1])) {
    // Unused permits are credited to the day's counter, at most as many as this
    // lease takes. They are put back only when the store has certainly refused:
    // where the result is unknown, or a transport repeats the lease, the day
    // counts too much, never too little.
    const credited = Math.min(pool.unused, size);
    pool.unused -= credited;
    const periods = [{
      counter: guessesKey(name, `m${minute}`),
      delta: size,
      max: perMinute,
      endsMs: minuteEndMs(minute),
    }];
    if (perDay !== undefined) {
      periods.push({
        counter: guessesKey(name, `d${dayOf(minute)}`),
        delta: size - credited,
        max: perDay,
        endsMs: dayEndMs(minute),
      });
    }
    const result = await store.txn({
      checks: periods.map(({ counter, delta, max }): Check => ({
        kind: "sum-at-most",
        counter,
        delta,
        max,
      })),
      writes: periods.map(({ counter, delta, endsMs }): Write => ({
        kind: "add",
        counter,
        delta,
        expiresAtMs: endsMs,
      })),
    });
    if (result.committed) {
      if (turn === pool.turn) return size;
      credit(pool, minute, size);
      return 0;
    }
    if (size === 1) pool.throttledUntilMs = periods[result.check]!.endsMs;
    credit(pool, minute, credited);
  }
  return 0;
}
