/**
 * How many deliveries one process makes at a time, over all merchants. The
 * fewer are left, the fewer a single merchant may have, and whoever has none
 * goes before those who have some: a few slow servers hold up nobody else.
 *
 * @module
 */

/** Permits to make deliveries. */
export interface Permits {
  /** A permit for a merchant that has none, in its turn; `false`: stopped. */
  take(): Promise<boolean>;
  /** A further one for a merchant that has so many, if it may have it. */
  takeMore(held: number): boolean;
  give(): void;
  /** Whether somebody waits: then a permit is given back after one delivery. */
  isWanted(): boolean;
  /** From now on nobody gets one. */
  stop(): void;
}

/** So many a merchant may have while few are left. */
const FEW = 2;

/** Makes {@linkcode Permits}. */
export function createPermits(total: number): Permits {
  let free = total;
  let isStopped = false;
  const waiting: ((taken: boolean) => void)[] = [];

  function most(): number {
    if (free > total / 2) return Infinity;
    return free > total / 4 ? FEW : 1;
  }

  return {
    take() {
      if (isStopped) return Promise.resolve(false);
      if (free > 0 && waiting.length === 0) {
        free--;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    takeMore(held) {
      if (isStopped || free === 0 || waiting.length > 0 || held >= most()) {
        return false;
      }
      free--;
      return true;
    },
    give() {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next(true);
    },
    isWanted: () => waiting.length > 0,
    stop() {
      isStopped = true;
      for (const resolve of waiting.splice(0)) resolve(false);
    },
  };
}
