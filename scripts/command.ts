/**
 * What the tasks share as commands: arguments are read strictly, a fault of the
 * input becomes one message and an exit code, and a closed pipe is no fault.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { z } from "zod";
import { keepLoopbackDirect } from "../edge/base/loopback.ts";
import { nearest } from "../edge/base/nearest.ts";

/** What is wrong with the arguments or the input, for the person who typed. */
export class InputError extends Error {
  override readonly name = "InputError";
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * The values of a command line.
 *
 * @param positionals How many words without `--` there must be.
 * @throws {InputError} With the usage and what is wrong, if it is not as the options say.
 */
export function readArguments<O extends Options>(
  args: readonly string[],
  usage: string,
  options: O,
  positionals = 0,
) {
  const given = withDashes(args, options);
  let read;
  try {
    read = parseArgs({ args: given, allowPositionals: true, options });
  } catch (error) {
    throw new InputError(`${usage}\n\n${optionFault(error, given, options)}`);
  }
  const tooMany = read.positionals.length - positionals;
  if (tooMany !== 0) {
    const fault = tooMany < 0
      ? "A word is missing"
      : "There is a word too many";
    throw new InputError(`${usage}\n\n${fault}`);
  }
  return { ...read.values, words: read.positionals };
}

/**
 * The arguments with every value that begins with a dash, such as a key in base64url, behind
 * `=`: the parser would take it for an option.
 */
function withDashes(args: readonly string[], options: Options): string[] {
  const given: string[] = [];
  for (const arg of args) {
    const last = given.at(-1);
    const isValue = /^-[^-]/.test(arg) && last?.startsWith("--") &&
      options[last.slice(2)]?.type === "string";
    if (isValue) given.push(`${given.pop()}=${arg}`);
    else given.push(arg);
  }
  return given;
}

/**
 * What is wrong with the options, without any word that was typed: one of them may be a
 * secret that was mistyped as an argument.
 */
function optionFault(
  error: unknown,
  args: readonly string[],
  options: Options,
): string {
  const known = Object.keys(options);
  const { tokens } = parseArgs({
    ...{ args: [...args], options, strict: false, tokens: true },
  });
  for (const token of tokens) {
    if (token.kind !== "option" || known.includes(token.name)) continue;
    const close = nearest(token.name, known);
    return close === null
      ? "This takes no options"
      : `There is no such option; the nearest is --${close}`;
  }
  // The parser's message names an option that is known, and no value.
  return (error as Error).message.replaceAll("\n", " ");
}

/**
 * The address of a server, without a slash at its end.
 *
 * @param name The variable of the environment that has it.
 * @throws {InputError} If it is not an address of HTTP.
 */
export function serverOf(text: string, name = "OFFCODE"): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) {
    return text.replace(/\/$/, "");
  }
  throw new InputError(
    `${name} must be an address such as http://127.0.0.1:8000`,
  );
}

/** A fault of a file or of a port that the person who typed has named. */
const isNamedByHand = (error: unknown): error is Error =>
  [
    ...[Deno.errors.NotFound, Deno.errors.PermissionDenied],
    ...[Deno.errors.IsADirectory, Deno.errors.NotADirectory],
    Deno.errors.AddrInUse,
  ].some((it) => error instanceof it);

/** Runs a task and ends the process with its exit code, or `inputFault`. */
export async function runCommand(
  main: (args: readonly string[]) => Promise<number>,
  inputFault = 2,
): Promise<never> {
  // Keys that are sent to an edge on this machine must not reach a proxy.
  keepLoopbackDirect(Deno.env);
  try {
    // The process is ended explicitly, because timers, standard input and
    // signal listeners would keep it alive.
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof InputError || isNamedByHand(error))) throw error;
    console.error(error.message);
    Deno.exit(inputFault);
  }
}

/** Writes text to standard output as it comes. */
export function writeOut(text: string): void {
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(text));
  } catch (error) {
    // The reader has ended, as in `demo | head`, so the rest is not needed.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** The lines of a stream of bytes, such as standard input. */
export function linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): ReadableStream<string> {
  return stream.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
}

/** The moment that an RFC 3339 text names, unix ms; NaN where it names none. */
export function momentOf(text: string): number {
  const isMoment = z.iso.datetime({ offset: true }).safeParse(text).success;
  return isMoment ? Date.parse(text) : NaN;
}

/** Settles when the process is to end: at SIGINT or SIGTERM. */
export function interrupted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => resolve());
  }
  return promise;
}
