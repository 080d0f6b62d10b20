/**
 * Delivery permits: they limit how many deliveries one process makes at the same
 * time, over all merchants. The fewer permits are free, the fewer a single
 * merchant may hold, and merchants that hold none are served first. A few slow
 * servers therefore do not hold up the others.
 *
 * @module
 */

/** Permits to make deliveries. */
export interface Permits {
  /**
   * Waits for a permit for a merchant that holds none; first come, first served.
   * `false` if the permits were stopped.
   */
  take(): Promise<boolean>;
  /**
   * Takes a further permit for a merchant that holds `held`, if it may have one
   * now.
   */
  takeMore(held: number): boolean;
  /** Gives a permit back, or hands it to the merchant that has waited longest. */
  give(): void;
  /**
   * Whether a merchant waits. Slots then give their permits back after one
   * delivery.
   */
  isWanted(): boolean;
  /** How many merchants wait. */
  waiting(): number;
  /** Grants no further permit; those who wait are answered `false`. */
  stop(): void;
}

/** The most permits of one merchant while at most half of all are free. */
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
    waiting: () => waiting.length,
    stop() {
      isStopped = true;
      for (const resolve of waiting.splice(0)) resolve(false);
    },
  };
}
