/**
 * `deno task load`: puts a running server under load, the way tills do, and
 * reports how fast it answered and whether it kept its promises. It enrols
 * wallets of its own, pays with their offline codes at a rate that no answer
 * slows down, and compares the books at the end.
 *
 * @module
 */

import { CrowdError } from "./load/crowd.ts";
import { faultsOf } from "./load/feasible.ts";
import {
  isLoopback,
  type LoadOptions,
  OptionsError,
  readOptions,
  USAGE,
} from "./load/options.ts";
import { Progress, type ProgressOptions } from "./load/progress.ts";
import type { LoadReport } from "./load/report.ts";
import { reportHtml } from "./load/report_html.ts";
import { runLoad } from "./load/run.ts";
import { readable } from "./load/scale.ts";

const DEVELOPMENT_KEYS = "data/development-keys.json";

/** What the command needs from outside. */
export interface LoadCommand extends ProgressOptions {
  readonly args: readonly string[];
  /** `OFFCODE_ADMIN_KEY`, if it is set. */
  readonly adminKey: string | undefined;
  readonly stop: AbortSignal;
  readonly giveUp: AbortSignal;
}

/** Runs the command; its exit code. */
export async function load(command: LoadCommand): Promise<number> {
  const { write, stop } = command;
  try {
    const options = readOptions(command.args);
    if (options === "help") {
      write(`${USAGE}\n`);
      return 0;
    }
    const impossible = faultsOf(options);
    if (impossible.length > 0) throw new OptionsError(impossible);
    const report = await runLoad({
      ...{ options, stop, giveUp: command.giveUp },
      adminKey: await findAdminKey(command.adminKey, options),
      progress: new Progress(command),
      random: Math.random,
      nowMs: Date.now,
    });
    const paths = await writeReports(report, options.out);
    write(`\n${summary(report)}\n\n${paths.join("\n")}\n`);
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
    // A development key is of this machine, and goes nowhere else.
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

async function writeReports(
  report: LoadReport,
  folder: string,
): Promise<string[]> {
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/load-${report.run}`;
  await Deno.writeTextFile(`${path}.html`, await reportHtml(report));
  await Deno.writeTextFile(
    `${path}.json`,
    `${JSON.stringify(report, null, 2)}\n`,
  );
  return [`${path}.html`, `${path}.json`];
}

/** The run in a few lines. */
export function summary(report: LoadReport): string {
  const { requests, latencyMs, serviceMs, answers, checks } = report;
  const figures = (ms: LoadReport["latencyMs"]) =>
    `p50 ${readable(ms.p50)}  p99 ${readable(ms.p99)}  p99.9 ${
      readable(ms.p999)
    }  longest ${readable(ms.max)} ms`;
  return [
    `${readable(requests.ended)} of ${readable(requests.planned)} requests, ${
      readable(requests.perSecond)
    } a second`,
    ...(requests.skipped === 0 ? [] : [
      `  ${
        readable(requests.skipped)
      } were not sent, since no wallet had a fresh code`,
    ]),
    ...(requests.unsent === 0 ? [] : [
      `  ${
        readable(requests.unsent)
      } were not sent, since the run was over before a till was free`,
    ]),
    `  since they should have left  ${figures(latencyMs)}`,
    `  since they left              ${figures(serviceMs)}`,
    "",
    ...answers.map(({ kind, answer, count, asExpected }) =>
      `  ${kind.padEnd(8)}${answer.padEnd(30)}${readable(count).padStart(10)}${
        asExpected ? "" : "  not as expected"
      }`
    ),
    "",
    ...checks.flatMap(({ name, holds, found, examples }) => [
      `  ${holds ? "ok    " : "FAILED"}  ${name}. ${found}`,
      ...examples.map((it) => `            ${it}`),
    ]),
  ].join("\n");
}

/** What to tell whoever started it; `null` for a bug. */
function sayOf(error: unknown): string | null {
  if (error instanceof OptionsError) {
    return `${
      error.faults.join("\n")
    }\n\ndeno task load --help says what can be set.`;
  }
  if (error instanceof CrowdError) return error.message;
  // What `fetch` throws when nobody is there or the connection breaks, in
  // newer and in older versions of Deno.
  if (
    error instanceof TypeError &&
    /^(fetch failed|error sending)/.test(error.message)
  ) {
    return "The server does not answer. Is it running, and is --server its address?";
  }
  if (error instanceof SyntaxError) {
    return "What answers there is not Offcode: its answer is no JSON.";
  }
  return null;
}

async function main(): Promise<number> {
  const encoder = new TextEncoder();
  const stop = new AbortController();
  const giveUp = new AbortController();
  // Once: send no more. Twice: settle no more.
  Deno.addSignalListener("SIGINT", () => {
    if (stop.signal.aborted) giveUp.abort();
    stop.abort();
  });
  return await load({
    args: Deno.args,
    adminKey: Deno.env.get("OFFCODE_ADMIN_KEY"),
    stop: stop.signal,
    giveUp: giveUp.signal,
    isTerminal: Deno.stdout.isTerminal(),
    nowMs: () => performance.now(),
    write(text) {
      try {
        Deno.stdout.writeSync(encoder.encode(text));
      } catch (error) {
        // `load | head`: the reader has seen enough.
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      }
    },
  });
}

// The signal listener would keep the process alive.
if (import.meta.main) Deno.exit(await main());
