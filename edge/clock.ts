/**
 * Time and randomness as parameters. Nothing below `main.ts` reads the system
 * clock or the system's random source: tests move time and repeat randomness.
 *
 * @module
 */

/** Where the time comes from. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z, as an integer. */
  nowMs(): number;
}

/** Where unpredictable bytes come from. */
export interface Random {
  /** `length` bytes from a cryptographically secure source. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** Comes back after some milliseconds; a fraction counts. */
export type Pause = (ms: number) => Promise<void>;

/** The clock of the machine. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** The random source of the machine (Web Crypto `getRandomValues`). */
export const systemRandom: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

/** Waits by the timers of the machine. */
export const systemPause: Pause = (ms) =>
  new Promise((resolve) => setTimeout(resolve, ms));
