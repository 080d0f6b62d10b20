/**
 * Says how far a run is: on a terminal in one line that is rewritten, elsewhere
 * in a line now and then.
 *
 * @module
 */

const REWRITE_MS = 100;
const LINE_MS = 5_000;
/** The width of a line that is rewritten. A longer line would wrap. */
const WIDTH = 76;

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
  #what = "";
  #total = 0;
  #writtenMs = -Infinity;

  constructor(readonly options: ProgressOptions) {}

  /** Begins a part of the run. A total of 0 means that the total is not known. */
  begin(what: string, total: number): void {
    this.#what = what;
    this.#total = total;
    this.#writtenMs = -Infinity;
    if (!this.options.isTerminal) this.options.write(`${what} …\n`);
  }

  /**
   * Reports that `done` of the total are done. This is written only if some time has
   * passed since the last report.
   */
  at(done: number, more = ""): void {
    const { isTerminal, nowMs, write } = this.options;
    const now = nowMs();
    if (now - this.#writtenMs < (isTerminal ? REWRITE_MS : LINE_MS)) return;
    this.#writtenMs = now;
    const part = (100 * Math.min(1, done / this.#total)).toFixed(0);
    const text = this.#total === 0 ? more : `${part} %  ${more}`.trimEnd();
    const line = `${this.#what}  ${text}`.slice(0, WIDTH).padEnd(WIDTH);
    write(isTerminal ? `\r${line}` : `   ${text}\n`);
  }

  /** Ends the part. `text` stays on the terminal. */
  end(text: string): void {
    const { isTerminal, write } = this.options;
    write(isTerminal ? `\r${text.padEnd(WIDTH)}\n` : `${text}\n`);
  }
}

/** Progress on standard error, so that standard output holds results alone. */
export function progressOnStderr(): Progress {
  return new Progress({
    write: (text) => Deno.stderr.writeSync(new TextEncoder().encode(text)),
    isTerminal: Deno.stderr.isTerminal(),
    nowMs: () => performance.now(),
  });
}
