/**
 * Holds the due messages of one merchant that this process has read and not yet
 * leased, and the ids of the messages in its slots.
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

/** The messages that were read and wait for a slot of this process. */
export class ReadAhead {
  readonly #byLane = new Map<Lane, DueMessage[]>(
    LANES.map((lane) => [lane, []]),
  );
  /** Messages that were taken and neither put back nor released. */
  readonly #taken = new Set<string>();

  /** How many messages wait. */
  get size(): number {
    let size = 0;
    for (const waiting of this.#byLane.values()) size += waiting.length;
    return size;
  }

  /** The entries whose messages neither wait here nor are in a slot. */
  unknown(due: readonly DueEntry[]): readonly DueEntry[] {
    return due.filter(({ id }) => !this.#knows(id));
  }

  /** Adds a message, unless it waits here already or is in a slot. */
  add(message: DueMessage): void {
    if (this.#knows(message.id)) return;
    this.#byLane.get(message.record.lane)!.push(message);
  }

  /** Forgets all waiting messages. */
  clear(): void {
    for (const waiting of this.#byLane.values()) waiting.length = 0;
  }

  /** Takes out the message that a slot serves next, or `null` if none waits. */
  take(slot: number): DueMessage | null {
    for (const lane of lanesOf(slot)) {
      const waiting = this.#byLane.get(lane)!;
      if (waiting.length === 0) continue;
      // Processes that read the same messages would all try to lease the same
      // one first. Each slot therefore prefers its own share of the messages: a
      // slot belongs to one process at a time.
      const own = waiting.findIndex(({ id }) => slotOf(id) === slot);
      const [message] = waiting.splice(Math.max(own, 0), 1);
      this.#taken.add(message!.id);
      return message!;
    }
    return null;
  }

  /** Adds a message again that was taken but not leased. */
  putBack(message: DueMessage): void {
    this.release(message);
    this.add(message);
  }

  /** Forgets a message that was taken and has left its slot. */
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

/** The slot that prefers a message; ids end in a random hexadecimal digit. */
function slotOf(id: string): number {
  return parseInt(id.at(-1)!, 16) % SLOTS;
}
