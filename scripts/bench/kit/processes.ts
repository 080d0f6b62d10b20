/**
 * The servers of the benches in processes of their own, and threads for the load
 * generator and for what measures itself. Each is ended by whoever started it,
 * also when the bench fails.
 *
 * @module
 */

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
      // The log of the server is read all the time, as a collector would do, so
      // that it never waits.
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

/** A thread with an isolate of its own, which does one job after the other. */
export interface WorkerThread<Job, Found> extends Disposable {
  run(job: Job): Promise<Found>;
}

/** Starts a module that {@linkcode serveWorker} serves. */
export function startWorker<Job, Found>(
  entry: string,
): WorkerThread<Job, Found> {
  const worker = new Worker(new URL(entry, ROOT), { type: "module" });
  return {
    run(job) {
      const { promise, resolve, reject } = Promise.withResolvers<Found>();
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`${entry}: ${event.message}`));
      };
      worker.postMessage(job);
      return promise;
    },
    [Symbol.dispose]: () => worker.terminate(),
  };
}

/** In a thread that was started so: answers each job with what `work` finds. */
export function serveWorker<Job, Found>(
  work: (job: Job) => Promise<Found>,
): void {
  const thread = globalThis as unknown as Worker;
  thread.onmessage = async ({ data }) => thread.postMessage(await work(data));
}
