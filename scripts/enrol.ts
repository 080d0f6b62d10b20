/**
 * `deno task enrol [--out file] < devices.ndjson`: enrols a wallet's customers,
 * a line each as `POST /v1/enrolments` takes it, over `OFFCODE` with the key in
 * `OFFCODE_WALLET_KEY`.
 *
 * The outcome of each line goes to the file, on the disk before the next lines
 * are sent: started again it goes on after the last of them. A line whose answer
 * was lost is sent again, which ends what it enrolled before, so the credential
 * that the file names is the one that lives. Lines that failed for good are in
 * the file with their problem; remove them there to have them sent again.
 *
 * @module
 */

import { z } from "zod";
import { InputError, linesOf, readArguments, runCommand } from "./command.ts";
import { progressOnStderr } from "./progress.ts";

const USAGE = "Usage: deno task enrol [--out file] < devices.ndjson\n" +
  "with OFFCODE, the server's address, and OFFCODE_WALLET_KEY";
/** Lines of one call: few enough that a lost answer costs little. */
const BATCH = 200;
const TRIES = 8;
const FIRST_PAUSE_MS = 250;

const outcomeLine = z.looseObject({
  line: z.int().min(1),
  status: z.int(),
  // Only an enrolment has these members, a problem does not.
  account_id: z.string().optional(),
  device_id: z.string().optional(),
});
type Outcome = z.infer<typeof outcomeLine>;

/**
 * Whether a line is finished. After a status of 500 or more, or 429, it is sent
 * again.
 */
const isFinal = ({ status }: Outcome) => status < 500 && status !== 429;

const isRefused = ({ status }: Outcome) => status !== 201;

interface Server {
  readonly origin: string;
  readonly key: string;
}

/**
 * Sends lines. Returns the outcomes that came back, which may be fewer, or none
 * if the server could not be reached.
 * @throws {InputError} If the server refuses the call as a whole.
 */
