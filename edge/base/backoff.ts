/**
 * Waiting before another try after a lost race for a record. Each loser draws its
 * wait at random from a span that doubles with every try ("full jitter"), so
 * that callers who collided once do not collide again.
 *
 * @module
 */

import type { Pause, Random } from "./clock.ts";

const FIRST_SPAN_MS = 8;
const LONGEST_SPAN_MS = 400;

/** Waits before another try; `lost` is how many were lost already, from 1. */
export type BackOff = (lost: number) => Promise<void>;

/** Makes a {@linkcode BackOff}. */
export function createBackOff(
  { random, pause }: { readonly random: Random; readonly pause: Pause },
): BackOff {
  return (lost) => {
    const spanMs = Math.min(LONGEST_SPAN_MS, FIRST_SPAN_MS * 2 ** (lost - 1));
    const draw = new DataView(random.bytes(2).buffer).getUint16(0);
    return pause(spanMs * draw / 2 ** 16);
  };
}
