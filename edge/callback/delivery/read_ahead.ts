/**
 * The due messages of one merchant that this process has read and not yet
 * leased, and the ids of those that are in its slots.
 *
 * @module
 */

import type { Held } from "../../store/record.ts";
import { type DueEntry, LANES, lanesOf, SLOTS } from "../message/lanes.ts";
import type { Attempt, CallbackRecord, Lane } from "../message/record.ts";

/** A message that is due, as it was read. */
export interface DueMessage {
  readonly id: string;
  readonly record: CallbackRecord;
  readonly held: Held<CallbackRecord>;
  /** Its attempts before the latest, oldest first. */
  readonly earlier: readonly Attempt[];
}

/** Messages that were read and wait for a slot of this process. */
export class ReadAhead {
  readonly #byLane = new Map<Lane, DueMessage[]>(
    LANES.map((lane) => [lane, []]),
  );
  /** Messages that were taken and neither put back nor released. */
  readonly #taken = new Set<string>();

  /** How many wait. */
  get size(): number {
    let size = 0;
    for (const waiting of this.#byLane.values()) size += waiting.length;
    return size;
  }

  /** Of entries, those whose messages neither wait here nor are in a slot. */
  unknown(due: readonly DueEntry[]): readonly DueEntry[] {
    return due.filter(({ id }) => !this.#knows(id));
  }

  /** Adds a message, unless it is known. */
  add(message: DueMessage): void {
    if (this.#knows(message.id)) return;
    this.#byLane.get(message.record.lane)!.push(message);
  }

  /** Forgets all that wait. */
  clear(): void {
    for (const waiting of this.#byLane.values()) waiting.length = 0;
  }

  /** Takes out what a slot serves next, if there is anything. */
  take(slot: number): DueMessage | null {
    for (const lane of lanesOf(slot)) {
      const waiting = this.#byLane.get(lane)!;
      if (waiting.length === 0) continue;
      // Processes that read the same messages would all lease the same one
      // first. So each slot, which one process has at a time, prefers messages
      // of its own.
      const own = waiting.findIndex(({ id }) => slotOf(id) === slot);
      const [message] = waiting.splice(Math.max(own, 0), 1);
      this.#taken.add(message!.id);
      return message!;
    }
    return null;
  }

  /** Adds a message again that was taken and not leased. */
  putBack(message: DueMessage): void {
    this.release(message);
    this.add(message);
  }

  /** A message that was taken is in no slot of this process any more. */
  release({ id }: DueMessage): void {
    this.#taken.delete(id);
  }

  #knows(id: string): boolean {
    if (this.#taken.has(id)) return true;
    return LANES.some((lane) =>
      this.#byLane.get(lane)!.some((it) => it.id === id)
    );
  }
}

/** The slot that a message would rather go through. */
function slotOf(id: string): number {
  return parseInt(id.at(-1)!, 16) % SLOTS;
}
