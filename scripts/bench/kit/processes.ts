/**
 * The processes of the benches: servers, the load generator, and children that
 * measure themselves. Each is ended by whoever started it, also when the bench
 * fails.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import type { LoadPlan, LoadResult } from "./load_child.ts";

const ROOT = new URL("../../../", import.meta.url);
const pathOf = (file: string) => new URL(file, ROOT).pathname;

/** A server that listens. */
export interface ServerProcess extends AsyncDisposable {
  readonly origin: string;
  readonly pid: number;
}

/** How to start a server. */
export interface ServerStart {
  /** The file to run, from the top of the repository. */
  readonly entry: string;
  /** Where it keeps its data; where this process runs, if not given. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For Deno itself, such as `--inspect`. */
  readonly flags?: readonly string[];
}

/** Starts a server that prints `… listens on <origin>`. */
export async function startServer(
  { entry, folder = Deno.cwd(), env, flags = [] }: ServerStart,
): Promise<ServerProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...flags, "--config", pathOf("deno.json")]
      .concat(pathOf(entry)),
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
      const origin = /[Ll]isten(?:s|ing) on (http[^\s,]+[^\s,/])/.exec(text)
        ?.[1];
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
    return { origin, pid: child.pid, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts a script of Deno's that takes lines and gives lines. */
function startWorker(entry: string) {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", pathOf("deno.json"), pathOf(entry)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** The load generator. */
export interface LoadProcess extends AsyncDisposable {
  /** Runs a plan; one at a time. */
  run(plan: LoadPlan): Promise<LoadResult>;
}

/** Starts the load generator. */
export function startLoad(): LoadProcess {
  const child = startWorker("scripts/bench/kit/load_child.ts");
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

/** Runs a script that reads a job and prints what it found, both as JSON. */
export async function runApart(entry: string, job: unknown): Promise<unknown> {
  const child = startWorker(entry);
  const output = child.output();
  await new Blob([JSON.stringify(job)]).stream().pipeTo(child.stdin);
  const { success, stdout } = await output;
  if (!success) throw new Error(`${entry} failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
