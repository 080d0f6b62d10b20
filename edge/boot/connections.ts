/**
 * Serves HTTP on a bounded number of connections, and bounds the time in which
 * requests must arrive on each.
 *
 * `Deno.serve` stops serving when file descriptors run out, and waits without
 * limit for headers and bodies. This file accepts connections itself and hands
 * them to the runtime's own HTTP code, through a function that the runtime keeps
 * under `Deno.internal`. If a runtime lacks that function, `Deno.serve` is used,
 * without bounds.
 *
 * @module
 */

import { type Problem, PROBLEM_MEDIA_TYPE } from "../http/kit/problem.ts";

/** The bounds of connections. */
export interface ConnectionBounds {
  /** The most connections that are served at the same time. */
  readonly connections: number;
  /** The longest time until the first request's headers have arrived. */
  readonly firstMs: number;
  /**
   * The longest time until the next request's headers have arrived. It is longer
   * than proxies keep idle connections, so that the proxy closes first.
   */
  readonly idleMs: number;
  /** The longest time from a request's headers until it has been answered. */
  readonly requestMs: number;
}

/** What the handler of a request can do about its connection. */
export interface Connection {
  /**
   * Restarts the time limit of the request, or of the wait for the next one. Work that
   * takes long calls it at each step, and an answer that is sent part by part at each
   * part that the client takes.
   */
  stayOpen(): void;
}

/** How to serve. */
export interface HttpOptions {
  readonly hostname: string;
  readonly port: number;
  /**
   * Whether other threads listen on the same port; the kernel spreads the
   * clients.
   */
  readonly shared?: boolean;
  readonly bounds: ConnectionBounds;
  /** Milliseconds that only ever grow. */
  readonly monotonicMs: () => number;
  readonly fetch: (
    request: Request,
    connection: Connection,
  ) => Response | Promise<Response>;
  /** The answer to a connection beyond the bound. */
  readonly overloaded: Problem;
}

/** A server that listens. */
export interface HttpServing {
  readonly address: Deno.NetAddr;
  /** Whether the bounds hold. They do not if the runtime lacks the function. */
  readonly isBounded: boolean;
  /** Accepts no more connections, and ends each one once it has answered. */
  shutdown(): Promise<void>;
}

/** The runtime's function that serves one connection. */
type ServeConnection = (
  connection: Deno.Conn,
  signal: AbortSignal,
  handler: (request: Request) => Response | Promise<Response>,
  onError: (error: unknown) => Response,
  onListen: () => void,
) => { readonly finished: Promise<void>; shutdown(): Promise<void> };

/** A connection that is served. */
interface Served {
  readonly abort: AbortController;
  http: ReturnType<ServeConnection> | null;
  /** Requests that have no answer yet; HTTP/2 may have several. */
  underWay: number;
  answered: boolean;
  /** When the last request began or was answered. */
  sinceMs: number;
}

const LOOK_EVERY_MS = 500;
/** Only a connection that has been idle for this time is closed to make room. */
const MAKES_ROOM_MS = 1_000;
/** The most connections beyond the bound that are answered at the same time. */
const MOST_REFUSED = 16;
/** Descriptors kept for the store, the ledger, callbacks and files. */
const RESERVED = 96;
/**
 * The most connections even if there are more descriptors, because memory is
 * limited.
 */
const MOST_CONNECTIONS = 10_000;

/** The bounds for a process that may open `descriptors` files. */
export function boundsFor(descriptors: number): ConnectionBounds {
  const spare = Math.max(RESERVED, Math.floor(descriptors / 4));
  const connections = Math.max(1, descriptors - spare - MOST_REFUSED);
  return {
    connections: Math.min(MOST_CONNECTIONS, connections),
    firstMs: 10_000,
    idleMs: 75_000,
    requestMs: 20_000,
  };
}

/**
 * How many descriptors this process may open; 1024 if the system does not say.
 */
export function descriptorLimit(): number {
  try {
    const limits = Deno.readTextFileSync("/proc/self/limits");
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 1024);
  } catch {
    return 1024;
  }
}

/** The runtime's function for one connection, if it has that function. */
function serveConnection(): ServeConnection | undefined {
  const deno = Deno as unknown as Record<PropertyKey, unknown>;
  const internal = deno["internal"] as symbol | undefined;
  const functions = internal === undefined ? undefined : deno[internal];
  return (functions as Record<string, ServeConnection> | undefined)
    ?.["serveHttpOnConnection"];
}

/**
 * Listens and serves.
 *
 * @throws {Deno.errors.AddrInUse} and the others of `Deno.listen`.
 */
export function serveHttp(options: HttpOptions): HttpServing {
  const { hostname, port, shared } = options;
  const place = { hostname, port, ...(shared && { reusePort: true }) };
  const serve = serveConnection();
  if (serve === undefined) {
    const unbounded: Connection = { stayOpen() {} };
    const server = Deno.serve(
      { ...place, onListen() {} },
      (request) => options.fetch(request, unbounded),
    );
    return {
      address: server.addr,
      isBounded: false,
      shutdown: () => server.shutdown(),
    };
  }
  const listener = Deno.listen({ ...place, tcpBacklog: 511 });
  const connections = new Connections(options, serve);
  const accepting = accept(listener, connections);
  async function shutdown(): Promise<void> {
    listener.close();
    await accepting;
    await connections.shutdown();
  }
  let down: Promise<void> | undefined;
  return {
    address: listener.addr as Deno.NetAddr,
    isBounded: true,
    shutdown: () => down ??= shutdown(),
  };
}

