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

/** What is wrong with the arguments or the input, for the person who typed. */
export class InputError extends Error {
  override readonly name = "InputError";
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * The values of a command line.
 *
 * @param positionals How many words without `--` there must be.
 * @throws {InputError} With the usage alone, if it is not as the options say.
 */
export function readArguments<O extends Options>(
  args: readonly string[],
  usage: string,
  options: O,
  positionals = 0,
) {
  let read;
  try {
    read = parseArgs({ args: [...args], allowPositionals: true, options });
  } catch {
    // The parser's message quotes words, and one of them may be a secret that
    // was mistyped as an argument.
    throw new InputError(usage);
  }
  if (read.positionals.length !== positionals) throw new InputError(usage);
  return { ...read.values, words: read.positionals };
}

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
    if (!(error instanceof InputError)) throw error;
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
