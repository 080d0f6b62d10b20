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

/** What takes the demo's text. */
export interface ScreenOptions {
  /** Takes text with its line ends. */
  readonly write: (text: string) => void;
  /** Whether a line can be rewritten. */
  readonly isTerminal: boolean;
  readonly color: boolean;
}

/** Writes for people, line by line. */
export class Screen {
  readonly #write: (text: string) => void;
  readonly #isTerminal: boolean;
  readonly #color: boolean;

  constructor({ write, isTerminal, color }: ScreenOptions) {
    this.#write = write;
    this.#isTerminal = isTerminal;
    this.#color = color;
  }

  #style(style: Style, text: string): string {
    return this.#color
      ? styleText(style, text, { validateStream: false })
      : text;
  }

  /** A line as it is; without text an empty one. */
  line(text = ""): void {
    this.#write(`${text}\n`);
  }

  /** The head of a part. */
  heading(text: string): void {
    this.line();
    this.line(this.#style("bold", text));
  }

  /** Running text, wrapped. */
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
    for (
      const line of renderUnicodeCompact(text, { ecc: "Q", border: 2 })
        .split("\n")
    ) {
      // On light terminals too, light must be light.
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
    const line = (ms: number) => `${what} in ${Math.ceil(ms / 1000)} s …`;
    if (!this.#isTerminal) this.text(line(Math.max(0, remainingMs())));
    for (let left = remainingMs(); left > 0; left = remainingMs()) {
      if (this.#isTerminal) this.#write(`\r${INDENT}${line(left)} `);
      await sleep(left % 1000 || 1000);
    }
    if (this.#isTerminal) this.#write(`\r${" ".repeat(WIDTH)}\r`);
  }
}

/** Breaks a text between words into lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
