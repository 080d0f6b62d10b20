/**
 * `deno task load`: puts a running server under load, the way tills do, and
 * reports how fast it answered and whether it kept its promises. It enrols
 * wallets of its own, pays with their offline codes at a rate that no answer
 * slows down, and compares the books at the end.
 *
 * @module
 */

import { runCommand, writeOut } from "./command.ts";
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
import { runLoad } from "./load/run.ts";
import { formatTable, readable } from "./table.ts";

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

/** Writes the report as JSON; where it lies. */
async function writeReport(
  report: LoadReport,
  folder: string,
): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/load-${report.run}.json`;
  await Deno.writeTextFile(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

/** The run in tables. */
export function summary(report: LoadReport): string {
  const { checks, endedEarly } = report;
  const failing = checks.filter((it) => !it.holds).length;
  return [
    ...(endedEarly ? ["The run was ended early, by hand.", ""] : []),
    ...[requestLines(report), "", latencyTable(report), ""],
    ...[answersTable(report), "", slicesTable(report), ""],
    failing === 0
      ? `All ${checks.length} checks hold`
      : `${failing} of ${checks.length} checks fail`,
    ...checks.flatMap(({ name, holds, found, examples }) => [
      `  ${holds ? "ok    " : "FAILED"}  ${name}. ${found}`,
      ...examples.map((it) => `            ${it}`),
    ]),
  ].join("\n");
}

function requestLines({ requests }: LoadReport): string {
  const { ended, planned, perSecond, skipped, unsent } = requests;
  return [
    `${readable(ended)} of ${readable(planned)} requests, ${
      readable(perSecond)
    } a second`,
    ...(skipped === 0 ? [] : [
      `  ${readable(skipped)} were not sent, since no wallet had a fresh code`,
    ]),
    ...(unsent === 0 ? [] : [
      `  ${
        readable(unsent)
      } were not sent, since the run was over before a till was free`,
    ]),
  ].join("\n");
}

/** Percentiles, counted both ways. */
function latencyTable({ latencyMs, serviceMs }: LoadReport): string {
  const names = ["p50", "p90", "p99", "p999", "max", "mean"] as const;
  return formatTable({
    title: "How long requests took, ms",
    columns: ["counted from", "p50", "p90", "p99", "p99.9", "longest", "mean"],
    rows: [
      [
        "when they should have left",
        ...names.map((it) => readable(latencyMs[it])),
      ],
      ["when they left", ...names.map((it) => readable(serviceMs[it]))],
    ],
    notes: [
      "Timers are late by a millisecond or two; where the rows differ by more, requests queued at the tills.",
    ],
  });
}

/** Which kind of request got which answer, how often. */
function answersTable({ answers, requests }: LoadReport): string {
  return formatTable({
    title: "Answers",
    columns: ["request and answer", "number", "share", ""],
    rows: answers.map(({ kind, answer, asExpected, count }) => [
      `${kind.padEnd(7)} ${answer}`,
      readable(count),
      `${readable(count / requests.ended * 100)} %`,
      asExpected ? "" : "not as expected",
    ]),
  });
}

function slicesTable({ slices }: LoadReport): string {
  return formatTable({
    title: "Over time, by when requests should have left",
    columns: [
      ...["seconds", "due a second", "answered a second"],
      ...["p50 ms", "p99 ms", "not as expected"],
    ],
    rows: slices.map((it) => [
      `${readable(it.fromSeconds)} to ${readable(it.toSeconds)}`,
      ...[it.intendedPerSecond, it.answeredPerSecond].map(readable),
      ...[it.p50, it.p99, it.unexpected].map(readable),
    ]),
  });
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

function main(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const giveUp = new AbortController();
  // Once: send no more. Twice: settle no more.
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
