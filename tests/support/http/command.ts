/**
 * Processes that tests start. Each is killed when it has run for too long, so
 * that a process that hangs fails its test instead of holding the whole suite.
 *
 * @module
 */

/** Longer than any process of the suite takes beside a load of eight. */
const LIMIT_MS = 540_000;

/** A command whose process is killed after a time. */
export class LimitedCommand extends Deno.Command {
  readonly #command: string;
  readonly #options: Deno.CommandOptions;
  readonly #limitMs: number;

  constructor(
    command: string | URL,
    { limitMs = LIMIT_MS, ...options }: Deno.CommandOptions & {
      /** How long its process may run, in milliseconds. */
      readonly limitMs?: number;
    } = {},
  ) {
    super(command, options);
    this.#command = `${command}`;
    this.#options = options;
    this.#limitMs = limitMs;
  }

  override spawn(): Deno.ChildProcess {
    return this.#limited(super.spawn());
  }

  override output(): Promise<Deno.CommandOutput> {
    const piped = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
    const command = new Deno.Command(this.#command, {
      ...piped,
      ...this.#options,
    });
    return this.#limited(command.spawn()).output();
  }

  #limited(child: Deno.ChildProcess): Deno.ChildProcess {
    const timer = setTimeout(() => {
      console.error(
        `${this.#command} was killed after ${this.#limitMs / 1000} s`,
      );
      child.kill("SIGKILL");
    }, this.#limitMs);
    // It may have to end while nothing else is waited for.
    Deno.unrefTimer(timer);
    const clear = () => clearTimeout(timer);
    child.status.then(clear, clear);
    return child;
  }
}

/**
 * Kills a process as soon as it says something on its standard error. Both of
 * its outputs must be piped.
 *
 * @throws {TypeError} If it ends without a word of it.
 */
export async function killOnceItSays(
  child: Deno.ChildProcess,
  words: string,
): Promise<void> {
  let said = "";
  for await (const some of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += some;
    if (said.includes(words)) break;
  }
  child.kill("SIGKILL");
  await child.stdout.cancel();
  await child.status;
}

const ROOT = new URL("../../../", import.meta.url);

/** A program of this repository, by its path from the top of it. */
export function programOf(
  entry: string,
  args: readonly string[] = [],
  { env, ...options }: Omit<Deno.CommandOptions, "args"> = {},
): LimitedCommand {
  const config = new URL("deno.json", ROOT).pathname;
  return new LimitedCommand(Deno.execPath(), {
    args: [
      ...["run", "-A", "--frozen", "--config", config],
      ...[new URL(entry, ROOT).pathname, ...args],
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...options,
    env: { NO_COLOR: "1", ...env },
  });
}

/** What a process has said, once it has ended. */
export async function saidBy(
  process: Pick<Deno.ChildProcess, "output"> | LimitedCommand,
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await process.output();
  const [out, err] = [stdout, stderr].map((it) => new TextDecoder().decode(it));
  return { code, out: out!, err: err! };
}
