/**
 * When each request of a run should leave, and what it is. The plan is made
 * before the first one leaves and no answer changes it: the load is open, as
 * customers are, who do not stay away because the one before is not done.
 *
 * @module
 */

import { type Kind, KINDS, type LoadOptions } from "./options.ts";

/** A request to come. */
export interface Arrival {
  /** Milliseconds after the start. */
  readonly atMs: number;
  readonly kind: Kind;
}

/**
 * Plans a run: exactly `rate` × `seconds` requests, each kind's exact share of
 * them in random order. Every moment is drawn on its own, which is a Poisson
 * process of which the count is known.
 */
export function planArrivals(
  { rate, seconds, shares }: Pick<LoadOptions, "rate" | "seconds" | "shares">,
  random: () => number,
): Arrival[] {
  const count = Math.max(1, Math.round(rate * seconds));
  const others = KINDS.flatMap((kind) =>
    kind === "pay"
      ? []
      : new Array<Kind>(Math.round(count * shares[kind])).fill(kind)
  );
  return Array.from({ length: count }, (_, i) => ({
    atMs: random() * seconds * 1000,
    kind: others[i] ?? "pay",
  })).sort((a, b) => a.atMs - b.atMs);
}
