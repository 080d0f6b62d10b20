/**
 * Decides which of a merchant's messages is delivered next: first tries before
 * retries, retries before replays, and no lane starves. Pure.
 *
 * A merchant has eight delivery lane slots over all processes, with one delivery
 * at a time in each. Six slots serve first tries before all others, one serves
 * retries first, and one serves replays first.
 *
 * @module
 */

import type { Lane } from "./record.ts";

/** Deliveries to one merchant at a time, over all processes. */
export const SLOTS = 8;

/** The lanes in the order in which most slots serve them. */
export const LANES: readonly Lane[] = ["first", "retry", "replay"];

const FOR_RETRIES: readonly Lane[] = ["retry", "first", "replay"];
const FOR_REPLAYS: readonly Lane[] = ["replay", "first", "retry"];

/** The lanes in the order in which a slot serves them. */
export function lanesOf(slot: number): readonly Lane[] {
  if (slot === SLOTS - 2) return FOR_RETRIES;
  if (slot === SLOTS - 1) return FOR_REPLAYS;
  return LANES;
}

/** A message that is due, as it was found in a lane. */
export interface DueEntry {
  readonly lane: Lane;
  readonly id: string;
  /** Since when the message is due, unix ms. */
  readonly sinceMs: number;
}

/**
 * Chooses at most `limit` messages whose records are read. First tries come
 * first, but the lanes of retries and of replays each keep a share of
 * `limit / SLOTS`, for the slot that serves them first.
 */
export function chooseDue(
  due: readonly DueEntry[],
  limit: number,
): readonly DueEntry[] {
  const share = Math.ceil(limit / SLOTS);
  const of = (lane: Lane) => due.filter((entry) => entry.lane === lane);
  const [first, retry, replay] = LANES.map(of) as [
    DueEntry[],
    DueEntry[],
    DueEntry[],
  ];
  return [
    ...retry.slice(0, share),
    ...replay.slice(0, share),
    ...first,
    ...retry.slice(share),
    ...replay.slice(share),
  ].slice(0, limit);
}
