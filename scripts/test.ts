/**
 * `deno task test`: makes sure that the programs and packages which the suite
 * needs are there, runs the suite with `deno test -A --parallel`, one file more at
 * a time than there are processors, because a file waits for about a third of its
 * time (`DENO_JOBS` says another number), and ends with the line `N passed, N
 * failed`. Arguments go through to `deno test`. Temporary files are in memory where
 * there is room: most of what the suite waited for was a disk.
 *
 * It fails when a test failed, when one was skipped, and when none ran: a
 * suite that found nothing has shown nothing.
 *
 * @module
 */

import { statfs } from "node:fs/promises";
import { keepLoopbackDirect } from "../edge/base/loopback.ts";
import { ensureTools, fetchPackages, listSources } from "./setup.ts";

/** How the tests of a run ended; steps count as part of their test. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** The names of those that were not run. */
  readonly skipped: readonly string[];
}

/**
 * Counts the tests of a JUnit report as `deno test` writes it: a step is a
 * case of its own there, named `test > step`, after its test.
 */
export function countTests(report: string): Counts {
  const skipped: string[] = [];
  const counts = { passed: 0, failed: 0, skipped };
  for (const suite of report.split("<testsuite ").slice(1)) {
    const cases = [...suite.matchAll(
      /<testcase name="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs,
    )];
    const isStep = (name: string) =>
      cases.some(([, test]) => name.startsWith(`${test} &gt; `));
    for (const [, name = "", body = ""] of cases) {
      if (body.includes("<skipped")) skipped.push(name);
      else if (!isStep(name)) {
        counts[/<(failure|error)/.test(body) ? "failed" : "passed"]++;
      }
    }
  }
  return counts;
}

const MEMORY = "/dev/shm";
/**
 * The room that the temporary files need; the suite took a tenth of it at most.
 */
const ROOM_BYTES = 2 ** 30;

/** A folder for the run: in memory where there is room, on a disk elsewhere. */
async function temporaryFolder(): Promise<string> {
  const prefix = "offcode_test_";
  // There may be no such folder, or it cannot be written.
  const made = await statfs(MEMORY).then(({ bavail, bsize }) =>
    bavail * bsize < ROOM_BYTES
      ? undefined
      : Deno.makeTempDir({ dir: MEMORY, prefix })
  ).catch(() => undefined);
  return made ?? await Deno.makeTempDir({ prefix });
}

/**
 * Folders of the files that take longest. They begin first, because a processor
 * that begins one of them last works alone in the end. Whatever the order, Deno
 * takes the files of deeper folders first, which are the quick ones.
 */
const LONG = ["tests/race/", "tests/property/", "tests/fault/"];

/** What `deno test` is to run, in this order, unless the arguments say it. */
function filesFor(args: readonly string[]): string[] {
  if (!args.every((it) => it.startsWith("-"))) return [];
  const all = listSources([...LONG, "tests/"]);
  return [...new Set(all.filter((it) => it.endsWith("_test.ts")))];
}

async function main(args: readonly string[]): Promise<number> {
  try {
    await ensureTools();
    await fetchPackages();
  } catch (error) {
    console.error((error as Error).message);
    console.log("0 passed, 1 failed");
    return 1;
  }
  // The suite inherits it: its servers are all on this machine.
  keepLoopbackDirect(Deno.env);
  const folder = await temporaryFolder();
  try {
    const path = `${folder}/report.xml`;
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--parallel", `--junit-path=${path}`]
        .concat(args, filesFor(args)),
      cwd: new URL("../", import.meta.url),
      // A test must end what it opens or starts; Deno does not check this by
      // default since 2.9.
      env: {
        ...{ DENO_TEST_SANITIZE_OPS: "1", DENO_TEST_SANITIZE_RESOURCES: "1" },
        DENO_JOBS: Deno.env.get("DENO_JOBS") ??
          `${navigator.hardwareConcurrency + 1}`,
        TMPDIR: folder,
      },
      ...{ stdin: "null", stdout: "inherit", stderr: "inherit" },
    }).output();
    // Without a report the run ended before its first test, for instance by a
    // type error.
    const report = await Deno.readTextFile(path).catch(() => "");
    const { passed, failed: failures, ...left } = countTests(report);
    // The report has one word for "ignored" and "not asked for".
    const filtered = args.some((it) => it.startsWith("--filter"));
    const skipped = filtered ? [] : left.skipped;
    // The report does not have a file that fails outside of a test.
    const failed = code !== 0 && failures === 0 ? 1 : failures;
    for (const name of skipped) console.log(`Skipped: ${name}`);
    if (passed + failed === 0) console.log("No test ran");
    console.log(`${passed} passed, ${failed} failed`);
    return failed > 0 || skipped.length > 0 || passed === 0 ? 1 : 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
