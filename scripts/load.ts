/**
 * `deno task load`: puts a running server under load, the way tills do, and
 * reports how fast it answered and whether it kept its promises. It enrols
 * wallets of its own, pays with their offline codes at a rate that no answer
 * slows down, and compares the books at the end.
 *
 * @module
 */

import { InputError, runCommand, writeOut } from "./command.ts";
import {
  isLoopback,
  type LoadOptions,
  OptionsError,
  readOptions,
  USAGE,
} from "./load/options.ts";
import { Progress, type ProgressOptions } from "./progress.ts";
import { type LoadReport, summary } from "./load/report.ts";
import { runLoad } from "./load/run.ts";

const DEVELOPMENT_KEYS = "data/development-keys.json";

/** What the command needs from outside. */
export interface LoadCommand extends ProgressOptions {
  readonly args: readonly string[];
  /** `OFFCODE_ADMIN_KEY`, if it is set. */
  readonly adminKey: string | undefined;
  readonly stop: AbortSignal;
  readonly giveUp: AbortSignal;
}

/** Runs the command. Returns its exit code. */
export async function load(command: LoadCommand): Promise<number> {
  const { write, stop, giveUp } = command;
  try {
    const options = readOptions(command.args);
    if (options === "help") {
      write(`${USAGE}\n`);
      return 0;
    }
    const report = await runLoad({
      ...{ options, stop, giveUp, random: Math.random, nowMs: Date.now },
      adminKey: await findAdminKey(command.adminKey, options),
      progress: new Progress(command),
    });
    const path = await writeReport(report, options.out);
    write(`\n${summary(report)}\n\n${path}\n`);
    if (report.checks.some((it) => !it.holds)) return 1;
    return report.endedEarly ? 130 : 0;
  } catch (error) {
    const says = sayOf(error);
    if (says === null) throw error;
    write(`${says}\n`);
    return 2;
  }
}

async function findAdminKey(
  adminKey: string | undefined,
  { origin }: LoadOptions,
): Promise<string> {
  if (adminKey) return adminKey;
  try {
    // A development key belongs to this machine, so it is never sent to another
    // one.
    if (isLoopback(new URL(origin).hostname)) {
      const keys = JSON.parse(await Deno.readTextFile(DEVELOPMENT_KEYS));
      if (typeof keys?.admin_key === "string") return keys.admin_key;
    }
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof SyntaxError;
    if (!isAbsent) throw error;
  }
  throw new OptionsError([
    "OFFCODE_ADMIN_KEY is not set: it is the admin key of the server under load",
  ]);
}

/** Writes the report as JSON. Returns its path. */
async function writeReport(
  report: LoadReport,
  folder: string,
): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/load-${report.run}.json`;
  await Deno.writeTextFile(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

/**
 * The message for the person who started the run; `null` if the error is a bug.
 */
function sayOf(error: unknown): string | null {
  if (error instanceof InputError) return error.message;
  // What `fetch` throws when nobody is there or the connection breaks, in
  // newer and in older versions of Deno.
  if (
    error instanceof TypeError &&
    /^(fetch failed|error sending)/.test(error.message)
  ) {
    return "The server does not answer. Is it running, and is --server its address?";
  }
  return error instanceof SyntaxError
    ? "What answers there is not Offcode: its answer is no JSON."
    : null;
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
