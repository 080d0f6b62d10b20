/**
 * `deno task load`: puts a running server under load, the way tills do, and
 * reports how fast it answered and whether it kept its promises. It enrols
 * wallets of its own, pays with their offline codes at a rate that no answer
 * slows down, and compares the books at the end.
 *
 * @module
 */

import { isLoopback } from "../edge/base/loopback.ts";
import { InputError, runCommand, writeOut } from "./command.ts";
import { type LoadOptions, readOptions, USAGE } from "./load/options.ts";
import { summary } from "./load/report.ts";
import { runLoad } from "./load/run.ts";
import { Progress, type ProgressOptions } from "./progress.ts";

const DEVELOPMENT_KEYS = "data/development-keys.json";

/** What the command needs from outside. */
export interface LoadCommand extends ProgressOptions {
  readonly args: readonly string[];
  /** `OFFCODE_ADMIN_KEY`, if it is set. */
  readonly adminKey: string | undefined;
  /** Ends the sending. */
  readonly stop: AbortSignal;
  /** Gives up what is left after that. */
  readonly giveUp: AbortSignal;
}

export async function load(command: LoadCommand): Promise<number> {
  const { write, stop, giveUp } = command;
  try {
    const options = readOptions(command.args);
    if (options === "help") {
      write(`${USAGE}\n`);
      return 0;
    }
    const adminKey = command.adminKey || await developmentKey(options);
    const progress = new Progress(command);
    const report = await runLoad({ options, stop, giveUp, adminKey, progress });
    await Deno.mkdir(options.out, { recursive: true });
    const path = `${options.out}/load-${report.run}.json`;
    await Deno.writeTextFile(path, `${JSON.stringify(report, null, 2)}\n`);
    write(`\n${summary(report)}\n\n${path}\n`);
    if (report.checks.some((it) => !it.holds)) return 1;
    return report.endedEarly ? 130 : 0;
  } catch (error) {
    write(`${messageOf(error)}\n`);
    return 2;
  }
}

async function developmentKey({ origin }: LoadOptions): Promise<string> {
  // A development key belongs to this machine, so it is never sent to another
  // one.
  const keys = isLoopback(new URL(origin).hostname)
    ? await Deno.readTextFile(DEVELOPMENT_KEYS).then(JSON.parse)
      .catch(() => null)
    : null;
  if (typeof keys?.admin_key === "string") return keys.admin_key;
  throw new InputError(
    "OFFCODE_ADMIN_KEY is not set: it is the admin key of the server under load",
  );
}

/**
 * The message for the person who started the run.
 *
 * @throws The error, if it is a bug.
 */
function messageOf(error: unknown): string {
  if (error instanceof InputError) return error.message;
  if (error instanceof SyntaxError) {
    return "What answers there is not Offcode: its answer is no JSON.";
  }
  // What `fetch` throws when nobody is there or the connection breaks, in
  // newer and in older versions of Deno.
  if (
    error instanceof TypeError &&
    /^(fetch failed|error sending)/.test(error.message)
  ) {
    return "The server does not answer. Is it running, and is --server its address?";
  }
  throw error;
}

function main(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const giveUp = new AbortController();
  // The first signal ends the sending, the second one also the settling.
  Deno.addSignalListener("SIGINT", () => {
    if (stop.signal.aborted) giveUp.abort();
    stop.abort();
  });
  return load({
    ...{ args, stop: stop.signal, giveUp: giveUp.signal, write: writeOut },
    adminKey: Deno.env.get("OFFCODE_ADMIN_KEY"),
    isTerminal: Deno.stdout.isTerminal(),
    nowMs: () => performance.now(),
  });
}

if (import.meta.main) await runCommand(main);
