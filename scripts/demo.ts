/**
 * `deno task demo [--fast]`: starts the edge in this process, has two phones
 * pay in two shops over HTTP, has the shops' servers told by callbacks, and says
 * in plain words what each answer means. Ends with 0 when every answer and
 * every callback was as expected, with 1 when one was not.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { keepLoopbackDirect } from "../edge/base/loopback.ts";
import { UnexpectedAnswerError } from "./demo/api.ts";
import { type DemoEdgeOptions, startEdge } from "./demo/edge.ts";
import { Screen, type ScreenOptions } from "./demo/screen.ts";
import { type Telling, tellStory } from "./demo/story.ts";

const USAGE = `Usage: deno task demo [--fast]

  --fast  puts the demo's clock forward instead of waiting for the next code`;

/** How the demo runs. */
export interface DemoOptions extends DemoEdgeOptions, ScreenOptions, Telling {}

/**
 * Runs the demo; the exit code says whether all answers were as expected, and
 * is 130 when the wait was ended early.
 */
export async function demo(options: DemoOptions): Promise<0 | 1 | 130> {
  const screen = new Screen(options);
  await using edge = await startEdge(options);
  try {
    const summary = await tellStory(edge, screen, options);
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

function readArgs(args: readonly string[]): { fast: boolean } | undefined {
  try {
    return parseArgs({
      args: [...args],
      options: { fast: { type: "boolean", default: false } },
    }).values;
  } catch {
    return undefined;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const asked = readArgs(args);
  if (asked === undefined) {
    console.error(USAGE);
    return 2;
  }
  keepLoopbackDirect(Deno.env);
  const encoder = new TextEncoder();
  const isTerminal = Deno.stdout.isTerminal();
  const interrupted = new AbortController();
  // The temporary store is removed then, too.
  Deno.addSignalListener("SIGINT", () => interrupted.abort());
  return await demo({
    fast: asked.fast,
    write(text) {
      try {
        Deno.stdout.writeSync(encoder.encode(text));
      } catch (error) {
        // `demo | head`: the reader has seen enough.
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      }
    },
    isTerminal,
    color: isTerminal && !Deno.noColor,
    signal: interrupted.signal,
  });
}

// Timers and the signal listener would keep the process alive.
if (import.meta.main) Deno.exit(await main(Deno.args));