async function accept(
  listener: Deno.Listener,
  connections: Connections,
): Promise<void> {
  for (;;) {
    try {
      connections.take(await listener.accept());
    } catch (error) {
      // The listener was closed.
      if (
        error instanceof Deno.errors.BadResource ||
        error instanceof Deno.errors.Interrupted
      ) return;
      // The client went away at once, or no descriptor was left. A short pause
      // lets other connections end.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

class Connections {
  readonly #options: HttpOptions;
  readonly #serve: ServeConnection;
  readonly #served = new Set<Served>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #overloaded: Uint8Array;
  #refusing = 0;

  constructor(options: HttpOptions, serve: ServeConnection) {
    this.#options = options;
    this.#serve = serve;
    this.#overloaded = wholeAnswer(options.overloaded);
    this.#timer = setInterval(() => this.#endLate(), LOOK_EVERY_MS);
  }

  take(connection: Deno.Conn): void {
    const { bounds } = this.#options;
    if (this.#served.size < bounds.connections || this.#makeRoom()) {
      this.#begin(connection);
    } else {
      void this.#refuse(connection);
    }
  }

  /** Ends each connection once it has answered the requests under way. */
  async shutdown(): Promise<void> {
    const all = [...this.#served].map(async (served) => {
      if (served.underWay > 0) await served.http!.shutdown();
      else abort(served);
    });
    await Promise.allSettled(all);
    clearInterval(this.#timer);
  }

  #begin(connection: Deno.Conn): void {
    const { fetch, monotonicMs } = this.#options;
    const served: Served = {
      abort: new AbortController(),
      http: null,
      underWay: 0,
      answered: false,
      sinceMs: monotonicMs(),
    };
    const handle: Connection = {
      stayOpen: () => served.sinceMs = monotonicMs(),
    };
    const answered = () => {
      served.underWay--;
      served.answered = true;
      served.sinceMs = monotonicMs();
    };
    this.#served.add(served);
    served.http = this.#serve(
      connection,
      served.abort.signal,
      (request) => {
        served.underWay++;
        served.sinceMs = monotonicMs();
        const response = fetch(request, handle);
        if (response instanceof Promise) {
          response.then(answered, answered);
        } else answered();
        return response;
      },
      () => new Response(null, { status: 500 }),
      () => {},
    );
    const ended = () => this.#served.delete(served);
    served.http.finished.then(ended, ended);
  }

  /**
   * Ends the connection that has been idle longest, if it was idle for long
   * enough.
   */
  #makeRoom(): boolean {
    let longest: Served | undefined;
    for (const served of this.#served) {
      if (served.underWay > 0) continue;
      if (longest === undefined || served.sinceMs < longest.sinceMs) {
        longest = served;
      }
    }
    const nowMs = this.#options.monotonicMs();
    if (longest === undefined || nowMs - longest.sinceMs < MAKES_ROOM_MS) {
      return false;
    }
    this.#end(longest);
    return true;
  }

  #endLate(): void {
    const { bounds, monotonicMs } = this.#options;
    const nowMs = monotonicMs();
    for (const served of this.#served) {
      const mostMs = served.underWay > 0
        ? bounds.requestMs
        : served.answered
        ? bounds.idleMs
        : bounds.firstMs;
      if (nowMs - served.sinceMs >= mostMs) this.#end(served);
    }
  }

  #end(served: Served): void {
    this.#served.delete(served);
    abort(served);
  }

  async #refuse(connection: Deno.Conn): Promise<void> {
    if (this.#refusing >= MOST_REFUSED) return connection.close();
    this.#refusing++;
    // The timer ends the connection of a client that does not read.
    const timer = setTimeout(() => close(connection), 1_000);
    try {
      await connection.write(this.#overloaded);
      await connection.closeWrite();
      // If a socket is closed while received bytes are unread, the kernel resets the
      // connection, and the client may lose the answer.
      const buffer = new Uint8Array(4_096);
      while (await connection.read(buffer) !== null);
    } catch {
      // The client has gone.
    } finally {
      clearTimeout(timer);
      close(connection);
      this.#refusing--;
    }
  }
}

/**
 * Ends a connection at once. If its client ended it a moment ago, the runtime's
 * listener on the signal throws. An error in a listener ends the process unless it
 * is prevented.
 */
function abort(served: Served): void {
  const prevent = (event: ErrorEvent) => {
    if (event.error instanceof Deno.errors.BadResource) event.preventDefault();
  };
  globalThis.addEventListener("error", prevent);
  try {
    served.abort.abort();
  } finally {
    globalThis.removeEventListener("error", prevent);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}

/**
 * A problem as the bytes of a whole HTTP/1.1 answer, after which the connection
 * ends.
 */
function wholeAnswer({ document, retryAfterSeconds = 1 }: Problem): Uint8Array {
  const body = JSON.stringify(document);
  const encoder = new TextEncoder();
  return encoder.encode([
    `HTTP/1.1 ${document.status} ${document.title.replace(/[^ -~]/g, "")}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${encoder.encode(body).length}`,
    "cache-control: no-store",
    `retry-after: ${retryAfterSeconds}`,
    "connection: close",
    "",
    body,
  ].join("\r\n"));
}
