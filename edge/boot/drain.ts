/**
 * How long a stopping server waits for what is under way.
 *
 * @module
 */

/** A client that sends nothing more does not keep a stopping server. */
export const DRAIN_MS = 4_000;
/** Nor does what the store has under way, which has deadlines of its own. */
export const CLOSE_MS = 500;
