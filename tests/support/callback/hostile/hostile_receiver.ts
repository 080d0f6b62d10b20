/**
 * A merchant's server that means no good, over real sockets: it writes bytes,
 * not responses, and keeps what it was sent. What it does to a request is a
 * {@linkcode Behavior}; `hostile_behaviors.ts` has them by name.
 *
 * Honest unless told: `next()` gives behaviors to the next requests, `rule`
 * decides about all others.
 *
 * @module
 */

import {
  answers,
  type Behavior,
  BEHAVIORS,
  type ReceivedRequest,
  type Welcome,
} from "./hostile_behaviors.ts";

/** A running receiver. */
export interface HostileReceiver extends AsyncDisposable {
  /** `http://127.0.0.1:port` or, with a certificate, `https:`. */
  readonly url: string;
  readonly port: number;
  /** Every request that was read whole, in order. */
  readonly requests: readonly ReceivedRequest[];
  /** Connections that were made to it. */
  readonly connections: number;
  /** Those that are open. */
  readonly open: number;
  /** Bytes that it wrote. */
  readonly bytesWritten: number;
  /** Behaviors of the next requests, one each. */
  next(...behaviors: Behavior[]): void;
  /** The behavior of all others: by the name that their path is, else 204. */
  rule: (request: ReceivedRequest) => Behavior;
  /** What happens to connections before a request is read. */
  welcome: Welcome | null;
  /** Lets go on whoever is held now. */
  release(): void;
  /** Resolves when so many connections were made. */
  connected(count: number): Promise<void>;
  /** Resolves when so many requests were read. */
  received(count: number): Promise<void>;
  /** Resolves when so many bytes were written. */
  wrote(count: number): Promise<void>;
  /** Resolves when no connection is open. */
  quiet(): Promise<void>;
}

const MAX_HEAD_BYTES = 65_536;
// Tests may hold the timers of what they look at.
const realTimers = { setTimeout, clearTimeout };

