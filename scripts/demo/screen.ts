/**
 * What the demo writes: short lines, colors only where they are wanted, a
 * countdown that rewrites its line only on a terminal.
 *
 * @module
 */

import { styleText } from "node:util";
import { renderUnicodeCompact } from "uqr";

const WIDTH = 76;
const INDENT = "  ";
const LABEL_WIDTH = 9;

type Style = Parameters<typeof styleText>[0];

/** Where the demo writes, and what it may use there. */
export interface ScreenOptions {
  /** Writes text as it is; lines bring their own ends. */
  readonly write: (text: string) => void;
  /** Whether a line can be rewritten. */
  readonly isTerminal: boolean;
  readonly color: boolean;
}

/** Writes for people, line by line. */
export class Screen {
  constructor(readonly options: ScreenOptions) {}

  #style(style: Style, text: string): string {
    return this.options.color
      ? styleText(style, text, { validateStream: false })
      : text;
  }

  line(text = ""): void {
    this.options.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line();
    this.line(this.#style("bold", text));
  }

  text(text: string): void {
    for (const line of wrap(text, WIDTH - INDENT.length)) {
      this.line(INDENT + line);
    }
  }

  /** Text behind a word that says what it is, wrapped beside it. */
  labeled(label: string, text: string, style: Style = "reset"): void {
    const lines = wrap(text, WIDTH - INDENT.length - LABEL_WIDTH);
    for (const [i, line] of lines.entries()) {
      const head = (i === 0 ? label : "").padEnd(LABEL_WIDTH);
      this.line(
        INDENT + this.#style("dim", head) +
          (style === "reset" ? line : this.#style(style, line)),
      );
    }
  }

  /** An answer of the API; green means that goods may be handed over. */
  answer(text: string, success: boolean): void {
    this.labeled("answer", text, ["bold", success ? "green" : "yellow"]);
  }

  /** A QR code whose blocks are the light parts. */
  qr(text: string): void {
    const picture = renderUnicodeCompact(text, { ecc: "Q", border: 4 });
    for (const line of picture.split("\n")) {
      // The light parts must be light on terminals with a light background,
      // too.
      this.line(INDENT + this.#style(["whiteBright", "bgBlack"], line));
    }
  }

  /**
   * Counts the seconds down to a moment and comes back then.
   *
   * @param remainingMs How long from now, asked again and again.
   */
  async countdown(
    what: string,
    remainingMs: () => number,
    sleep: (ms: number) => Promise<void>,
  ): Promise<void> {
    const { isTerminal, write } = this.options;
    const line = (ms: number) => `${what} in ${Math.ceil(ms / 1000)} s …`;
    if (!isTerminal) this.text(line(Math.max(0, remainingMs())));
    for (let left = remainingMs(); left > 0; left = remainingMs()) {
      if (isTerminal) write(`\r${INDENT}${line(left)} `);
      await sleep(left % 1000 || 1000);
    }
    if (isTerminal) write(`\r${" ".repeat(WIDTH)}\r`);
  }
}

/** Breaks a text between words into lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const line = new RegExp(`.{1,${width}}(?: |$)|[^ ]+`, "g");
  return (text.match(line) ?? [""]).map((it) => it.trimEnd());
}
