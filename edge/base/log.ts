/**
 * Structured log lines, one JSON object a line. A line holds identifiers and
 * words, never a code, a seed, a key or a tag: callers pass named fields, not
 * requests or errors' texts.
 *
 * @module
 */

import { type Clock, timeText } from "./clock.ts";

/** How serious the event is. */
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
  return (level, message, fields = {}) => {
    const time = timeText(deps.clock.nowMs());
    deps.write(JSON.stringify({ time, level, message, ...fields }));
  };
}

/** Takes lines, and writes several of them at once. */
export interface LineWriter {
  write(line: string): void;
  /** Writes all lines that were taken. Resolves when they are written. */
  flush(): Promise<void>;
}

const GATHER_MS = 10;
/**
 * The most characters that may wait to be written. Where more wait, nobody
 * reads the log, so further lines are dropped.
 */
const MAX_WAITING = 1_000_000;

/**
 * Gathers lines for 10 ms and writes them together, because a write for each
 * line took a tenth of the time of its request. A killed process loses the lines
 * that it had gathered, and lines are dropped where nobody reads the log: the
 * store has the truth about payments, and a slow reader of the log must not
 * delay one.
 */
export function gatherLines(
  write: (text: string) => Promise<void>,
): LineWriter {
  let waiting = "";
  let dropped = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing = Promise.resolve();

  async function writeWaiting(): Promise<void> {
    const text = waiting;
    waiting = "";
    if (text === "") return;
    try {
      await write(text);
    } catch {
      // The reader of the log is gone, so this cannot be logged either.
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(writeWaiting);
    return writing;
  }

  return {
    write(line) {
      if (waiting.length > MAX_WAITING) {
        dropped++;
        return;
      }
      if (dropped > 0) {
        waiting +=
          `{"level":"warn","message":"lines were dropped","count":${dropped}}\n`;
        dropped = 0;
      }
      waiting += `${line}\n`;
      timer ??= setTimeout(flush, GATHER_MS);
    },
    flush,
  };
}
