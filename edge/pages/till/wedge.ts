/**
 * Distinguishes keys that a barcode scanner sends from keys that a person presses. A
 * scanner that acts as a keyboard ("wedge") sends a code in a burst, usually with Enter
 * or TAB at the end; a person leaves longer gaps. Keys are therefore held back for a
 * moment, so that a code never becomes an amount, and the scanner's Enter never presses
 * the button that has the focus.
 *
 * It reads no clock: the time of each key is the event's own.
 *
 * @module
 */

/**
 * The longest gap inside a burst, milliseconds. Slow scanners leave 50 ms between two
 * keys. Nobody presses eight keys in a row with gaps shorter than this value.
 */
export const BURST_GAP_MS = 90;

/** The fewest characters of a burst that count as a scan. A code has at least 16. */
const LEAST_OF_SCAN = 8;

/** The most characters of a burst that are collected. A scanner never sends more. */
const MOST_OF_SCAN = 256;

/** What the keys so far were: pressed by a person, or sent by a scanner. */
export type Typed =
  /** Keys that a person pressed, in order. */
  | { readonly kind: "keys"; readonly keys: readonly string[] }
  /** A text of a scanner, without the Enter or TAB that ended it. */
  | { readonly kind: "scan"; readonly text: string };

/** A decoder of the keys of a page. */
export class Wedge {
  #held: string[] = [];
  #lastMs = -Infinity;

  /**
   * Takes one key, named as in `KeyboardEvent.key`.
   *
   * @return What is decided now, oldest first. If `isPartOfScan` is true, the key
   * itself must have no other effect.
   */
  push(
    key: string,
    atMs: number,
  ): { readonly typed: readonly Typed[]; readonly isPartOfScan: boolean } {
    const typed = atMs - this.#lastMs > BURST_GAP_MS ? this.#take() : [];
    this.#lastMs = atMs;
    if (key === "Enter" || key === "Tab") {
      const isScan = this.#held.length >= LEAST_OF_SCAN;
      if (isScan) {
        return { typed: [...typed, ...this.#take()], isPartOfScan: true };
      }
      return {
        typed: [...typed, ...this.#take(), { kind: "keys", keys: [key] }],
        isPartOfScan: false,
      };
    }
    const character = [...key].length === 1 ? key : null;
    if (character === null) {
      // A scanner sends Shift before a character that needs it, so Shift ends no burst.
      if (key === "Shift") return { typed, isPartOfScan: false };
      return {
        typed: [...typed, ...this.#take(), { kind: "keys", keys: [key] }],
        isPartOfScan: false,
      };
    }
    if (this.#held.length < MOST_OF_SCAN) this.#held.push(character);
    return { typed, isPartOfScan: this.#held.length > 1 };
  }

  /**
   * Decides when no key has come for {@linkcode BURST_GAP_MS}: the keys are those of a
   * person, or the text of a scanner that sends nothing after a code.
   */
  flush(): readonly Typed[] {
    return this.#take();
  }

  #take(): Typed[] {
    const held = this.#held;
    this.#held = [];
    if (held.length === 0) return [];
    return held.length >= LEAST_OF_SCAN
      ? [{ kind: "scan", text: held.join("") }]
      : [{ kind: "keys", keys: held }];
  }
}
