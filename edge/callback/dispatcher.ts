/**
 * Delivers what is due, whoever queued it. Any number of processes may do so at
 * once.
 *
 * @module
 */

/** What was done. */
export interface Dispatched {
  /** Attempts that were made. */
  readonly attempts: number;
  /** Messages that were delivered by them. */
  readonly delivered: number;
}

/** Delivers callbacks. */
export interface Dispatcher {
  /**
   * Delivers until nothing is due any more.
   *
   * @throws {StoreUnavailableError} when the store cannot be asked.
   */
  dispatch(): Promise<Dispatched>;
  /** The same in the background, soon, unless it is at it. */
  dispatchSoon(): void;
  /** Begins nothing more; resolves when nothing is in flight. */
  stop(): Promise<void>;
}
