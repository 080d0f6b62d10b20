/**
 * The sending engine of the load generator and of the bench: a fixed number of
 * connections, each with one request under way, take requests (shots) from one
 * source.
 *
 * A shot may have a time at which it is due. It is sent at that time, or later
 * if no connection is free; its latency is always counted from the time at
 * which it was due. A server that stalls is therefore charged for all the
 * requests that had to wait meanwhile, and not only for those that were sent.
 * Shots without such a time follow one another without a pause.
 *
 * A connection understands only what is needed of RFC 9112: a status line,
 * headers, and a body whose length `content-length` tells. It therefore costs
 * little: 51 000 requests a second to a trivial `Deno.serve` on the usual
 * machine, where `fetch`, `node:http`, undici and autocannon reached 10 to 20
 * thousand and would have measured themselves.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";

/** Why no answer came. */
export type Fault =
  | "timeout"
  | "connection-refused"
  | "connection-closed"
  | "answer-not-understood";

/** An answer that has arrived whole. */
export interface HttpAnswer {
  readonly status: number;
  /** Of the whole answer, head and body. */
  readonly bytes: number;
  /** The body; only until the connection sends again. */
  text(): string;
}

/** The result of a shot. Times are those of `performance.now()`. */
export type Outcome =
  & {
    /** When the request left. */
    readonly sentMs: number;
    /**
     * When the whole answer had arrived, or when it was clear that none comes.
     */
    readonly endedMs: number;
  }
  & (HttpAnswer | { readonly fault: Fault });

/** A request that is to be sent. */
export interface Shot {
  /** When it is due, as `performance.now()` counts; absent: at once. */
  readonly dueMs?: number;
  /**
   * The bytes of the request, asked for when it is sent; `null` if there is
   * nothing to send any more.
   */
  bytes(): Uint8Array | null;
  /** Called with the result. */
  ended(outcome: Outcome): void;
}

/** What to drive. */
export interface DriveOptions {
  readonly origin: string;
  /** Connections, each with one request under way. */
  readonly clients: number;
  /**
   * The next shot in order, or `null` when there is none left.
   *
   * @param client Which connection takes it, from 0.
   */
  next(client: number): Shot | null;
  /** How long an answer may take; for ever if not given. */
  readonly timeoutMs?: number;
  /** Ends the wait for shots that are due later. */
  readonly signal?: AbortSignal;
}

/**
 * Sends all shots and comes back when the last one has ended.
 *
 * @throws What {@linkcode Shot.ended} throws.
 */
export async function drive(options: DriveOptions): Promise<void> {
  const { origin, clients, next, timeoutMs, signal } = options;
  const connections = await Promise.all(
    Array.from({ length: clients }, () => tryOpen(origin)),
  );
  const client = async (index: number) => {
    for (;;) {
      const shot = signal?.aborted ? null : next(index);
      if (shot === null) return;
      if (shot.dueMs !== undefined && !await until(shot.dueMs, signal)) return;
      const bytes = shot.bytes();
      if (bytes === null) continue;
      const sentMs = performance.now();
      const connection = connections[index] ?? await tryOpen(origin);
      connections[index] = connection;
      const outcome = connection === null
        ? { fault: "connection-refused" as const }
        : await exchange(connection, bytes, timeoutMs);
      if ("fault" in outcome) {
        connection?.[Symbol.dispose]();
        connections[index] = null;
      }
      shot.ended({ sentMs, endedMs: performance.now(), ...outcome });
    }
  };
  try {
    await Promise.all(connections.map((_, index) => client(index)));
  } finally {
    for (const connection of connections) connection?.[Symbol.dispose]();
  }
}

async function tryOpen(origin: string): Promise<HttpConnection | null> {
  try {
    return await HttpConnection.open(origin);
  } catch (error) {
    if (!isNetworkFault(error)) throw error;
    return null;
  }
}

