/**
 * A pool: the guess permits of one ration that one edge holds in the present minute. This
 * file has the arithmetic only: no store, no clock, and nothing that waits.
 *
 * Permits end with their minute. Permits that were leased and not spent are credited to the
 * counter of the day on which they were leased, and to no other.
 *
 * @module
 */

import type { Held } from "../store/record.ts";

/** A limit of bad codes, over all edges. */
export interface Ration {
  /** The owner of the ration; the counters in the store are named after it. */
  readonly name: string;
  readonly perMinute: number;
  /** The limit of a day; absent if only the minute is limited. */
  readonly perDay?: number;
}

/**
 * The record of the one permit that an edge holds before its first bad code of a minute.
 * Other edges may take this permit back once its minute is long over.
 */
export interface HeldPermit {
  /** Names one lease; no two leases have the same. */
  readonly leaseId: string;
  /** The minute of the lease, counted from 1970. */
  readonly minute: number;
  /** 1; or 0 after the first bad code: then there is nothing to take back. */
  readonly permits: number;
}

/** The permits of a ration that an edge holds. */
export interface Pool {
  ration: Ration;
  minute: number;
  /** Counts the changes of `minute`. A clock that is set back can bring a minute twice. */
  generation: number;
  /** Permits that are leased and not spent. */
  free: number;
  /** Leases of this minute. */
  leases: number;
  /** Searches under way that began in this minute. */
  searching: number;
  /** When the last search began, unix ms. */
  startedMs: number;
  /** Whether the last search that ended was slow. */
  slow: boolean;
  /** Permits that were leased in an earlier minute of this day and not spent. */
  unused: number;
  /**
   * The permit of this edge that is recorded in the store. It is also counted in `free`
   * or `unused`.
   */
  held: Held<HeldPermit>;
  /** Whether the ration has no free place for a record of this pool in this minute. */
  lacksPlace: boolean;
  /** The lease under way; other callers wait for it. */
  leasing: Promise<void> | null;
  /** Callers that wait for a search to end. */
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
const utcDayOf = (minute: number): number =>
  Math.floor(minute * MINUTE_MS / DAY_MS);

/** When a minute ends, unix ms. */
export const minuteEndMs = (minute: number): number => (minute + 1) * MINUTE_MS;

/** When the day of a minute ends, unix ms. */
export const dayEndMs = (minute: number): number =>
  (utcDayOf(minute) + 1) * DAY_MS;

/** A new pool without permits. */
export function newPool(
  ration: Ration,
  minute: number,
  held: Held<HeldPermit>,
): Pool {
  return {
    ration,
    minute,
    generation: 0,
    free: 0,
    leases: 0,
    searching: 0,
    startedMs: 0,
    slow: false,
    unused: 0,
    held,
    lacksPlace: false,
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
  const sameDay = utcDayOf(pool.minute) === utcDayOf(minute);
  pool.unused = sameDay ? pool.unused + pool.free : 0;
  // These permits can be leased again, even if the day was used up.
  if (pool.unused > 0) pool.throttledUntilMs = 0;
  pool.minute = minute;
  pool.generation++;
  pool.free = 0;
  pool.leases = 0;
  pool.searching = 0;
  pool.lacksPlace = false;
}

/** Credits permits of `minute` that were not spent, if their day is not over. */
export function credit(pool: Pool, minute: number, permits: number): void {
  if (utcDayOf(pool.minute) === utcDayOf(minute)) pool.unused += permits;
}

/** Adds permits that were leased in `minute`. */
export function addLease(pool: Pool, minute: number, permits: number): void {
  if (pool.minute !== minute) return credit(pool, minute, permits);
  pool.free += permits;
  pool.leases++;
}

/** Gives back a permit that was spent in `minute`. */
export function giveBack(pool: Pool, minute: number): void {
  if (pool.minute === minute) {
    pool.free++;
    return;
  }
  credit(pool, minute, 1);
  pool.throttledUntilMs = 0;
}

/** Whether another edge may take back a permit that the pool holds. */
export function isOnRecord({ held, free }: Pool): boolean {
  return free > 0 && held.value?.permits === 1;
}

/** Removes the recorded permit from the pool. `none` is an empty place. */
export function dropHeld(pool: Pool, none: Held<HeldPermit>): void {
  const { value } = pool.held;
  pool.held = none;
  if (value?.permits !== 1) return;
  if (value.minute !== pool.minute) {
    pool.unused = Math.max(0, pool.unused - 1);
    return;
  }
  pool.free = Math.max(0, pool.free - 1);
  // The next lease is the first one again, and goes on record.
  pool.leases = 0;
}

/**
 * The most permits that an edge leases at once, and the most searches that it makes at once
 * with fewer permits. It is a quarter of the limit at most, because permits that are idle on
 * one edge are missing on the others.
 */
function shareOf({ perMinute }: Ration): number {
  return Math.min(MAX_LEASE, Math.max(1, Math.floor(perMinute / 4)));
}

/**
 * How many permits to lease. The number doubles with every lease, so that an edge without
 * misses holds only one permit: only misses make further leases necessary.
 */
export function leaseSize(
  { ration, leases }: Pick<Pool, "ration" | "leases">,
): number {
  return Math.min(shareOf(ration), 2 ** leases);
}

/** Whether a pool holds no permit and can lease none. */
export function isThrottled(pool: Pool, nowMs: number): boolean {
  return pool.free === 0 && nowMs < pool.throttledUntilMs;
}

/**
 * Whether a search must wait until another one has ended. A search that only computes
 * ends in the same turn of the event loop, so waiting for it costs nothing, and no more
 * codes are searched than there are permits for misses. While searches wait for the
 * store, a few more than that may be under way, because each result needs a permit
 * before a caller gets it.
 */
export function mustWait(pool: Pool, nowMs: number): boolean {
  const { searching, free, ration } = pool;
  const slow = pool.slow || nowMs - pool.startedMs > SLOW_MS;
  return searching >= free && (!slow || searching >= shareOf(ration));
}

/** Counts a search that begins. Returns the generation that it belongs to. */
export function beginSearch(pool: Pool, nowMs: number): number {
  pool.startedMs = nowMs;
  pool.searching++;
  return pool.generation;
}

/** Counts a search that has ended, and resumes a search that waits for that. */
export function endSearch(
  pool: Pool,
  generation: number,
  tookMs: number,
): void {
  pool.slow = tookMs > SLOW_MS;
  if (pool.generation === generation) pool.searching--;
  resumeNext(pool);
}

/**
 * Resumes only the search that has waited longest. If all were resumed, all but one
 * would have to wait again: with 64 waiting searches that makes about two thousand
 * useless looks at the pool.
 */
export function resumeNext(pool: Pool): void {
  pool.waiting.shift()?.();
}
