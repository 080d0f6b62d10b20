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

import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import {
  InputError,
  linesOf,
  readArguments,
  runCommand,
  serverOf,
} from "./command.ts";
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
const isFinal = ({ status }: { readonly status: number }) =>
  status < 500 && status !== 429;

const isRefused = ({ status }: Outcome) => status !== 201;

/**
 * Sends lines. Returns the outcomes that came back, which may be fewer, or none
 * if the server could not be reached.
 * @throws {InputError} If the server refuses the call as a whole.
 */
async function send(
  origin: string,
  key: string,
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
    if (!isFinal(response)) {
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
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  // A process that was killed may have left half a line.
  if (whole !== text) await Deno.truncate(path, bytesOf(whole).length);
  const outcomes = whole.split("\n").filter((it) => it !== "")
    .map((it) => outcomeLine.parse(JSON.parse(it)));
  return new Map(outcomes.map((it) => [it.line, it]));
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Appends outcomes under the numbers of the whole input, and syncs the disk. */
async function keep(file: Deno.FsFile, outcomes: readonly Outcome[]) {
  const text = outcomes.map((it) => `${JSON.stringify(it)}\n`).join("");
  const bytes = bytesOf(text);
  for (let at = 0; at < bytes.length;) {
    at += await file.write(bytes.subarray(at));
  }
  await file.sync();
}

/** Sends the lines of `numbers` until each has an outcome that is final. */
async function enrolLines(
  sendLines: (lines: readonly string[]) => Promise<Outcome[]>,
  input: readonly string[],
  numbers: readonly number[],
  file: Deno.FsFile,
): Promise<Outcome[]> {
  const ended: Outcome[] = [];
  let left = numbers;
  for (let tries = 0; tries < TRIES; tries++) {
    if (left.length === 0) return ended;
    if (tries > 0) await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1));
    const sent = left;
    const outcomes = await sendLines(sent.map((n) => input[n - 1]!));
    const final = outcomes.filter(isFinal)
      .map((it) => ({ ...it, line: sent[it.line - 1]! }));
    await keep(file, final);
    ended.push(...final);
    const done = new Set(final.map(({ line }) => line));
    left = left.filter((n) => !done.has(n));
  }
  if (left.length === 0) return ended;
  throw new InputError(
    `The server gave no answer for line ${left[0]} in ${TRIES} tries; ` +
      "start again to go on",
  );
}

/** The account and the device of each line; the server says what is wrong with the others. */
const idsOf = (input: readonly string[]) =>
  input.map((text): { account_id?: unknown; device_id?: unknown } => {
    try {
      const { account_id, device_id } = Object(JSON.parse(text));
      return { account_id, device_id };
    } catch {
      return {};
    }
  });

/**
 * Refuses an input in which an account or a device comes twice, because the
 * second would end the seed of the first; and one that is not the one whose
 * outcomes are in the file, because its customers would be taken for enrolled.
 *
 * @throws {InputError} Naming the first such line.
 */
function refuseInput(
  input: readonly string[],
  done: ReadonlyMap<number, Outcome>,
  out: string,
): void {
  const lines = idsOf(input);
  for (const name of ["account_id", "device_id"] as const) {
    const seen = new Map<string, number>();
    for (const [i, { [name]: id }] of lines.entries()) {
      if (typeof id !== "string") continue;
      const first = seen.get(id);
      if (first !== undefined) {
        throw new InputError(`Line ${i + 1} has the ${name} of line ${first}`);
      }
      seen.set(id, i + 1);
    }
  }
  for (const { line, account_id, device_id } of done.values()) {
    const it = lines[line - 1];
    const isSame = it !== undefined && (account_id === undefined ||
      (it.account_id === account_id && it.device_id === device_id));
    if (isSame) continue;
    throw new InputError(
      `Line ${line} of the input is not the one that ${out} tells of: ` +
        "name another file with --out",
    );
  }
}

async function main(args: readonly string[]): Promise<number> {
  const { out } = readArguments(args, USAGE, {
    out: { type: "string", default: "enrolled.ndjson" },
  });
  const address = Deno.env.get("OFFCODE");
  const key = Deno.env.get("OFFCODE_WALLET_KEY");
  if (!address || !key) {
    throw new InputError(`${USAGE}\n\nOne of the two is not set`);
  }
  const origin = serverOf(address);
  const text = await new Response(Deno.stdin.readable).text();
  const input = text.replace(/\r?\n$/, "").split(/\r?\n/);
  if (text.trim() === "") {
    throw new InputError(`${USAGE}\n\nStandard input is empty`);
  }

  const done = await readDone(out);
  refuseInput(input, done, out);
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
  const sendLines = (lines: readonly string[]) => send(origin, key, lines);
  let refused = 0;
  for (let at = 0; at < numbers.length; at += BATCH) {
    const some = numbers.slice(at, at + BATCH);
    const ended = await enrolLines(sendLines, input, some, file);
    refused += ended.filter(isRefused).length;
    progress.at(at + ended.length, `${refused} refused`);
  }
  const enrolled = numbers.length - refused;
  progress.end(`${enrolled} enrolled, ${refused} refused; see ${out}`);
  return refused + refusedBefore === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
