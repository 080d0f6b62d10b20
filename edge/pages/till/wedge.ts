/**
 * Tells a barcode scanner from a hand. A scanner that acts as a keyboard
 * ("wedge") types a code in a burst, most of them with Enter or TAB at the end;
 * a hand leaves longer gaps. Keys are therefore held back for a moment, so that
 * a code never becomes an amount, and the scanner's Enter never presses the
 * button that has the focus.
 *
 * It reads no clock: the time of each key is the event's own.
 *
 * @module
 */

/**
 * The longest gap inside a burst, milliseconds. Slow scanners leave 50 ms; nobody
 * types eight keys in a row with gaps below this.
 */
export const BURST_GAP_MS = 90;

/** So many characters in a row are a scanner's. A code has at least 16. */
const LEAST_OF_SCAN = 8;

/** What a scanner would never send: a burst is not collected beyond this. */
const MOST_OF_SCAN = 256;

/** What the keys so far were. */
export type Typed =
  /** Keys of a hand, in the order in which they were pressed. */
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
   * @return What is known now, oldest first; `isPartOfScan` says that the key
   * itself must do nothing else.
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
      // Shift goes before characters that need it, so it ends no burst.
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
   * What is known when no key has come for {@linkcode BURST_GAP_MS}: keys of a
   * hand, or the text of a scanner that ends its codes with nothing.
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
