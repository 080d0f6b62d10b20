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
  options: ReceiverOptions = {},
): HostileReceiver {
  return new Receiver(options);
}

/** Where a receiver listens. */
interface ReceiverOptions {
  readonly hostname?: string;
  readonly port?: number;
  readonly tls?: { readonly cert: string; readonly key: string };
}

class Receiver implements HostileReceiver {
  readonly url: string;
  readonly port: number;
  readonly requests: ReceivedRequest[] = [];
  connections = 0;
  open = 0;
  bytesWritten = 0;
  rule: HostileReceiver["rule"] = ({ path }) =>
    BEHAVIORS[path.slice(1)] ?? answers(204);
  welcome: Welcome | null = null;
  readonly #listener: Deno.Listener;
  readonly #queued: Behavior[] = [];
  readonly #live = new Set<Promise<void>>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #waiting = new Set<() => void>();
  #released = Promise.withResolvers<void>();
  readonly #accepting: Promise<void>;

  constructor({ hostname = "127.0.0.1", port = 0, tls }: ReceiverOptions) {
    this.#listener = tls
      ? Deno.listenTls({ hostname, port, ...tls })
      : Deno.listen({ hostname, port });
    const address = this.#listener.addr as Deno.NetAddr;
    this.url = `http${tls ? "s" : ""}://127.0.0.1:${address.port}`;
    this.port = address.port;
    this.#accepting = this.#accept();
  }

  next(...behaviors: Behavior[]): void {
    this.#queued.push(...behaviors);
  }

  release(): void {
    this.#released.resolve();
    this.#released = Promise.withResolvers();
  }

  connected(count: number): Promise<void> {
    return this.#until(() => this.connections >= count);
  }

  received(count: number): Promise<void> {
    return this.#until(() => this.requests.length >= count);
  }

  wrote(count: number): Promise<void> {
    return this.#until(() => this.bytesWritten >= count);
  }

  quiet(): Promise<void> {
    return this.#until(() => this.open === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.resolve();
    this.#listener.close();
    await this.#accepting;
    await Promise.all(this.#live);
  }

  #changed(): void {
    for (const look of [...this.#waiting]) look();
  }

  #until(isSo: () => boolean): Promise<void> {
    if (isSo()) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (!isSo()) return;
      this.#waiting.delete(look);
      resolve();
    };
    this.#waiting.add(look);
    return promise;
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) {
      const number = this.connections++;
      this.open++;
      this.#changed();
      // Broken handshakes and connections are what the tests want, so no error is reported.
      const served = this.#serve(conn, number).catch(() => {}).finally(() => {
        this.open--;
        this.#live.delete(served);
        this.#changed();
      });
      this.#live.add(served);
    }
  }

  async #serve(conn: Deno.Conn, connection: number): Promise<void> {
    const input = new Input(conn);
    let closed = false;
    const close = () => {
      if (!closed) conn.close();
      closed = true;
    };
    const stop = this.#stopped.promise.then(() => close());
    const left = () => Promise.race([input.untilEnd(), stop]);
    const acts = {
      write: async (bytes: string | Uint8Array) =>
        await this.#write(conn, bytes) && !closed,
      pause: (ms: number) => pause(ms, left),
      hold: () =>
        Promise.race([
          this.#released.promise.then(() => true),
          left().then(() => false),
        ]),
      untilLeft: left,
      close,
    };
    try {
      if (this.welcome !== null) {
        const read = (most: number) => input.read(most);
        return void await this.welcome({ ...acts, read });
      }
      while (!closed) {
        const request = await input.readRequest(connection);
        if (request === null) return;
        this.requests.push(request);
        this.#changed();
        const act = this.#queued.shift() ?? this.rule(request);
        await act({ ...acts, request });
      }
    } finally {
      close();
    }
  }

  /** Writes all bytes. Returns whether that was possible. */
  async #write(
    conn: Deno.Conn,
    bytes: string | Uint8Array,
  ): Promise<boolean> {
    const data = typeof bytes === "string"
      ? new TextEncoder().encode(bytes)
      : bytes;
    try {
      for (let at = 0; at < data.length;) {
        const count = await conn.write(data.subarray(at));
        at += count;
        this.bytesWritten += count;
        this.#changed();
      }
      return true;
    } catch {
      return false;
    }
  }
}

/** Waits. Returns `false` if the other side left meanwhile. */
async function pause(
  ms: number,
  left: () => Promise<unknown>,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = realTimers.setTimeout(() => resolve(true), ms);
  const over = await Promise.race([promise, left().then(() => false)]);
  realTimers.clearTimeout(timer);
  return over;
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
