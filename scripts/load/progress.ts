/**
 * Says how far a run is: on a terminal in one line that is rewritten, elsewhere
 * in a line now and then.
 *
 * @module
 */

const BAR_WIDTH = 24;
const REWRITE_MS = 100;
const LINE_MS = 5_000;
const BLOCKS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** Where progress goes. */
export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** Whether a line can be rewritten. */
  readonly isTerminal: boolean;
  /** A clock that only goes forward, ms. */
  readonly nowMs: () => number;
}

/** Writes progress. */
export class Progress {
  readonly #options: ProgressOptions;
  #what = "";
  #total = 0;
  #writtenMs = -Infinity;
  #width = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** A part of the run begins. */
  begin(what: string, total: number): void {
    this.#what = what;
    this.#total = total;
    this.#writtenMs = this.#options.isTerminal
      ? -Infinity
      : this.#options.nowMs();
    if (!this.#options.isTerminal) this.#options.write(`${what} …\n`);
  }

  /** It has come so far; written only when some time has passed. */
  at(done: number, more = ""): void {
    const { isTerminal, nowMs, write } = this.#options;
    const now = nowMs();
    const pauseMs = isTerminal ? REWRITE_MS : LINE_MS;
    if (now - this.#writtenMs < pauseMs) return;
    this.#writtenMs = now;
    const part = this.#total === 0 ? 1 : Math.min(1, done / this.#total);
    const text = [
      ...(isTerminal ? [this.#what, bar(part)] : [" "]),
      `${(part * 100).toFixed(0)} %`,
      more,
    ].filter((it) => it !== "").join("  ");
    if (isTerminal) this.#rewrite(text);
    else write(`${text}\n`);
  }

  /** The part is over; `text` stays. */
  end(text: string): void {
    if (this.#options.isTerminal) this.#rewrite("");
    this.#options.write(`${text}\n`);
  }

  #rewrite(text: string): void {
    const length = [...text].length;
    this.#options.write(
      `\r${text}${" ".repeat(Math.max(0, this.#width - length))}${
        text === "" ? "\r" : ""
      }`,
    );
    this.#width = length;
  }
}

/** A bar of blocks, an eighth of one at the finest. */
export function bar(part: number): string {
  const eighths = Math.round(part * BAR_WIDTH * 8);
  const full = "█".repeat(eighths >> 3) + BLOCKS[eighths & 7];
  return `${full.padEnd(BAR_WIDTH, "·")}`;
}
