/**
 * Guess permits: every search needs permits before it begins.
 *
 * A caller who presents codes has one or more rations of bad codes, which are counted in
 * the store: for each minute, and for some rations also for each day. An edge leases a few
 * permits of a ration at a time. A search takes a permit of every ration that applies to
 * it; a hit gives them back, a miss spends them. The limits therefore hold over all
 * processes and regions, and a bad code costs no round trip while the edge holds permits.
 * If the store is down, nothing is searched. No customer is ever locked, and the rations
 * begin anew with each minute and each day.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { commit } from "../store/commit.ts";
import { guessesField } from "../store/keys.ts";
import type { Store, Write } from "../store/store.ts";
import {
  bringTo,
  credit,
  dayEndMs,
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

/** The permits of one search, or why there are none. */
export type Permit =
  | {
    readonly kind: "permit";
    /** Ends the search with its outcome; must be called exactly once. */
    release(outcome: "hit" | "miss"): void;
    /** Gives a spent permit back, because its miss told the caller nothing. */
    forgive(): void;
  }
  | { readonly kind: "throttled"; readonly retryAfterSeconds: number };

/** Hands out guess permits. */
export interface GuessPermits {
  /**
   * Takes a permit of each ration for one search. The last ration must be the widest.
   *
   * @throws {StoreUnavailableError} If permits cannot be leased.
   */
  take(rations: readonly Ration[]): Promise<Permit>;
  /** How many rations this process knows, and how many are used up now. */
  figures(): { readonly known: number; readonly spent: number };
}

const MAX_POOLS = 10_000;
const MINUTE_MS = 60_000;
/** How long the counters of a till are kept after a lease. */
const END_MS = 2 * MINUTE_MS;

/** Makes {@linkcode GuessPermits} over the store. */
export function createGuessPermits(
  deps: { store: Store; clock: Clock },
): GuessPermits {
  const { clock } = deps;
  /**
   * The pools of the widest rations are in a map of their own. A caller who invents
   * terminal ids can therefore not push out the pools of other owners, together with the
   * permits that they hold.
   */
  const widest = new Map<string, Pool>();
  const narrow = new Map<string, Pool>();

  /**
   * The pools of these rations in the present minute, or the one that is
   * closed.
   */
  function poolsOf(rations: readonly Ration[], nowMs: number): Pool[] | Pool {
    const pools: Pool[] = [];
    for (let i = rations.length - 1; i >= 0; i--) {
      const last = i === rations.length - 1;
      const map = last ? widest : narrow;
      const pool = poolOf(map, rations[i]!, minuteOf(nowMs));
      // Pools of narrower rations are not made if the search is refused anyway.
      if (isClosed(pool, nowMs)) return pool;
      pools.push(pool);
    }
    return pools;
  }

  return {
    async take(rations) {
      for (;;) {
        const nowMs = clock.nowMs();
        const pools = poolsOf(rations, nowMs);
        if (!Array.isArray(pools)) return throttled(pools, nowMs);
        const lacking = pools.filter(({ free }) => free === 0);
        if (lacking.length === 0) return permitOf(pools, clock);
        // Leases that begin in the same turn of the event loop share one run of the
        // store's script.
        await Promise.all(lacking.map((pool) => more(deps, pool, nowMs)));
      }
    },
    figures() {
      const nowMs = clock.nowMs();
      const pools = [...widest.values(), ...narrow.values()];
      const spent = pools.filter((pool) => isThrottled(pool, nowMs)).length;
      return { known: pools.length, spent };
    },
  };
}

/** Takes one permit of each pool. Every pool must have one. */
function permitOf(pools: readonly Pool[], clock: Clock): Permit {
  const startedMs = clock.nowMs();
  const taken = pools.map((pool) => new PoolPermit(pool, startedMs));
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
}

/** The pool of a ration, brought to this minute. */
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

/** Forgets the oldest pool that has no search and no lease under way. */
function makeRoom(pools: Map<string, Pool>): void {
  for (const [name, { searching, leasing }] of pools) {
    // A permit that comes back from a search must find its pool.
    if (searching > 0 || leasing !== null) continue;
    pools.delete(name);
    return;
  }
}

/**
 * Whether a pool has no permit, can lease none, and no search can give one
 * back.
 */
function isClosed(pool: Pool, nowMs: number): boolean {
  return isThrottled(pool, nowMs) && pool.searching === 0;
}

function throttled({ throttledUntilMs }: Pool, nowMs: number): Permit {
  const seconds = Math.ceil((throttledUntilMs - nowMs) / 1000);
  return { kind: "throttled", retryAfterSeconds: Math.max(1, seconds) };
}

/**
 * Waits until a pool may have a permit again: one comes back, or some are
 * leased.
 */
async function more(
  deps: { store: Store; clock: Clock },
  pool: Pool,
  nowMs: number,
): Promise<void> {
  if (isWorthWaiting(pool, nowMs) && pool.leasing === null) {
    return await new Promise((resume) => pool.waiting.push(resume));
  }
  pool.leasing ??= lease(deps, pool).then((got) => {
    pool.free += got;
    if (pool.searching === 0) pool.spentLeases++;
  }).finally(() => pool.leasing = null);
  await pool.leasing;
}

/** Leases permits of this minute. Returns how many were leased. */
async function lease(
  { store, clock }: { store: Store; clock: Clock },
  pool: Pool,
): Promise<number> {
  const { name, perMinute, perDay } = pool.ration;
  const { generation } = pool;
  const minute = minuteOf(clock.nowMs());
  const ends = { minute: minuteEndMs(minute), day: dayEndMs(minute) };
  const time = new Date(minute * MINUTE_MS).toISOString();
  for (const size of new Set([leaseSize(pool), 1])) {
    // Unused permits are credited to the day's counter, at most as many as this lease
    // takes. They are put back only if the store has certainly refused the lease. If the
    // result is unknown, or a transport repeats the lease, the day's counter is too high,
    // never too low.
    const credited = Math.min(pool.unused, size);
    pool.unused -= credited;
    const counters = [{
      label: "minute" as keyof typeof ends,
      counter: guessesField(name, "minute"),
      period: time.slice(0, "YYYY-MM-DDThh:mm".length),
      delta: size,
      max: perMinute,
    }];
    if (perDay !== undefined) {
      counters.push({
        label: "day",
        counter: guessesField(name, "day"),
        period: time.slice(0, "YYYY-MM-DD".length),
        delta: size - credited,
        max: perDay,
      });
    }
    // Callers choose the names of tills, so the counters of a till must expire. The time
    // to live of a field is that of its whole map. It is longer than the period, even if
    // the clocks of two edges differ.
    const isTill = perDay === undefined;
    const leased = guessesField(name, "leased");
    const end: Write = { kind: "set", key: leased, value: time, ttlMs: END_MS };
    const result = await commit(store, {
      guards: counters.map((it) => ({ kind: "within", ...it })),
      writes: [
        ...counters.map(({ counter, period, delta }) =>
          ({ kind: "add", counter, period, delta }) as const
        ),
        ...(isTill ? [end] : []),
      ],
      mine: () => false,
    });
    if (result.committed) {
      if (generation === pool.generation) return size;
      credit(pool, minute, size);
      return 0;
    }
    if (size === 1) pool.throttledUntilMs = ends[result.refusedBy];
    credit(pool, minute, credited);
  }
  return 0;
}
