/**
 * Structured log lines, one JSON object a line. A line holds identifiers and
 * words, never a code, a seed, a key or a tag: callers pass named fields, not
 * requests or errors' texts.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** How bad it is. */
export type Level = "info" | "warn" | "error";

/** What a field of a line may be. */
export type Field = string | number | boolean | null | readonly string[];

/** Writes one line. */
export type Log = (
  level: Level,
  message: string,
  fields?: Readonly<Record<string, Field>>,
) => void;

/** Makes a {@linkcode Log} that hands each line, without its end, to `write`. */
export function createLog(
  deps: { clock: Clock; write: (line: string) => void },
): Log {
  return (level, message, fields = {}) =>
    deps.write(JSON.stringify({
      time: new Date(deps.clock.nowMs()).toISOString(),
      level,
      message,
      ...fields,
    }));
}

/** Takes lines and writes them, several at once. */
export interface LineWriter {
  write(line: string): void;
  /** Writes what is waiting. */
  flush(): void;
}

const GATHER_MS = 10;

/**
 * Gathers lines for a hundredth of a second: one write for each took as long
 * as a tenth of the request it told of. What a killed process had gathered is
 * lost; the truth about payments is in the store, not in the log.
 */
export function gatherLines(write: (text: string) => void): LineWriter {
  let waiting = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting === "") return;
    const text = waiting;
    waiting = "";
    write(text);
  };
  return {
    write(line) {
      waiting += `${line}\n`;
      timer ??= setTimeout(flush, GATHER_MS);
    },
    flush,
  };
}
