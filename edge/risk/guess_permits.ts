/**
 * Guess permits: without one nothing is searched, and no caller gets a result.
 *
 * A caller who presents codes has one or more rations of bad codes, which are counted
 * in the store: for each minute, and for some rations also for each day. An edge leases
 * a few permits of a ration at a time. Before a caller gets a result, the edge must
 * have a permit of every ration that applies: a hit leaves the permit with the edge, a
 * miss spends it. The limits therefore hold over all processes and regions, and most
 * bad codes cost no round trip. If the store is down, nothing is searched. No customer
 * is ever locked, and the rations begin anew with each minute and each day.
 *
 * An edge that is killed must not keep permits from others for a whole day. The first
 * permit of a minute is therefore recorded in the store, and the edge removes it from
 * the record before it answers the first bad code of that minute. A permit that is
 * still on record when its minute is long over was not spent, so any edge may take it
 * back. Both are decided in the store: a permit that was taken back cannot be spent by
 * an edge that was only stopped.
 *
 * @module
 */

import type { Clock, Random } from "../base/clock.ts";
import { newRevision } from "../base/ids.ts";
import { commit } from "../store/commit.ts";
import { guessesField, heldPermitField } from "../store/keys.ts";
import {
  counter,
  type Held,
  integer,
  readRecords,
  recordKind,
  type RecordPlace,
} from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store, Write } from "../store/store.ts";
import {
  addLease,
  beginSearch,
  bringTo,
  credit,
  dayEndMs,
  dropHeld,
  endSearch,
  giveBack,
  type HeldPermit,
  isOnRecord,
  isThrottled,
  leaseSize,
  minuteEndMs,
  minuteOf,
  mustWait,
  newPool,
  type Pool,
  type Ration,
  resumeNext,
} from "./permit_pool.ts";

/** A ration is used up. */
export interface Throttled {
  readonly kind: "throttled";
  readonly retryAfterSeconds: number;
}

/** How a search has ended. */
export type Outcome = "hit" | "miss" | "failed";

/** The permit of one search, or why there is none. */
export type Permit =
  | {
    readonly kind: "permit";
    /**
     * Ends the search with its outcome; must be called exactly once. The outcome may be
     * answered only if this returns `null`. A search that has failed reveals nothing
     * and needs no permit.
     *
     * @throws {StoreUnavailableError} If a permit that is needed cannot be leased.
     */
    release(outcome: Outcome): Promise<Throttled | null>;
    /** Gives a spent permit back, because its miss revealed nothing to the caller. */
    forgive(): void;
  }
  | Throttled;

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

/** What guess permits need. */
export interface GuessPermitDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

const MAX_POOLS = 10_000;
const MINUTE_MS = 60_000;
/** How long the counters of a till are kept after a lease. */
const END_MS = 2 * MINUTE_MS;
/**
 * The number of places that a ration has for permits on record. Edges beyond that
 * number lease without a record.
 */
const PLACES = 32;
/**
 * How long after the end of its minute a permit may be taken back. An edge whose clock is
 * more than 2 s from the store's searches nothing, so two clocks differ by 4 s at most; and
 * a request is used for 5 s.
 */
const TAKE_BACK_AFTER_MS = 10_000;

const permitCounters = recordKind({ key: guessesField, form: counter });

/** An addition to one of the counters of a ration. */
function additionTo(
  name: string,
  field: "minute" | "day",
  minute: number,
  delta: number,
) {
  const time = new Date(minute * MINUTE_MS).toISOString();
  const { length } = field === "day" ? "YYYY-MM-DD" : "YYYY-MM-DDThh:mm";
  const period = time.slice(0, length);
  return { to: permitCounters(name, field), period, delta };
}

/**
 * The latest minute in which permits of a till were leased. Callers choose the names of
 * tills, so the counters of a till must expire. The time to live of a field is that of
 * its whole map. It is longer than the period, even if the clocks of two edges differ.
 */
const tillLeases = recordKind({
  key: (name: string) => guessesField(name, "leased"),
  form: integer,
  ttlMs: END_MS,
});