async function send(
  { origin, key }: Server,
  lines: readonly string[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  try {
    const response = await fetch(`${origin}/v1/enrolments/batch`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${key}`,
        "content-type": "application/x-ndjson",
      },
      body: lines.map((line) => `${line}\n`).join(""),
    });
    if (response.status >= 500 || response.status === 429) {
      await response.body?.cancel();
      return outcomes;
    }
    if (!response.ok) {
      const { code, detail } = await response.json();
      throw new InputError(`The server refused the call: ${code}: ${detail}`);
    }
    for await (const text of linesOf(response.body!)) {
      outcomes.push(outcomeLine.parse(JSON.parse(text)));
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    // An answer that was cut off has the outcomes of the lines before the cut.
  }
  return outcomes;
}

/** The outcomes in a file, by the numbers of their lines. */
async function readDone(path: string): Promise<Map<number, Outcome>> {
  const done = new Map<number, Outcome>();
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return done;
    throw error;
  }
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  // A process that was killed may have left half a line.
  if (whole !== text) await Deno.truncate(path, byteLength(whole));
  for (const line of whole.split("\n").filter((it) => it !== "")) {
    const outcome = outcomeLine.parse(JSON.parse(line));
    done.set(outcome.line, outcome);
  }
  return done;
}

const byteLength = (text: string) => new TextEncoder().encode(text).length;

/** Appends outcomes under the numbers of the whole input, and syncs the disk. */
async function keep(file: Deno.FsFile, outcomes: readonly Outcome[]) {
  const text = outcomes.map((it) => `${JSON.stringify(it)}\n`).join("");
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += await file.write(bytes.subarray(at));
  }
  await file.sync();
}

/** Sends the lines of `numbers` until each has an outcome that is final. */
async function enrolLines(
  server: Server,
  input: readonly string[],
  numbers: readonly number[],
  file: Deno.FsFile,
): Promise<Outcome[]> {
  const ended: Outcome[] = [];
  let left = [...numbers];
  for (let tries = 0; left.length > 0; tries++) {
    if (tries === TRIES) {
      throw new InputError(
        `The server gave no answer for line ${left[0]} in ${TRIES} tries; ` +
          "start again to go on",
      );
    }
    if (tries > 0) {
      const pauseMs = FIRST_PAUSE_MS * 2 ** (tries - 1);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    const sent = left;
    const outcomes = await send(server, sent.map((n) => input[n - 1]!));
    const final = outcomes.filter(isFinal)
      .map((it) => ({ ...it, line: sent[it.line - 1]! }));
    await keep(file, final);
    ended.push(...final);
    const done = new Set(final.map(({ line }) => line));
    left = left.filter((n) => !done.has(n));
  }
  return ended;
}

/**
 * Refuses an input in which an account or a device comes twice, because the
 * second would end the seed of the first.
 *
 * @throws {InputError} Naming both lines.
 */
function refuseTwice(input: readonly string[]): void {
  const seen = new Map<string, number>();
  for (const [i, text] of input.entries()) {
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch {
      continue; // The server says what is wrong with it.
    }
    for (const name of ["account_id", "device_id"]) {
      const value = (line as Record<string, unknown> | null)?.[name];
      if (typeof value !== "string") continue;
      const first = seen.get(`${name} ${value}`);
      if (first !== undefined) {
        throw new InputError(`Line ${i + 1} has the ${name} of line ${first}`);
      }
      seen.set(`${name} ${value}`, i + 1);
    }
  }
}

/**
 * Refuses an input that is not the one whose outcomes are in the file, because
 * its customers would be taken for enrolled.
 *
 * @throws {InputError} Naming the first line that differs.
 */
function refuseOther(
  input: readonly string[],
  done: ReadonlyMap<number, Outcome>,
  out: string,
): void {
  for (const { line, account_id, device_id } of done.values()) {
    const text = input[line - 1];
    const isSame = text !== undefined && (account_id === undefined ||
      isAbout(text, account_id, device_id));
    if (isSame) continue;
    throw new InputError(
      `Line ${line} of the input is not the one that ${out} tells of: ` +
        "name another file with --out",
    );
  }
}

/** Whether a line asks for the enrolment of an account on a device. */
function isAbout(text: string, account?: string, device?: string): boolean {
  try {
    const line = JSON.parse(text);
    return line.account_id === account && line.device_id === device;
  } catch {
    return false;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const { out } = readArguments(args, USAGE, {
    out: { type: "string", default: "enrolled.ndjson" },
  });
  const origin = Deno.env.get("OFFCODE")?.replace(/\/$/, "");
  const key = Deno.env.get("OFFCODE_WALLET_KEY");
  if (!origin || !key) throw new InputError(USAGE);
  const text = await new Response(Deno.stdin.readable).text();
  const input = text.replace(/\r?\n$/, "").split(/\r?\n/);
  if (text.trim() === "") throw new InputError(USAGE);

  refuseTwice(input);
  const done = await readDone(out);
  refuseOther(input, done, out);
  const numbers = input.map((_, i) => i + 1).filter((n) => !done.has(n));
  const refusedBefore = [...done.values()].filter(isRefused).length;
  if (done.size > 0) {
    console.error(
      `${done.size} lines were done before, ${refusedBefore} of them refused`,
    );
  }
  const progress = progressOnStderr();
  progress.begin("Enrolling", numbers.length);
  // Only the owner may read the file, because its readers could try to open the
  // seeds.
  using file = await Deno.open(out, {
    ...{ append: true, create: true, mode: 0o600 },
  });
  let enrolled = 0;
  let refused = 0;
  for (let at = 0; at < numbers.length; at += BATCH) {
    const ended = await enrolLines(
      { origin, key },
      input,
      numbers.slice(at, at + BATCH),
      file,
    );
    for (const it of ended) isRefused(it) ? refused++ : enrolled++;
    progress.at(at + ended.length, `${refused} refused`);
  }
  progress.end(`${enrolled} enrolled, ${refused} refused; see ${out}`);
  return refused + refusedBefore === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
