/**
 * The processes of the HTTP bench: servers and the load generator. Each is
 * ended by whoever started it, also when the bench fails.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import type { LoadPlan, LoadResult } from "./http_load.ts";

const ROOT = new URL("../../", import.meta.url);

/** A server that listens. */
export interface ServerProcess extends AsyncDisposable {
  readonly origin: string;
  readonly pid: number;
}

/** How to start a server. */
export interface ServerStart {
  /** The file to run, from the top of the repository. */
  readonly entry: string;
  /** Where it keeps its data. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** For Deno itself, such as `--inspect`. */
  readonly flags?: readonly string[];
}

/** Starts a server that prints `… listens on <origin>`. */
export async function startServer(
  { entry, folder, env, flags = [] }: ServerStart,
): Promise<ServerProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", ...flags, "--config"],
      new URL("deno.json", ROOT).pathname,
      new URL(entry, ROOT).pathname,
    ],
    cwd: folder,
    env: { NO_COLOR: "1", HOST: "127.0.0.1", PORT: "0", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const listening = Promise.withResolvers<string>();
  const drained = (async () => {
    let text: string | null = "";
    for await (const chunk of child.stdout) {
      // Its log is taken off its hands, as a collector would.
      if (text === null) continue;
      text += new TextDecoder().decode(chunk);
      const origin = / listens on (http[^\s,]+[^\s,/])/.exec(text)?.[1];
      if (origin === undefined) continue;
      listening.resolve(origin);
      text = null;
    }
    listening.reject(new Error(`${entry} ended before it listened`));
  })();
  const stop = async () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    await drained;
    await child.status;
  };
  try {
    const origin = await listening.promise;
    return {
      origin,
      pid: child.pid,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The load generator. */
export interface LoadProcess extends AsyncDisposable {
  /** Runs a plan; one at a time. */
  run(plan: LoadPlan): Promise<LoadResult>;
}

/** Starts the load generator. */
export function startLoad(): LoadProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--config"],
      new URL("deno.json", ROOT).pathname,
      new URL("scripts/bench/http_load.ts", ROOT).pathname,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  return {
    async run(plan) {
      await input.write(new TextEncoder().encode(`${JSON.stringify(plan)}\n`));
      const { done, value } = await output.read();
      if (done) throw new Error("The load generator ended");
      return JSON.parse(value) as LoadResult;
    },
    async [Symbol.asyncDispose]() {
      // Without plans it ends.
      await input.close().catch(() => {});
      await output.cancel();
      await child.status;
    },
  };
}
