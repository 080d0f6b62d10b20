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

import type { CallbackRecord, Lane } from "./record.ts";

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

/** A message that may be leased, as it was read. */
export interface Candidate {
  readonly id: string;
  readonly record: CallbackRecord;
  readonly raw: string;
  /** Its attempts before the latest, as they are stored. */
  readonly attemptsRaw: string | null;
}

/** Messages that were read and wait for a slot of this process. */
export class Candidates {
  readonly #byLane = new Map<Lane, Candidate[]>(
    LANES.map((lane) => [lane, []]),
  );

  get size(): number {
    let size = 0;
    for (const waiting of this.#byLane.values()) size += waiting.length;
    return size;
  }

  has(id: string): boolean {
    return LANES.some((lane) =>
      this.#byLane.get(lane)!.some((it) => it.id === id)
    );
  }

  add(candidate: Candidate): void {
    this.#byLane.get(candidate.record.lane)!.push(candidate);
  }

  clear(): void {
    for (const waiting of this.#byLane.values()) waiting.length = 0;
  }

  /** Takes out what a slot serves next, if there is anything. */
  take(slot: number): Candidate | null {
    for (const lane of lanesOf(slot)) {
      const waiting = this.#byLane.get(lane)!;
      if (waiting.length === 0) continue;
      // Slots belong to one process each. That every slot has messages of its
      // own keeps processes that read the same ones out of each other's way.
      const own = waiting.findIndex(({ id }) => slotOf(id) === slot);
      return waiting.splice(Math.max(own, 0), 1)[0]!;
    }
    return null;
  }
}

/** The slot that a message would rather go through. */
function slotOf(id: string): number {
  return parseInt(id.at(-1)!, 16) % SLOTS;
}
