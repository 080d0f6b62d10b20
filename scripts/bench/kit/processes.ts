/**
 * The servers of the benches, in processes of their own. Each is ended by
 * whoever started it, also when the bench fails.
 *
 * @module
 */

const ROOT = new URL("../../../", import.meta.url).pathname;

export interface ServerProcess extends AsyncDisposable {
  readonly origin: string;
  readonly pid: number;
}

export interface ServerStart {
  /** The file to run, from the top of the repository. */
  readonly entry: string;
  /** Where it keeps its data; where this process runs, if not given. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For Deno itself, such as `--cpu-prof`. */
  readonly flags?: readonly string[];
}

/** Serves on a free port, and prints where as {@linkcode startServer} reads it. */
export function serveBench(handler: Deno.ServeHandler): Deno.HttpServer {
  return Deno.serve({
    ...{ hostname: "127.0.0.1", port: 0 },
    onListen: ({ port }) => console.log(`listens on http://127.0.0.1:${port} `),
  }, handler);
}

/** Starts a server that prints `… listens on <origin>`. */
export async function startServer(
  { entry, folder = Deno.cwd(), env, flags = [] }: ServerStart,
): Promise<ServerProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...flags, "--config", `${ROOT}deno.json`, ROOT + entry],
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
      // The log of the server is read all the time, as a collector would do, so
      // that it never waits.
      if (text === null) continue;
      text += new TextDecoder().decode(chunk);
      const origin = /listens on (http[^\s,]+)[\s,]/.exec(text);
      if (origin === null) continue;
      listening.resolve(origin[1]!);
      text = null;
    }
    listening.reject(new Error(`${entry} ended before it listened`));
  })();
  const stop = async () => {
    await child[Symbol.asyncDispose]();
    await drained;
  };
  try {
    const origin = await listening.promise;
    return { origin, pid: child.pid, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
