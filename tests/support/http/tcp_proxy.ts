/**
 * A way to a server that can get bad: slow, cut, or open and silent. Regions
 * far from their primary and broken networks are made of it.
 *
 * @module
 */

/** What becomes of data. */
export type Flow =
  /** It goes through. */
  | "open"
  /** Nothing goes through, and nobody is told. */
  | "silent"
  /** Requests go through, replies do not. */
  | "deaf";

/** A TCP proxy on a loopback port. */
export class TcpProxy implements AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #waits = new Set<() => void>();
  #listener: Deno.TcpListener | null;
  /** May be changed at any time. */
  flow: Flow = "open";
  /** How long data are under way, each way, milliseconds. */
  delayMs = 0;

  /** Listens at once, on `host` if given. */
  constructor(
    target: { readonly host: string; readonly port: number },
    host = "127.0.0.1",
  ) {
    this.#target = target;
    this.host = host;
    this.#listener = Deno.listen({ hostname: host, port: 0 });
    this.port = this.#listener.addr.port;
    this.#task(this.#accept(this.#listener));
  }

  /** Closes every connection and takes no new ones. */
  cut(): void {
    this.#listener?.close();
    this.#listener = null;
    this.drop();
  }

  /** Closes every connection; new ones may come. */
  drop(): void {
    for (const connection of this.#connections) connection.close();
    this.#connections.clear();
    for (const wake of this.#waits) wake();
  }

  /**
   * Everything goes through again, in new connections where data were
   * swallowed. The way is as long as before.
   */
  heal(): void {
    // No network takes bytes out of a connection that goes on.
    if (this.flow !== "open") this.drop();
    this.flow = "open";
    if (this.#listener !== null) return;
    this.#listener = Deno.listen({ hostname: this.host, port: this.port });
    this.#task(this.#accept(this.#listener));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await Promise.all(this.#tasks);
  }

  #task(task: Promise<void>): void {
    this.#tasks.add(task);
    task.finally(() => this.#tasks.delete(task));
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    try {
      for await (const inner of listener) this.#task(this.#serve(inner));
    } catch {
      // It was closed.
    }
  }

  async #serve(inner: Deno.TcpConn): Promise<void> {
    let outer: Deno.TcpConn;
    this.#connections.add(inner);
    try {
      const { host: hostname, port } = this.#target;
      outer = await Deno.connect({ hostname, port });
    } catch {
      this.#close(inner);
      return;
    }
    // While it connected, the proxy may have been cut.
    if (!this.#connections.has(inner)) return outer.close();
    this.#connections.add(outer);
    for (const side of [inner, outer]) side.setNoDelay();
    await Promise.all([
      this.#pump(inner, outer, () => this.flow !== "silent"),
      this.#pump(outer, inner, () => this.flow === "open"),
    ]);
  }

  async #pump(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    isOpen: () => boolean,
  ): Promise<void> {
    const buffer = new Uint8Array(65_536);
    let written = Promise.resolve();
    try {
      while (true) {
        const length = await from.read(buffer);
        if (length === null) break;
        const chunk = buffer.slice(0, length);
        // Counted from its arrival: those behind it do not wait twice.
        const dueMs = performance.now() + this.delayMs;
        written = written.then(async () => {
          const leftMs = dueMs - performance.now();
          if (leftMs > 0) await this.#wait(leftMs);
          if (isOpen()) await writeAll(to, chunk);
        });
        written.catch(() => {});
      }
      await written;
    } catch {
      // One side has closed it.
    }
    this.#close(from);
    this.#close(to);
  }

  #close(connection: Deno.TcpConn): void {
    if (this.#connections.delete(connection)) connection.close();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waits.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waits.add(done);
    });
  }
}

async function writeAll(to: Deno.TcpConn, chunk: Uint8Array): Promise<void> {
  for (let sent = 0; sent < chunk.length;) {
    sent += await to.write(chunk.subarray(sent));
  }
}