/** Starts a receiver on a free port of 127.0.0.1, or of the given address. */
export function startHostileReceiver(
  options: {
    readonly hostname?: string;
    readonly port?: number;
    readonly tls?: { readonly cert: string; readonly key: string };
  } = {},
): HostileReceiver {
  const { hostname = "127.0.0.1", port = 0, tls } = options;
  const listener: Deno.Listener = tls
    ? Deno.listenTls({ hostname, port, ...tls })
    : Deno.listen({ hostname, port });
  const address = listener.addr as Deno.NetAddr;
  const requests: ReceivedRequest[] = [];
  const queued: Behavior[] = [];
  const live = new Set<Promise<void>>();
  const stopped = Promise.withResolvers<void>();
  const waiting = new Set<() => void>();
  let released = Promise.withResolvers<void>();
  let connections = 0;
  let open = 0;
  let bytesWritten = 0;
  const changed = () => {
    for (const look of [...waiting]) look();
  };

  function until(isSo: () => boolean): Promise<void> {
    if (isSo()) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (!isSo()) return;
      waiting.delete(look);
      resolve();
    };
    waiting.add(look);
    return promise;
  }

  async function serve(conn: Deno.Conn, connection: number): Promise<void> {
    const input = new Input(conn);
    let closed = false;
    const close = () => {
      if (!closed) conn.close();
      closed = true;
    };
    const stop = stopped.promise.then(() => close());
    const left = () => Promise.race([input.untilEnd(), stop]);
    const acts = {
      async write(bytes: string | Uint8Array) {
        const data = typeof bytes === "string"
          ? new TextEncoder().encode(bytes)
          : bytes;
        try {
          for (let at = 0; at < data.length;) {
            const count = await conn.write(data.subarray(at));
            at += count;
            bytesWritten += count;
            changed();
          }
          return !closed;
        } catch {
          return false;
        }
      },
      async pause(ms: number) {
        const { promise, resolve } = Promise.withResolvers<boolean>();
        const timer = realTimers.setTimeout(() => resolve(true), ms);
        const over = await Promise.race([promise, left().then(() => false)]);
        realTimers.clearTimeout(timer);
        return over;
      },
      hold: () =>
        Promise.race([
          released.promise.then(() => true),
          left().then(() => false),
        ]),
      untilLeft: left,
      close,
    };
    try {
      if (receiver.welcome !== null) {
        const read = (most: number) => input.read(most);
        return void await receiver.welcome({ ...acts, read });
      }
      while (!closed) {
        const request = await input.readRequest(connection);
        if (request === null) return;
        requests.push(request);
        changed();
        const act = queued.shift() ?? receiver.rule(request);
        await act({ ...acts, request });
      }
    } finally {
      close();
    }
  }

  async function accept(): Promise<void> {
    for await (const conn of listener) {
      const number = connections++;
      open++;
      changed();
      // A handshake or a connection that breaks is what this is about.
      const served = serve(conn, number).catch(() => {}).finally(() => {
        open--;
        live.delete(served);
        changed();
      });
      live.add(served);
    }
  }
  const accepting = accept();

  const receiver: HostileReceiver = {
    url: `http${tls ? "s" : ""}://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    welcome: null,
    rule: ({ path }) => BEHAVIORS[path.slice(1)] ?? answers(204),
    get connections() {
      return connections;
    },
    get open() {
      return open;
    },
    get bytesWritten() {
      return bytesWritten;
    },
    next: (...behaviors) => void queued.push(...behaviors),
    release() {
      released.resolve();
      released = Promise.withResolvers();
    },
    connected: (count) => until(() => connections >= count),
    received: (count) => until(() => requests.length >= count),
    wrote: (count) => until(() => bytesWritten >= count),
    quiet: () => until(() => open === 0),
    async [Symbol.asyncDispose]() {
      stopped.resolve();
      listener.close();
      await accepting;
      await Promise.all(live);
    },
  };
  return receiver;
}

/** What comes over a connection. */
class Input {
  readonly #conn: Deno.Conn;
  #bytes = new Uint8Array(0);
  #reading: Promise<boolean> | null = null;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** What comes next, at most so many bytes; `null` at the end. */
  async read(most: number): Promise<Uint8Array | null> {
    const chunk = new Uint8Array(most);
    const count = await this.#conn.read(chunk).catch(() => null);
    return count === null ? null : chunk.subarray(0, count);
  }

  /** Whether more came; whoever asks meanwhile waits for the same. */
  #more(): Promise<boolean> {
    return this.#reading ??= this.read(16_384).then((chunk) => {
      this.#reading = null;
      if (chunk === null) return false;
      const bytes = new Uint8Array(this.#bytes.length + chunk.length);
      bytes.set(this.#bytes);
      bytes.set(chunk, this.#bytes.length);
      this.#bytes = bytes;
      return true;
    });
  }

  /** Resolves when the other side has left. */
  async untilEnd(): Promise<void> {
    while (await this.#more());
  }

  /** The next request, or `null` where there is none. */
  async readRequest(connection: number): Promise<ReceivedRequest | null> {
    const decoder = new TextDecoder();
    let end: number;
    while ((end = findEmptyLine(this.#bytes)) < 0) {
      if (this.#bytes.length > MAX_HEAD_BYTES || !await this.#more()) {
        return null;
      }
    }
    const head = decoder.decode(this.#bytes.subarray(0, end));
    const [line, ...lines] = head.split("\r\n");
    const [method = "", path = ""] = line!.split(" ");
    const headers = lines.map((it) => {
      const colon = it.indexOf(":");
      return [it.slice(0, colon).toLowerCase(), it.slice(colon + 1).trim()];
    }) as [string, string][];
    const length = Number(
      headers.find(([name]) => name === "content-length")?.[1] ?? 0,
    );
    const start = end + 4;
    while (this.#bytes.length < start + length) {
      if (!await this.#more()) return null;
    }
    const body = decoder.decode(this.#bytes.subarray(start, start + length));
    this.#bytes = this.#bytes.slice(start + length);
    return { method, path, headers, head, body, connection };
  }
}

function findEmptyLine(bytes: Uint8Array): number {
  for (let i = 0; i + 3 < bytes.length; i++) {
    if (
      bytes[i] === 13 && bytes[i + 1] === 10 && bytes[i + 2] === 13 &&
      bytes[i + 3] === 10
    ) return i;
  }
  return -1;
}
