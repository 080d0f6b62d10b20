/**
 * A link to a store that breaks message by message: a TCP proxy that sees what
 * an edge sends and decides about each. It serves one caller at a time best: a
 * message is what arrives in one read.
 *
 * @module
 */

/** What becomes of a message and its connection. */
export type LinkFault =
  /** It is lost, and the connection with it. */
  | "cut before"
  /** It arrives; the connection breaks in place of the reply. */
  | "cut after"
  /** It is lost, and nobody is told. */
  | "silent before"
  /** It arrives; of the reply nobody is told. */
  | "silent after"
  /** It arrives only once the caller has given up. */
  | "late";

/** The fault of a message, if it has one. */
export type LinkPlan = (message: number) => LinkFault | undefined;

/** A TCP proxy on a loopback port. */
export class FaultyLink implements AsyncDisposable {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #tasks = new Set<Promise<void>>();
  #plan: LinkPlan = () => undefined;
  #messages = 0;
  #faults = 0;

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: this.host, port: 0 });
    this.port = this.#listener.addr.port;
    this.#task(this.#accept());
  }

  /** Counts messages from 0 again and asks `plan` about each. */
  plan(plan: LinkPlan = () => undefined): void {
    this.#messages = this.#faults = 0;
    this.#plan = plan;
  }

  /** Messages since the last plan. */
  get messages(): number {
    return this.#messages;
  }

  /** Of those, the ones that a fault befell. */
  get faults(): number {
    return this.#faults;
  }

  /** Comes back when what arrives late has been executed, or never will be. */
  async settled(): Promise<void> {
    await Promise.all(this.#late);
  }

  readonly #late = new Set<Promise<void>>();

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.settled();
    for (const connection of this.#open) this.#close(connection);
    await Promise.all(this.#tasks);
  }

  #task(task: Promise<void>, kind = this.#tasks): void {
    kind.add(task);
    task.finally(() => kind.delete(task));
  }

  async #accept(): Promise<void> {
    try {
      for await (const inner of this.#listener) this.#task(this.#serve(inner));
    } catch {
      // It was closed.
    }
  }

  async #serve(inner: Deno.TcpConn): Promise<void> {
    this.#open.add(inner);
    const { host: hostname, port } = this.#target;
    let outer: Deno.TcpConn;
    try {
      outer = await Deno.connect({ hostname, port });
    } catch {
      return this.#close(inner);
    }
    this.#open.add(outer);
    const state: { fault: LinkFault | undefined } = { fault: undefined };
    await Promise.all([
      this.#requests(inner, outer, state),
      this.#replies(outer, inner, state),
    ]);
    this.#close(inner);
    this.#close(outer);
  }

  async #requests(
    inner: Deno.TcpConn,
    outer: Deno.TcpConn,
    state: { fault: LinkFault | undefined },
  ): Promise<void> {
    const held: Uint8Array[] = [];
    try {
      for await (const message of chunks(inner)) {
        if (state.fault === undefined) {
          state.fault = this.#plan(this.#messages++);
          if (state.fault !== undefined) this.#faults++;
        } else if (state.fault === "late") {
          held.push(message);
          continue;
        } else continue;
        if (state.fault === "cut before") break;
        if (state.fault === "late") held.push(message);
        else if (state.fault !== "silent before") {
          await writeAll(outer, message);
        }
      }
    } catch {
      // The edge or the store has closed it.
    }
    if (held.length > 0) this.#task(this.#deliver(held), this.#late);
    this.#close(inner);
    this.#close(outer);
  }

  async #replies(
    outer: Deno.TcpConn,
    inner: Deno.TcpConn,
    state: { fault: LinkFault | undefined },
  ): Promise<void> {
    try {
      for await (const reply of chunks(outer)) {
        if (state.fault === undefined) await writeAll(inner, reply);
        else if (state.fault === "cut after") break;
      }
    } catch {
      // The edge or the store has closed it.
    }
    if (state.fault?.startsWith("silent") || state.fault === "late") return;
    this.#close(inner);
    this.#close(outer);
  }

  /** On a connection of its own, until there is a reply to it. */
  async #deliver(held: readonly Uint8Array[]): Promise<void> {
    const { host: hostname, port } = this.#target;
    try {
      using outer = await Deno.connect({ hostname, port });
      for (const message of held) await writeAll(outer, message);
      await outer.read(new Uint8Array(65_536));
    } catch {
      // The store is away; it never arrives.
    }
  }

  #close(connection: Deno.TcpConn): void {
    if (this.#open.delete(connection)) connection.close();
  }
}

async function* chunks(from: Deno.TcpConn): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(65_536);
  while (true) {
    const length = await from.read(buffer);
    if (length === null) return;
    yield buffer.slice(0, length);
  }
}

async function writeAll(to: Deno.TcpConn, chunk: Uint8Array): Promise<void> {
  for (let sent = 0; sent < chunk.length;) {
    sent += await to.write(chunk.subarray(sent));
  }
}
