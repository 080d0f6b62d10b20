/**
 * A real server in a process of its own, on a free port and in a folder of its
 * own.
 *
 * @module
 */

import { LimitedCommand } from "../http/command.ts";
import { encodeBase64 } from "@std/encoding/base64";
import { Api } from "./api.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
/** A server is ended after so long, whatever its test waits for. */
const LIMIT_MS = 540_000;
const ADMIN_KEY = "an-admin-key-of-a-test-long-enough";

/** A running server. */
export interface TestServer extends AsyncDisposable {
  readonly api: Api;
  readonly origin: string;
  readonly folder: string;
  readonly pid: number;
  /** Everything it has printed so far. */
  output(): string;
  /** Ends it and waits for its end. */
  kill(signal: Deno.Signal): Promise<Deno.CommandStatus>;
}

/** How to start it. */
export interface ServerOptions {
  /** More than one: `deno task serve` with so many threads. */
  readonly workers?: number;
  /** A folder with a store from an earlier run; it is then left in place. */
  readonly folder?: string;
  readonly env?: Record<string, string>;
  /** Another file to run, from the top of the repository. */
  readonly entry?: string;
  /** A program and its arguments that runs the server in its place. */
  readonly wrap?: readonly string[];
  /** After this time the server is ended, whatever its test waits for, ms. */
  readonly limitMs?: number;
}

function apiOf(origin: string, { env = {} }: ServerOptions): Api {
  const mode = env.OFFCODE_LEDGER ? "live" : "test";
  const key = env.OFFCODE_ADMIN_KEY ?? ADMIN_KEY;
  // On a busy machine its store may miss a deadline.
  const isPatient = true;
  return new Api(fetch, origin, key, mode, isPatient);
}

/** The program that runs the server, and its arguments. */
function commandOf({ workers = 1, wrap = [], ...options }: ServerOptions) {
  const isServe = workers > 1;
  const entry = options.entry ?? (isServe ? "edge/serve.ts" : "edge/main.ts");
  return [
    ...[...wrap, Deno.execPath(), "run", "-A"],
    ...(isServe ? ["--unstable-net"] : []),
    ...["--config", `${ROOT}deno.json`, ROOT + entry],
  ];
}

/** Starts a server and waits until it listens. */
export async function startServer(
  options: ServerOptions = {},
): Promise<TestServer> {
  const { workers = 1, limitMs = LIMIT_MS } = options;
  const folder = options.folder ??
    await Deno.makeTempDir({ prefix: "offcode-server-" });
  const [program, ...words] = commandOf(options);
  const child = new LimitedCommand(program!, {
    args: words,
    cwd: folder,
    env: {
      NO_COLOR: "1",
      PORT: "0",
      HOST: "127.0.0.1",
      DENO_JOBS: `${workers}`,
      OFFCODE_ADMIN_KEY: ADMIN_KEY,
      OFFCODE_MASTER_KEYS: `test:${encodeBase64(new Uint8Array(32).fill(7))}`,
      ...options.env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  let text = "";
  const listening = Promise.withResolvers<string>();
  const collect = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const origin = /listens on (http:\/\/[^\s/]+)\s/.exec(text)?.[1];
      if (origin !== undefined) listening.resolve(origin);
    }
  };
  let ended = false;
  const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
  const status = child.status.then((s) => {
    ended = true;
    clearTimeout(limit);
    return s;
  });
  const drained = Promise.all([collect(child.stdout), collect(child.stderr)]);
  // Only once both have ended is nothing left open behind the error.
  Promise.all([drained, status]).then(() =>
    listening.reject(new Error(`No server:\n${text}`))
  );

  const origin = await listening.promise;
  return {
    api: apiOf(origin, options),
    origin,
    folder,
    pid: child.pid,
    output: () => text,
    async kill(signal) {
      if (!ended) child.kill(signal);
      const result = await status;
      await drained;
      return result;
    },
    async [Symbol.asyncDispose]() {
      if (!ended) child.kill("SIGKILL");
      await status;
      await drained;
      if (options.folder === undefined) {
        await Deno.remove(folder, { recursive: true });
      }
    },
  };
}