const heldPermits = recordKind({
  key: heldPermitField,
  form: {
    write: ({ minute, permits, leaseId }: HeldPermit) =>
      `${minute} ${permits} ${leaseId}`,
    read(text) {
      const [, minute, permits, leaseId] = /^(\d+) ([01]) (.+)$/.exec(text)!;
      return {
        minute: Number(minute),
        permits: Number(permits),
        leaseId: leaseId!,
      };
    },
  },
});

/** Makes {@linkcode GuessPermits} over the store. */
export function createGuessPermits(deps: GuessPermitDeps): GuessPermits {
  const { clock } = deps;
  // Edges begin at different places, so that two of them seldom want the same one.
  const place = deps.random.bytes(1)[0]! % PLACES;
  /**
   * The pools of the widest rations are in a map of their own. A caller who invents
   * terminal ids can therefore not push out the pools of other owners, together with the
   * permits that they hold.
   */
  const widest = new Map<string, Pool>();
  const narrow = new Map<string, Pool>();

  /**
   * The pools of these rations in the present minute, or the one that is
   * throttled.
   */
  function poolsOf(rations: readonly Ration[], nowMs: number): Pool[] | Pool {
    const pools: Pool[] = [];
    for (let i = rations.length - 1; i >= 0; i--) {
      const last = i === rations.length - 1;
      const map = last ? widest : narrow;
      const pool = poolOf(map, rations[i]!, minuteOf(nowMs), place);
      // Pools of narrower rations are not made if the search is refused anyway.
      if (isThrottled(pool, nowMs)) return pool;
      pools.push(pool);
    }
    return pools;
  }

  return {
    async take(rations) {
      let awaited: Pool | null = null;
      for (;;) {
        const nowMs = clock.nowMs();
        const pools = poolsOf(rations, nowMs);
        if (!Array.isArray(pools)) {
          if (awaited !== null) resumeNext(awaited);
          return throttled(pools, nowMs);
        }
        const lacking = pools.filter(({ free }) => free === 0);
        const busy = lacking.length > 0
          ? undefined
          : pools.find((pool) => mustWait(pool, nowMs));
        const permit = lacking.length > 0 || busy !== undefined
          ? null
          : permitOf(deps, pools);
        // If this search leaves room in the pool that it has waited for, another one that
        // waits for it may begin.
        if (awaited !== null && awaited !== busy) {
          if (permit === null || !mustWait(awaited, nowMs)) resumeNext(awaited);
        }
        if (permit !== null) return permit;
        awaited = busy ?? null;
        // Leases that begin in the same turn of the event loop share one run of the store's
        // script.
        await (busy === undefined
          ? Promise.all(lacking.map((pool) => lease(deps, pool)))
          : new Promise<void>((resume) => busy.waiting.push(resume)));
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

/** Begins a search. Every pool must have a permit. */
function permitOf(deps: GuessPermitDeps, pools: readonly Pool[]): Permit {
  const startedMs = deps.clock.nowMs();
  const generations = pools.map((pool) => beginSearch(pool, startedMs));
  let state: "searching" | "told" | "spent" | "free" = "searching";
  let minute = 0;
  return {
    kind: "permit",
    async release(outcome) {
      if (state !== "searching") {
        throw new TypeError("A guess permit was released twice");
      }
      state = "told";
      const tookMs = deps.clock.nowMs() - startedMs;
      try {
        const refusal = await settle(deps, pools, outcome);
        if (refusal === null && outcome === "miss") {
          state = "spent";
          minute = pools[0]!.minute;
        }
        return refusal;
      } finally {
        pools.forEach((pool, i) => endSearch(pool, generations[i]!, tookMs));
      }
    },
    forgive() {
      if (state !== "spent") throw new TypeError("No spent guess permit");
      state = "free";
      for (const pool of pools) giveBack(pool, minute);
    },
  };
}

/**
 * Makes sure that every pool has a permit for an outcome, and spends it if the outcome is a
 * miss. Permits that were there when the search began may have ended or been spent since.
 */
async function settle(
  deps: GuessPermitDeps,
  pools: readonly Pool[],
  outcome: Outcome,
): Promise<Throttled | null> {
  if (outcome === "failed") return null;
  for (;;) {
    const nowMs = deps.clock.nowMs();
    for (const pool of pools) bringTo(pool, pool.ration, minuteOf(nowMs));
    const closed = pools.find((pool) => isThrottled(pool, nowMs));
    if (closed !== undefined) return throttled(closed, nowMs);
    const lacks = (pool: Pool) =>
      pool.free === 0 || outcome === "miss" && isOnRecord(pool);
    if (!pools.some(lacks)) break;
    // A permit that this miss will use up is replaced in the same turn of the event loop,
    // because these leases share one run of the store's script.
    const leasing = pools.filter((pool) =>
      lacks(pool) || outcome === "miss" && pool.free === 1
    );
    await Promise.all(leasing.map((pool) => lease(deps, pool)));
  }
  if (outcome === "miss") {
    for (const pool of pools) pool.free--;
  }
  return null;
}

/** The pool of a ration, brought to this minute. */
function poolOf(
  pools: Map<string, Pool>,
  ration: Ration,
  minute: number,
  place: number,
): Pool {
  let pool = pools.get(ration.name);
  if (pool === undefined) {
    if (pools.size >= MAX_POOLS) makeRoom(pools);
    const none = heldPermits(ration.name, place).held(null);
    pool = newPool(ration, minute, none);
    pools.set(ration.name, pool);
  }
  bringTo(pool, ration, minute);
  return pool;
}

/** Forgets the oldest pool that has no search and no lease under way. */
function makeRoom(pools: Map<string, Pool>): void {
  for (const [name, { searching, leasing }] of pools) {
    // The result of a search must be counted in the pool that it began in.
    if (searching > 0 || leasing !== null) continue;
    pools.delete(name);
    return;
  }
}

function throttled({ throttledUntilMs }: Pool, nowMs: number): Throttled {
  const seconds = Math.ceil((throttledUntilMs - nowMs) / 1000);
  return { kind: "throttled", retryAfterSeconds: Math.max(1, seconds) };
}

/**
 * Leases permits of this minute for a pool, and takes its permit off the record if it is on
 * record. Callers look at the pool again afterwards.
 */
function lease(deps: GuessPermitDeps, pool: Pool): Promise<void> {
  return pool.leasing ??= leaseMost(deps, pool)
    .finally(() => pool.leasing = null);
}

/** Leases as many permits as the pool needs, or one if there are not so many. */
async function leaseMost(deps: GuessPermitDeps, pool: Pool): Promise<void> {
  const minute = minuteOf(deps.clock.nowMs());
  const opens = isOnRecord(pool);
  let untilMs = Infinity;
  for (const size of new Set([leaseSize(pool), 1, ...(opens ? [0] : [])])) {
    let refusedBy = await leaseOnce(deps, pool, minute, size);
    if (refusedBy === "day" && size === 1 && !opens) {
      const { hasEnded, nextEndMs } = await takeBack(deps, pool.ration.name);
      if (hasEnded) refusedBy = await leaseOnce(deps, pool, minute, size);
      untilMs = nextEndMs;
    }
    if (refusedBy === null) return;
    if (refusedBy === "held") return await findPlace(deps, pool);
    if (size > 1 || opens) continue;
    pool.throttledUntilMs = refusedBy === "minute"
      ? minuteEndMs(minute)
      : Math.min(dayEndMs(minute), untilMs);
  }
}

/** Leases permits of a minute. Returns what refused them. */
async function leaseOnce(
  { store, random }: GuessPermitDeps,
  pool: Pool,
  minute: number,
  size: number,
): Promise<"held" | "minute" | "day" | null> {
  const { name, perMinute, perDay } = pool.ration;
  // Unused permits are credited to the day's counter, at most as many as this lease takes.
  // They are put back only if the store has certainly refused the lease. If the result is
  // unknown, or a transport repeats the lease, the day's counter is too high, never too low.
  const credited = Math.min(pool.unused, size);
  pool.unused -= credited;
  const inMinute = additionTo(name, "minute", minute, size);
  const onDay = additionTo(name, "day", minute, size - credited);
  const next = nextHeld(pool, minute, random);
  const put = next && pool.held.put(next);
  const result = await commit(store, {
    guards: [
      ...(put ? [pool.held.unchanged("held")] : []),
      inMinute.to.within("minute", inMinute, perMinute),
      ...(perDay === undefined ? [] : [onDay.to.within("day", onDay, perDay)]),
    ],
    writes: [
      ...(put ? [put.write] : []),
      inMinute.to.add(inMinute),
      perDay === undefined ? tillLeases(name).set(minute) : onDay.to.add(onDay),
    ],
    // The record has a value of its own for each lease. Without one, a repeated lease
    // counts twice, which is too much and never too little.
    ...(!put && { mine: () => false }),
  }).catch((error) => {
    // It is not known what is on record now. If it is a permit, another edge will take it
    // back.
    if (put) drop(pool);
    throw error;
  });
  if (!result.committed) {
    credit(pool, minute, credited);
    return result.refusedBy;
  }
  if (put) pool.held = put.held;
  addLease(pool, minute, size);
  return null;
}

/** The record that the next lease of a pool writes; `null` if it writes none. */
function nextHeld(
  pool: Pool,
  minute: number,
  random: Random,
): HeldPermit | null {
  if (isOnRecord(pool)) return { ...pool.held.value!, permits: 0 };
  if (pool.leases > 0 || pool.lacksPlace) return null;
  // A ration without a limit of the day has nothing to take back: its permits end with the
  // minute.
  if (pool.ration.perDay === undefined) return null;
  return { minute, permits: 1, leaseId: newRevision(random) };
}

/** Removes a pool's recorded permit from the pool. */
function drop(pool: Pool): void {
  dropHeld(pool, pool.held.again(null));
}

/**
 * Goes on after the store has refused to change what a pool has on record: either the
 * pool's permit was taken back, or the place is another edge's.
 */
async function findPlace(deps: GuessPermitDeps, pool: Pool): Promise<void> {
  if (pool.held.value !== null) return drop(pool);
  const { freePlace } = await takeBack(deps, pool.ration.name);
  if (freePlace !== null) {
    pool.held = freePlace.held(null);
    return;
  }
  pool.lacksPlace = true;
}

/**
 * Takes back the permits of a ration that are on record and whose minute is long over: the
 * edges that leased them were killed, or had no more searches for this owner.
 */
async function takeBack(
  { store, clock }: GuessPermitDeps,
  name: string,
): Promise<{
  /** Whether this edge or another one has just taken permits back. */
  hasEnded: boolean;
  /** When the next permit can be taken back, unix ms. */
  nextEndMs: number;
  freePlace: RecordPlace<HeldPermit> | null;
}> {
  const places = Array.from({ length: PLACES }, (_, i) => heldPermits(name, i));
  const endMs = ({ minute }: HeldPermit) =>
    minuteEndMs(minute) + TAKE_BACK_AFTER_MS;
  let hasEnded = false;
  return await retry(async () => {
    const read = await readRecords(store, places);
    const nowMs = clock.nowMs();
    const ended = read.filter(({ value }) => value && endMs(value) <= nowMs);
    if (ended.length > 0) {
      hasEnded = true;
      const { committed } = await commit(store, {
        guards: ended.map((it) => it.unchanged("held")),
        writes: ended.flatMap((it) => [it.delete(), ...credits(name, it)]),
        mine: () => false,
      });
      // Another edge has changed one of these records, so they are read again.
      if (!committed) return LOST;
    }
    const left = read.filter((it) => !ended.includes(it));
    const ends = left.flatMap(({ value }) =>
      value?.permits ? [endMs(value)] : []
    );
    const free = read.findIndex((it) => it.isAbsent || ended.includes(it));
    return {
      hasEnded,
      nextEndMs: Math.min(...ends),
      freePlace: places[free] ?? null,
    };
  }, {});
}

/** The writes that credit a permit on record to its day, unless it was spent. */
function credits(name: string, { value }: Held<HeldPermit>): Write[] {
  if (!value?.permits) return [];
  const given = additionTo(name, "day", value.minute, -1);
  return [given.to.add(given)];
}
