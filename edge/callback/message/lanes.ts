/**
 * Which of a merchant's messages goes next: first tries before retries,
 * replays behind both, and none of them for ever behind the others. Pure.
 *
 * A merchant has eight slots, one delivery each, over all processes. Six of
 * them take first tries as long as there are any; one asks for retries first,
 * one for replays.
 *
 * @module
 */

import type { Lane } from "./record.ts";

/** Deliveries to one merchant at a time, over all processes. */
export const SLOTS = 8;

/** The lanes, first ones first. */
export const LANES: readonly Lane[] = ["first", "retry", "replay"];

const FOR_RETRIES: readonly Lane[] = ["retry", "first", "replay"];
const FOR_REPLAYS: readonly Lane[] = ["replay", "first", "retry"];

/** What a slot takes first, second and last. */
export function lanesOf(slot: number): readonly Lane[] {
  if (slot === SLOTS - 2) return FOR_RETRIES;
  if (slot === SLOTS - 1) return FOR_REPLAYS;
  return LANES;
}

/** A message that is due, as it was found in a lane. */
export interface DueEntry {
  readonly lane: Lane;
  readonly id: string;
  /** Since when, unix ms. */
  readonly sinceMs: number;
}

/**
 * Whose records are read: at most `limit`, first ones first, but of each other
 * lane as many as the slots that ask for it might want.
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
