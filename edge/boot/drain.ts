/**
 * How long a stopping server waits for what is under way.
 *
 * @module
 */

/** A client that sends nothing more does not keep a stopping server. */
export const DRAIN_MS = 4_000;
