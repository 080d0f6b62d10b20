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
 * them in random order. `uniform` spaces them alike. `poisson` draws every
 * moment on its own, which is a Poisson process of which the count is known.
 */
export function planArrivals(
  { rate, seconds, spacing, shares }: Pick<
    LoadOptions,
    "rate" | "seconds" | "spacing" | "shares"
  >,
  random: () => number,
): Arrival[] {
  const count = Math.max(1, Math.round(rate * seconds));
  const times = spacing === "uniform"
    ? Array.from({ length: count }, (_, i) => i * 1000 / rate)
    : Array.from({ length: count }, () => random() * seconds * 1000)
      .sort((a, b) => a - b);
  const kinds: Kind[] = [];
  for (const kind of KINDS) {
    if (kind === "pay") continue;
    const some = Math.round(count * shares[kind]);
    for (let i = 0; i < some && kinds.length < count; i++) kinds.push(kind);
  }
  while (kinds.length < count) kinds.push("pay");
  shuffle(kinds, random);
  return times.map((atMs, i) => ({ atMs, kind: kinds[i]! }));
}

/** Every order alike (Fisher and Yates). */
function shuffle(values: unknown[], random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
}
