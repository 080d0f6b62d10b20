/**
 * Guess slots: every search is paid for in advance.
 *
 * The owner of an API key has so many bad codes a minute and a day, counted in
 * the store. An edge leases a few slots at a time; a search takes one, a hit
 * gives it back, a miss spends it. So the limit holds over all processes and
 * regions, a bad code costs no round trip while slots are held, and with the
 * store down nothing is searched. No customer is ever locked by it, and each
 * minute and day starts anew.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { guessesKey } from "../store/keys.ts";
import type { Check, Store, Write } from "../store/store.ts";

/** What a search may do. */
export type Slot =
  | {
    readonly kind: "slot";
    /** Must be called once, with what the search found. */
    release(outcome: "hit" | "miss"): void;
    /** Gives a slot back that was spent: the miss told its owner nothing. */
    forgive(): void;
  }
  | { readonly kind: "throttled"; readonly retryAfterSeconds: number };

/** Hands out guess slots. */
export interface GuessSlots {
  /**
   * A slot for one search by `owner`.
   *
   * @throws {StoreUnavailableError} when slots cannot be leased.
   */
  take(owner: string): Promise<Slot>;
}

/** How many bad codes an owner has. */
export interface GuessLimits {
  readonly perMinute: number;
  readonly perDay: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MAX_POOLS = 10_000;
const MAX_LEASE = 100;
/** A search above this has waited for something. */
const SLOW_MS = 2;

/** What this edge holds for one owner in the current minute. */
interface Pool {
  minute: number;
  /** Counts changes of the minute; a clock that is set back makes two. */
  turn: number;
  /** Leased, not spent, not in a search. */
  free: number;
  /** In a search that began in this minute. */
  searching: number;
  /** Leases of this minute that were spent on misses. */
  spentLeases: number;
  /** When the last search began, unix ms. */
  startedMs: number;
  /** Whether the last search that ended took its time. */
  slow: boolean;
  /** Leased in an earlier minute of this day and never spent: to give back. */
  unused: number;
  /** A lease under way; more callers wait for it. */
  leasing: Promise<number> | null;
  /** Who waits for a slot to come back from a search. */
  readonly waiting: (() => void)[];
  /** Until then nothing can be leased, unix ms. */
  throttledUntilMs: number;
}

const dayOf = (minute: number) => Math.floor(minute * MINUTE_MS / DAY_MS);

/** Makes {@linkcode GuessSlots} over the store. */
export function createGuessSlots(deps: {
  store: Store;
  clock: Clock;
  limits: GuessLimits;
}): GuessSlots {
  const { store, clock, limits } = deps;
  // No edge holds more than a quarter, since what lies idle here is missing
  // elsewhere, and hits give theirs back: a large limit needs no large share.
  const share = Math.min(
    MAX_LEASE,
    Math.max(1, Math.floor(limits.perMinute / 4)),
  );
  const pools = new Map<string, Pool>();

  function poolOf(owner: string): Pool {
    const minute = Math.floor(clock.nowMs() / MINUTE_MS);
    let pool = pools.get(owner);
    if (pool === undefined) {
      if (pools.size >= MAX_POOLS) {
        for (const [name, { searching, leasing }] of pools) {
          if (searching === 0 && leasing === null) pools.delete(name);
          if (pools.size < MAX_POOLS) break;
        }
      }
      pool = {
        minute,
        turn: 0,
        free: 0,
        searching: 0,
        spentLeases: 0,
        startedMs: 0,
        slow: false,
        unused: 0,
        leasing: null,
        waiting: [],
        throttledUntilMs: 0,
      };
      pools.set(owner, pool);
    }
    if (pool.minute !== minute) {
      // Slots of a minute end with it, and those of a day with the day.
      const sameDay = dayOf(pool.minute) === dayOf(minute);
      pool.unused = sameDay ? pool.unused + pool.free : 0;
      // A day that was used up may have these again.
      if (pool.unused > 0) pool.throttledUntilMs = 0;
      pool.minute = minute;
      pool.turn++;
      pool.free = 0;
      pool.searching = 0;
      pool.spentLeases = 0;
    }
    return pool;
  }

  /** Keeps slots of `minute` that nobody spent, if its day can have them. */
  function keep(pool: Pool, minute: number, slots: number): void {
    if (dayOf(pool.minute) === dayOf(minute)) pool.unused += slots;
  }

  /**
   * One slot more for a search beside others; for a first one, more and more
   * the more misses there were, so that an edge without any holds only one.
   */
  function leaseSizeOf({ searching, spentLeases }: Pool): number {
    return searching > 0 ? 1 : Math.min(share, 2 ** spentLeases);
  }

  /** Leases slots of this minute; how many it got. */
  async function lease(owner: string, pool: Pool): Promise<number> {
    const nowMs = clock.nowMs();
    const minute = Math.floor(nowMs / MINUTE_MS);
    const day = dayOf(minute);
    const { turn } = pool;
    for (const size of new Set([leaseSizeOf(pool), 1])) {
      // What was never spent pays for this lease, but no more than all of it:
      // a lease repeated by a transport then takes too much, never too little.
      // It is put back only for a certain no, for the same reason.
      const credit = Math.min(pool.unused, size);
      pool.unused -= credit;
      const periods = [
        {
          counter: guessesKey(owner, `m${minute}`),
          delta: size,
          max: limits.perMinute,
          endsMs: (minute + 1) * MINUTE_MS,
        },
        {
          counter: guessesKey(owner, `d${day}`),
          delta: size - credit,
          max: limits.perDay,
          endsMs: (day + 1) * DAY_MS,
        },
      ];
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
        keep(pool, minute, size);
        return 0;
      }
      if (size === 1) {
        pool.throttledUntilMs = periods[result.check]!.endsMs;
      }
      keep(pool, minute, credit);
    }
    return 0;
  }

