/**
 * Reads the replies of the script. A reply of another form is a fault, because Redis
 * has not sent it.
 *
 * @module
 */

import { storeFault } from "./transport.ts";
import { type IndexEntry, StoreUnavailableError } from "../store.ts";

/**
 * The replies of a run, one for each of `count` requests.
 *
 * @throws {StoreUnavailableError} `refused`, if there are not so many.
 */
export function repliesOf(reply: unknown, count: number): readonly unknown[] {
  if (!Array.isArray(reply) || reply.length !== count) throw malformed();
  return reply;
}

/**
 * The reply to one request, read from left to right.
 *
 * Each method throws a {@linkcode StoreUnavailableError} if its part is missing.
 */
export class Reply {
  readonly #items: readonly unknown[];
  #next = 0;

  constructor(reply: unknown) {
    if (!Array.isArray(reply)) throw malformed();
    this.#items = reply;
  }

  /** 1 if the request was made, 0 if a check has refused it. Faults are thrown. */
  outcome(): 0 | 1 {
    const outcome = this.#take();
    if (outcome === 0 || outcome === 1) return outcome;
    const fault = this.#take();
    if (outcome === 2 && (fault === "corrupt" || fault === "refused")) {
      throw new StoreUnavailableError(fault);
    }
    throw malformed();
  }

  /** A position below `count`. */
  position(count: number): number {
    const position = this.#take();
    if (
      typeof position !== "number" || !Number.isInteger(position) ||
      position < 0 || position >= count
    ) throw malformed();
    return position;
  }

  /** A value, or `null` if there is none. */
  value(): string | null {
    const value = this.#take();
    if (typeof value !== "string" && value !== null) throw malformed();
    return value;
  }

  /** This number of values. */
  values(count: number): readonly (string | null)[] {
    const values: (string | null)[] = [];
    while (values.length < count) values.push(this.value());
    return values;
  }

  /** A page of an index. */
  page(): readonly IndexEntry[] {
    const items = this.#take();
    if (!Array.isArray(items) || items.length % 2 !== 0) throw malformed();
    return Array.from({ length: items.length / 2 }, (_, i) => {
      const member: unknown = items[2 * i];
      const text: unknown = items[2 * i + 1];
      if (typeof member !== "string" || typeof text !== "string") {
        throw malformed();
      }
      const score = Number(text);
      // Something other than this store has written the score.
      if (text === "" || !Number.isSafeInteger(score) || score < 0) {
        throw new StoreUnavailableError("corrupt");
      }
      return { score, member };
    });
  }

  /** Nothing may follow. */
  end(): void {
    if (this.#next !== this.#items.length) throw malformed();
  }

  #take(): unknown {
    if (this.#next >= this.#items.length) throw malformed();
    return this.#items[this.#next++];
  }
}

function malformed(): StoreUnavailableError {
  return storeFault("refused", "The reply is not of the script's form");
}
