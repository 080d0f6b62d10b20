/**
 * `deno task demo [--fast] [--pages | --release]`: starts the edge in this process,
 * has two phones pay in two shops over HTTP, has the shops' servers told by callbacks,
 * and says in plain words what each answer means; or shows the pages of two phones and
 * a till in one window; or changes the algorithm within a week, while both phones pay.
 * Ends with 0 when every answer and every callback was as expected, with 1 when one was
 * not.
 *
 * @module
 */

import { UnexpectedAnswerError } from "./client.ts";
import { InputError, readArguments, runCommand, writeOut } from "./command.ts";
import { type DemoEdge, type DemoEdgeOptions, startEdge } from "./demo/edge.ts";
import type { PagesTelling } from "./demo/pages.ts";
import { Screen, type ScreenOptions } from "./demo/screen.ts";
import { tellStory } from "./demo/story.ts";
import { tellWeek } from "./demo/week.ts";

const USAGE = `Usage: deno task demo [--fast] [--pages | --release]

  --fast     puts the demo's clock forward instead of waiting for the next code
  --pages    shows two phones and a till in one browser window (needs Chromium)
  --release  changes the algorithm within a week, while everybody pays`;

/** How the demo runs. */
export interface DemoOptions
  extends DemoEdgeOptions, ScreenOptions, PagesTelling {
  /** Tells of a core release instead of a day at the till. */
  readonly release?: boolean;
  /** Shows pages in a browser instead. */
  readonly pages?: boolean;
}

/**
 * Runs the demo; the exit code says whether all answers were as expected, and
 * is 130 when the wait was ended early.
 */
export async function demo(options: DemoOptions): Promise<0 | 1 | 130> {
  const screen = new Screen(options);
  await using edge = await startEdge({
    ...options,
    ...(options.pages && { hasPages: true, settings: { hasTestCodes: true } }),
  });
  try {
    const summary = await tell(edge, screen, options);
    screen.line();
    screen.line(summary);
    return 0;
  } catch (error) {
    screen.line();
    if (options.signal?.aborted) return 130;
    if (!(error instanceof UnexpectedAnswerError)) throw error;
    screen.line(`Not as expected: ${error.message}`);
    return 1;
  }
}

async function tell(edge: DemoEdge, screen: Screen, options: DemoOptions) {
  if (options.release) return await tellWeek(edge, screen);
  if (!options.pages) return await tellStory(edge, screen, options);
  // Loaded here: the other stories need no browser.
  const { tellPages } = await import("./demo/pages.ts");
  return await tellPages(edge, screen, options);
}

async function main(args: readonly string[]): Promise<number> {
  const { words: _, ...asked } = readArguments(args, USAGE, {
    fast: { type: "boolean", default: false },
    pages: { type: "boolean", default: false },
    release: { type: "boolean", default: false },
  });
  if (asked.pages && asked.release) {
    throw new InputError(
      `${USAGE}\n\n--pages and --release exclude each other`,
    );
  }
  const isTerminal = Deno.stdout.isTerminal();
  const interrupted = new AbortController();
  // The temporary store is removed then, too.
  Deno.addSignalListener("SIGINT", () => interrupted.abort());
  return await demo({
    ...{ ...asked, isTerminal, write: writeOut, signal: interrupted.signal },
    color: isTerminal && !Deno.noColor,
  });
}

if (import.meta.main) await runCommand(main);
