/**
 * What one edge holds of one ration of guess permits in the current minute.
 * Arithmetic only: no store, no clock, nothing that waits.
 *
 * Permits of a minute end with it. What was leased and never spent is credited
 * to the day that paid for it, and to no other.
 *
 * @module
 */

/** How many bad codes a name has, over all edges. */
export interface Ration {
  /** Whose ration it is: what the counters in the store are named after. */
  readonly name: string;
  readonly perMinute: number;
  /** Absent: only the minute is limited. */
  readonly perDay?: number;
}

/** What an edge holds of a ration. */
export interface Pool {
  ration: Ration;
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
  leasing: Promise<void> | null;
  /** Who waits for a permit to come back from a search. */
  readonly waiting: (() => void)[];
  /** Until then nothing can be leased, unix ms. */
  throttledUntilMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MAX_LEASE = 100;
/** A search above this has waited for something. */
const SLOW_MS = 2;

/** The minute that a moment lies in, counted from 1970. */
export const minuteOf = (unixMs: number): number =>
  Math.floor(unixMs / MINUTE_MS);

/** The day (UTC) that a minute lies in, counted from 1970. */
export const dayOf = (minute: number): number =>
  Math.floor(minute * MINUTE_MS / DAY_MS);

/** When a minute ends, unix ms. */
export const minuteEndMs = (minute: number): number => (minute + 1) * MINUTE_MS;

/** When the day of a minute ends, unix ms. */
export const dayEndMs = (minute: number): number =>
  (dayOf(minute) + 1) * DAY_MS;

/** A pool that holds nothing yet. */
export function newPool(ration: Ration, minute: number): Pool {
  return {
    ration,
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
}

/** Brings a pool to a minute, and to the figures of its ration as they are now. */
export function bringTo(pool: Pool, ration: Ration, minute: number): void {
  const { perMinute, perDay } = pool.ration;
  // A limit that an administrator raises holds at once, not only from the next
  // minute on.
  if (perMinute !== ration.perMinute || perDay !== ration.perDay) {
    pool.throttledUntilMs = 0;
  }
  pool.ration = ration;
  if (pool.minute === minute) return;
  const sameDay = dayOf(pool.minute) === dayOf(minute);
  pool.unused = sameDay ? pool.unused + pool.free : 0;
  // These permits can be leased again, even if the day was used up.
  if (pool.unused > 0) pool.throttledUntilMs = 0;
  pool.minute = minute;
  pool.turn++;
  pool.free = 0;
  pool.searching = 0;
  pool.spentLeases = 0;
}

/** Credits permits of `minute` that nobody spent, if its day is not over. */
export function credit(pool: Pool, minute: number, permits: number): void {
  if (dayOf(pool.minute) === dayOf(minute)) pool.unused += permits;
}

/**
 * The most that an edge leases at once. No edge holds more than a quarter,
 * since what lies idle here is missing elsewhere, and hits give theirs back: a
 * large limit needs no large share.
 */
function shareOf({ perMinute }: Ration): number {
  return Math.min(MAX_LEASE, Math.max(1, Math.floor(perMinute / 4)));
}

/**
 * How much to lease: one permit more for a search beside others; for a first
 * one, more and more the more misses there were, so that an edge without any
 * holds only one.
 */
export function leaseSize(
  { ration, searching, spentLeases }: Pick<
    Pool,
    "ration" | "searching" | "spentLeases"
  >,
): number {
  return searching > 0 ? 1 : Math.min(shareOf(ration), 2 ** spentLeases);
}

/** Whether nothing is held and nothing can be leased. */
export function isThrottled(pool: Pool, nowMs: number): boolean {
  return pool.free === 0 && nowMs < pool.throttledUntilMs;
}

/**
 * Whether to wait for a permit of a search under way. A search that only
 * computes gives its permit back in this very turn: to wait for it is cheaper
 * than a round trip, and leaves the others what is theirs.
 */
export function isWorthWaiting(pool: Pool, nowMs: number): boolean {
  const slow = pool.slow || nowMs - pool.startedMs > SLOW_MS;
  return pool.searching > 0 &&
    (isThrottled(pool, nowMs) || !slow ||
      pool.searching >= shareOf(pool.ration));
}

/** Wakes everybody who waits for a permit. */
export function wake(pool: Pool): void {
  pool.waiting.splice(0).forEach((resume) => resume());
}

/** One permit of a pool. It is free to search, then spent or given back. */
export class PoolPermit {
  readonly #pool: Pool;
  readonly #minute: number;
  readonly #turn: number;
  readonly #startedMs: number;
  #state: "searching" | "spent" | "free" = "searching";

  /** Takes a free permit out of a pool that has one. */
  constructor(pool: Pool, nowMs: number) {
    this.#pool = pool;
    this.#startedMs = nowMs;
    this.#minute = pool.minute;
    this.#turn = pool.turn;
    pool.startedMs = nowMs;
    pool.free--;
    pool.searching++;
  }

  /** The search has ended; once. */
  release(outcome: "hit" | "miss", nowMs: number): void {
    if (this.#state !== "searching") {
      throw new TypeError("A guess permit was released twice");
    }
    this.#pool.slow = nowMs - this.#startedMs > SLOW_MS;
    if (this.#pool.turn === this.#turn) this.#pool.searching--;
    if (outcome === "hit") this.#giveBack();
    else this.#state = "spent";
    wake(this.#pool);
  }

  /** Gives a spent permit back, because its miss told the caller nothing. */
  forgive(): void {
    if (this.#state !== "spent") throw new TypeError("No spent guess permit");
    this.#giveBack();
    wake(this.#pool);
  }

  #giveBack(): void {
    const pool = this.#pool;
    this.#state = "free";
    if (pool.turn === this.#turn) {
      pool.free++;
      return;
    }
    credit(pool, this.#minute, 1);
    pool.throttledUntilMs = 0;
  }
}
