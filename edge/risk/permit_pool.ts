/**
 * A pool: the guess permits of one ration that one edge holds in the present minute. This
 * file has the arithmetic only: no store, no clock, and nothing that waits.
 *
 * Permits end with their minute. Permits that were leased and not spent are credited to the
 * counter of the day on which they were leased, and to no other.
 *
 * @module
 */

/** A limit of bad codes, over all edges. */
export interface Ration {
  /** The owner of the ration; the counters in the store are named after it. */
  readonly name: string;
  readonly perMinute: number;
  /** The limit of a day; absent if only the minute is limited. */
  readonly perDay?: number;
}

/** The permits of a ration that an edge holds. */
export interface Pool {
  ration: Ration;
  minute: number;
  /** Counts the changes of `minute`. A clock that is set back can bring a minute twice. */
  generation: number;
  /** Permits that are leased, not spent and not in a search. */
  free: number;
  /** Permits in searches that began in this minute. */
  searching: number;
  /** Leases of this minute whose permits were spent on misses. */
  spentLeases: number;
  /** When the last search began, unix ms. */
  startedMs: number;
  /** Whether the last search that ended was slow. */
  slow: boolean;
  /** Permits that were leased in an earlier minute of this day and not spent. */
  unused: number;
  /** The lease under way; other callers wait for it. */
  leasing: Promise<void> | null;
  /** Callers that wait for a permit to come back from a search. */
  readonly waiting: (() => void)[];
  /** Before this moment no permit can be leased, unix ms. */
  throttledUntilMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MAX_LEASE = 100;
/** A search that takes longer than this has waited for the store. */
const SLOW_MS = 2;

/** The minute of a moment, counted from 1970. */
export const minuteOf = (unixMs: number): number =>
  Math.floor(unixMs / MINUTE_MS);

/** The day (UTC) of a minute, counted from 1970. */
export const dayOf = (minute: number): number =>
  Math.floor(minute * MINUTE_MS / DAY_MS);

/** When a minute ends, unix ms. */
export const minuteEndMs = (minute: number): number => (minute + 1) * MINUTE_MS;

/** When the day of a minute ends, unix ms. */
export const dayEndMs = (minute: number): number =>
  (dayOf(minute) + 1) * DAY_MS;

/** A new pool without permits. */
export function newPool(ration: Ration, minute: number): Pool {
  return {
    ration,
    minute,
    generation: 0,
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

/** Brings a pool to a minute, and to the present limits of its ration. */
export function bringTo(pool: Pool, ration: Ration, minute: number): void {
  const { perMinute, perDay } = pool.ration;
  // A limit that an administrator has raised takes effect at once, and not only from the
  // next minute on.
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
  pool.generation++;
  pool.free = 0;
  pool.searching = 0;
  pool.spentLeases = 0;
}

/** Credits permits of `minute` that were not spent, if their day is not over. */
export function credit(pool: Pool, minute: number, permits: number): void {
  if (dayOf(pool.minute) === dayOf(minute)) pool.unused += permits;
}

/**
 * The most permits that an edge leases at once. It is a quarter of the limit at most, because
 * permits that are idle on one edge are missing on the others. A larger share is not needed,
 * because hits give their permits back.
 */
function shareOf({ perMinute }: Ration): number {
  return Math.min(MAX_LEASE, Math.max(1, Math.floor(perMinute / 4)));
}

/**
 * How many permits to lease. If searches are under way, one is enough, because theirs may
 * come back. Otherwise the number doubles with every lease that was spent on misses, so that
 * an edge without misses holds only one permit.
 */
export function leaseSize(
  { ration, searching, spentLeases }: Pick<
    Pool,
    "ration" | "searching" | "spentLeases"
  >,
): number {
  return searching > 0 ? 1 : Math.min(shareOf(ration), 2 ** spentLeases);
}

/** Whether a pool holds no permit and can lease none. */
export function isThrottled(pool: Pool, nowMs: number): boolean {
  return pool.free === 0 && nowMs < pool.throttledUntilMs;
}

/**
 * Whether to wait for the permit of a search under way. A search that only computes gives its
 * permit back in the same turn of the event loop. Waiting for it is cheaper than a round trip,
 * and leaves permits for other edges.
 */
export function isWorthWaiting(pool: Pool, nowMs: number): boolean {
  const slow = pool.slow || nowMs - pool.startedMs > SLOW_MS;
  return pool.searching > 0 &&
    (isThrottled(pool, nowMs) || !slow ||
      pool.searching >= shareOf(pool.ration));
}

/** Wakes all callers that wait for a permit. */
export function wake(pool: Pool): void {
  pool.waiting.splice(0).forEach((resume) => resume());
}

/**
 * One permit of a pool. It is in a search first, and then spent or given back.
 */
export class PoolPermit {
  readonly #pool: Pool;
  readonly #minute: number;
  readonly #generation: number;
  readonly #startedMs: number;
  #state: "searching" | "spent" | "free" = "searching";

  /** Takes a free permit out of a pool that has one. */
  constructor(pool: Pool, nowMs: number) {
    this.#pool = pool;
    this.#startedMs = nowMs;
    this.#minute = pool.minute;
    this.#generation = pool.generation;
    pool.startedMs = nowMs;
    pool.free--;
    pool.searching++;
  }

  /** Ends the search; must be called exactly once. */
  release(outcome: "hit" | "miss", nowMs: number): void {
    if (this.#state !== "searching") {
      throw new TypeError("A guess permit was released twice");
    }
    this.#pool.slow = nowMs - this.#startedMs > SLOW_MS;
    if (this.#pool.generation === this.#generation) this.#pool.searching--;
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
    if (pool.generation === this.#generation) {
      pool.free++;
      return;
    }
    credit(pool, this.#minute, 1);
    pool.throttledUntilMs = 0;
  }
}