  function wake(pool: Pool): void {
    pool.waiting.splice(0).forEach((resume) => resume());
  }

  function slot(pool: Pool): Slot {
    const { minute, turn } = pool;
    const startedMs = clock.nowMs();
    pool.startedMs = startedMs;
    pool.free--;
    pool.searching++;
    let state: "searching" | "spent" | "free" = "searching";
    const giveBack = () => {
      state = "free";
      if (pool.turn === turn) {
        pool.free++;
        return;
      }
      keep(pool, minute, 1);
      pool.throttledUntilMs = 0;
    };
    return {
      kind: "slot",
      release(outcome) {
        if (state !== "searching") {
          throw new TypeError("A slot was released twice");
        }
        pool.slow = clock.nowMs() - startedMs > SLOW_MS;
        if (pool.turn === turn) pool.searching--;
        if (outcome === "hit") giveBack();
        else state = "spent";
        wake(pool);
      },
      forgive() {
        if (state !== "spent") throw new TypeError("No spent slot");
        giveBack();
        wake(pool);
      },
    };
  }

  return {
    async take(owner) {
      for (;;) {
        const pool = poolOf(owner);
        if (pool.free > 0) return slot(pool);
        const nowMs = clock.nowMs();
        const throttled = nowMs < pool.throttledUntilMs;
        if (throttled && pool.searching === 0) {
          return {
            kind: "throttled",
            retryAfterSeconds: Math.max(
              1,
              Math.ceil((pool.throttledUntilMs - nowMs) / 1000),
            ),
          };
        }
        // A search that only computes gives its slot back in this very turn:
        // to wait for it is cheaper than a round trip, and leaves the others
        // what is theirs.
        const slow = pool.slow || nowMs - pool.startedMs > SLOW_MS;
        const worthWaiting = pool.searching > 0 &&
          (throttled || !slow || pool.searching >= share);
        if (worthWaiting && pool.leasing === null) {
          await new Promise<void>((resume) => pool.waiting.push(resume));
          continue;
        }
        pool.leasing ??= lease(owner, pool).then((got) => {
          pool.free += got;
          if (pool.searching === 0) pool.spentLeases++;
          return got;
        }).finally(() => pool.leasing = null);
        await pool.leasing;
      }
    },
  };
}
