/**
 * `deno task demo [--fast | --release]`: starts the edge in this process, has two
 * phones pay in two shops over HTTP, has the shops' servers told by callbacks, and
 * says in plain words what each answer means; or changes the algorithm within a
 * week, while both phones pay. Ends with 0 when every answer and
 * every callback was as expected, with 1 when one was not.
 *
 * @module
 */

import { UnexpectedAnswerError } from "./client.ts";
import { readArguments, runCommand, writeOut } from "./command.ts";
import { type DemoEdgeOptions, startEdge } from "./demo/edge.ts";
import { Screen, type ScreenOptions } from "./demo/screen.ts";
import { tellWeek } from "./demo/week.ts";
import { type Telling, tellStory } from "./demo/story.ts";

const USAGE = `Usage: deno task demo [--fast | --release]

  --fast     puts the demo's clock forward instead of waiting for the next code
  --release  changes the algorithm within a week, while everybody pays`;

/** How the demo runs. */
export interface DemoOptions extends DemoEdgeOptions, ScreenOptions, Telling {
  /** Tells of a core release instead of a day at the till. */
  readonly release?: boolean;
}

/**
 * Runs the demo; the exit code says whether all answers were as expected, and
 * is 130 when the wait was ended early.
 */
export async function demo(options: DemoOptions): Promise<0 | 1 | 130> {
  const screen = new Screen(options);
  await using edge = await startEdge(options);
  try {
    const summary = options.release
      ? await tellWeek(edge, screen)
      : await tellStory(edge, screen, options);
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

async function main(args: readonly string[]): Promise<number> {
  const { fast, release } = readArguments(args, USAGE, {
    fast: { type: "boolean", default: false },
    release: { type: "boolean", default: false },
  });
  const isTerminal = Deno.stdout.isTerminal();
  const interrupted = new AbortController();
  // The temporary store is removed then, too.
  Deno.addSignalListener("SIGINT", () => interrupted.abort());
  return await demo({
    fast,
    release,
    write: writeOut,
    isTerminal,
    color: isTerminal && !Deno.noColor,
    signal: interrupted.signal,
  });
}

if (import.meta.main) await runCommand(main);