async function exchange(
  connection: HttpConnection,
  bytes: Uint8Array,
  timeoutMs: number | undefined,
): Promise<HttpAnswer | { fault: Fault }> {
  let timedOut = false;
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
    timedOut = true;
    connection[Symbol.dispose]();
  }, timeoutMs);
  try {
    return await connection.exchange(bytes);
  } catch (error) {
    if (timedOut) return { fault: "timeout" };
    if (error instanceof HttpAnswerError) return { fault: error.kind };
    if (isNetworkFault(error)) return { fault: "connection-closed" };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether an error is a fault of the network and not a bug. */
function isNetworkFault(error: unknown): boolean {
  return Object.values(Deno.errors).some((it) => error instanceof it);
}

/** Waits until a moment. Returns `false` if the signal was given before. */
async function until(dueMs: number, signal?: AbortSignal): Promise<boolean> {
  for (;;) {
    if (signal?.aborted) return false;
    const leftMs = dueMs - performance.now();
    if (leftMs <= 0) return true;
    // If the signal ends the wait, the next pass of the loop returns.
    await sleep(leftMs, undefined, signal && { signal }).catch(() => {});
  }
}

const BUFFER_BYTES = 65_536;
const STATUS_AT = "HTTP/1.1 ".length;

/**
 * The server closed the connection, or its answer is not of the form that is
 * understood here.
 */
class HttpAnswerError extends Error {
  override readonly name = "HttpAnswerError";

  constructor(
    readonly kind: "connection-closed" | "answer-not-understood",
    message: string,
  ) {
    super(message);
  }
}

/** A keep-alive connection for one request after the other. */
export class HttpConnection implements Disposable {
  readonly #connection: Deno.TcpConn | Deno.TlsConn;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #decoder = new TextDecoder("latin1");
  #isOpen = true;

  private constructor(connection: Deno.TcpConn | Deno.TlsConn) {
    this.#connection = connection;
  }

  /**
   * Connects to an origin such as `http://127.0.0.1:8000`, with TLS where it
   * says `https`.
   */
  static async open(origin: string): Promise<HttpConnection> {
    const url = new URL(origin);
    // A URL has an IPv6 address in brackets, a socket has not.
    const hostname = url.hostname.replace(/^\[|\]$/g, "");
    if (url.protocol === "https:") {
      const port = Number(url.port || 443);
      const alpnProtocols = ["http/1.1"];
      return new HttpConnection(
        await Deno.connectTls({ hostname, port, alpnProtocols }),
      );
    }
    const port = Number(url.port || 80);
    const connection = await Deno.connect({ hostname, port });
    connection.setNoDelay();
    return new HttpConnection(connection);
  }

  /**
   * Sends a whole request, as bytes, and comes back when the whole answer is
   * there.
   *
   * @throws {HttpAnswerError} If the answer is not one as in the module's
   * header.
   */
  async exchange(request: Uint8Array): Promise<HttpAnswer> {
    for (let sent = 0; sent < request.length;) {
      sent += await this.#connection.write(request.subarray(sent));
    }
    let length = 0;
    for (;;) {
      const read = await this.#connection.read(this.#buffer.subarray(length));
      if (read === null) {
        throw new HttpAnswerError(
          ...["connection-closed", "The server closed the connection"] as const,
        );
      }
      length += read;
      const text = this.#decoder.decode(this.#buffer.subarray(0, length));
      const headEnd = text.indexOf("\r\n\r\n");
      if (headEnd < 0 && length < BUFFER_BYTES) continue;
      const head = text.slice(0, Math.max(0, headEnd));
      const bodyLength = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
      const status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
      // 204 has no body, and so no length (RFC 9110 §8.6).
      const bytes = headEnd + 4 + (status === 204 ? 0 : Number(bodyLength));
      if (Number.isNaN(bytes) || bytes > BUFFER_BYTES) {
        throw new HttpAnswerError(
          "answer-not-understood",
          "The answer has no length, or too much of it",
        );
      }
      if (length < bytes) continue;
      const body = this.#buffer.subarray(headEnd + 4, bytes);
      return { status, bytes, text: () => new TextDecoder().decode(body) };
    }
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#connection.close();
  }
}

/** What a request is made of. */
export interface RequestParts {
  readonly origin: string;
  /** `POST` if not given. */
  readonly method?: string;
  readonly path: string;
  /** The bearer key. */
  readonly key: string;
  /** JSON; nothing for a request without a body. */
  readonly body?: string;
}

/** The bytes of a request with a bearer key and, if there is one, a JSON body. */
export function requestBytes(
  { origin, method = "POST", path, key, body }: RequestParts,
): Uint8Array {
  const length = new TextEncoder().encode(body ?? "").length;
  const content = body === undefined
    ? []
    : ["Content-Type: application/json", `Content-Length: ${length}`];
  return new TextEncoder().encode([
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(origin).host}`,
    `Authorization: Bearer ${key}`,
    ...content,
    `\r\n${body ?? ""}`,
  ].join("\r\n"));
}
