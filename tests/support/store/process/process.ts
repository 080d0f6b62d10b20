/**
 * A store in a process of its own (`store_child.ts`), for tests that kill,
 * starve or race processes.
 *
 * @module
 */

import { LimitedCommand } from "../../http/command.ts";

/** What the child says in one line. */
export interface Line {
  readonly answer?: unknown;
  readonly fault?: string;
  readonly ack?: number;
}

const CHILD = new URL("./child.ts", import.meta.url).pathname;

/** A child that has said nothing more, because it has ended. */
export class ChildEndedError extends Error {
  override readonly name = "ChildEndedError";
}

/** The parent's side of a child with a store. */
export class StoreProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #in: WritableStreamDefaultWriter<Uint8Array>;
  readonly #out: ReadableStreamDefaultReader<string>;
  #lines: string[] = [];
  #rest = "";

  /**
   * Starts a child for the file at `path`. `wrap` are the words before its
   * command: programs that start it under conditions.
   */
  constructor(path: string, wrap: readonly string[] = []) {
    const [program, ...args] = [
      ...wrap,
      Deno.execPath(),
      "run",
      "--allow-all",
      "--no-check",
      "--frozen",
      CHILD,
      path,
    ];
    this.#child = new LimitedCommand(program!, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#in = this.#child.stdin.getWriter();
    this.#out = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Asks without waiting for the answer. */
  async send(call: string, argument?: unknown): Promise<void> {
    const line = `${JSON.stringify({ call, argument })}\n`;
    await this.#in.write(new TextEncoder().encode(line));
  }

  /**
   * The next line of the child.
   *
   * @throws {ChildEndedError} If there is none.
   */
  async next(): Promise<Line> {
    while (this.#lines.length === 0) {
      const { value, done } = await this.#out.read();
      if (done) throw new ChildEndedError("The child has ended");
      const whole = (this.#rest + value).split("\n");
      this.#rest = whole.pop()!;
      this.#lines.push(...whole);
    }
    return JSON.parse(this.#lines.shift()!);
  }

  /** Asks and awaits the answer; a fault is given as its name. */
  // deno-lint-ignore no-explicit-any
  async ask(call: string, argument?: unknown): Promise<any> {
    await this.send(call, argument);
    const { answer, fault } = await this.next();
    return fault ?? answer;
  }

  /** Ends it with SIGKILL and gives what it had still said. */
  async kill(): Promise<Line[]> {
    this.#child.kill("SIGKILL");
    const lines: Line[] = [];
    try {
      while (true) lines.push(await this.next());
    } catch (error) {
      if (!(error instanceof ChildEndedError)) throw error;
    }
    await this.#end();
    return lines;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#end();
  }

  async #end(): Promise<void> {
    await this.#in.abort().catch(() => {});
    await this.#out.cancel();
    await this.#child.status;
  }
}
