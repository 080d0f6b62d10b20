/**
 * The sending engine of the load generator and of the bench: a fixed number of
 * connections, each with one request under way, take requests (shots) from one
 * source.
 *
 * A shot may have a time at which it is due, and is sent later if no connection
 * is free. If latency is counted from that time, a server that stalls is charged for all
 * requests that had to wait meanwhile, and not only for those that were sent.
 *
 * A connection understands only what is needed of RFC 9112: a status line,
 * headers, and a body whose length `content-length` tells. It sends 51 000
 * requests a second to a trivial `Deno.serve` where `fetch`, `node:http`, undici
 * and autocannon reached 10 to 20 thousand and would have measured themselves.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";

/** No answer came, and why. */
export interface NoAnswer {
  readonly fault:
    | "timeout"
    | "connection-refused"
    | "connection-closed"
    | "answer-not-understood";
}

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
    /** When the answer had arrived, or when it was clear that none comes. */
    readonly endedMs: number;
  }
  & (HttpAnswer | NoAnswer);

export interface Shot {
  /** When it is due, as `performance.now()` counts; absent: at once. */
  readonly dueMs?: number;
  /** The request, made when it is sent; `null` if there is nothing to send any more. */
  bytes(): Uint8Array | null;
  ended(outcome: Outcome): void;
}

export interface DriveOptions {
  readonly origin: string;
  /** Connections, each with one request under way. */
  readonly clients: number;
  /** The next shot for a connection, from 0; `null` when there is none left. */
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
    Array.from({ length: clients }, () => connect(origin)),
  );
  const client = async (index: number) => {
    const buffer = new Uint8Array(BUFFER_BYTES);
    for (;;) {
      const shot = signal?.aborted ? null : next(index);
      if (shot === null) return;
      if (shot.dueMs !== undefined && !await until(shot.dueMs, signal)) return;
      const bytes = shot.bytes();
      if (bytes === null) continue;
      const sentMs = performance.now();
      const connection = connections[index] ??= await connect(origin);
      const outcome = connection === null
        ? { fault: "connection-refused" as const }
        : await exchangeInTime(connection, buffer, bytes, timeoutMs);
      if ("fault" in outcome) {
        close(connection);
        connections[index] = null;
      }
      shot.ended({ sentMs, endedMs: performance.now(), ...outcome });
    }
  };
  try {
    await Promise.all(connections.map((_, index) => client(index)));
  } finally {
    connections.forEach(close);
  }
}

/**
 * Connects to an origin such as `http://127.0.0.1:8000`, with TLS where it says
 * `https`; `null` where nobody answers.
 */
async function connect(origin: string): Promise<Deno.Conn | null> {
  const url = new URL(origin);
  // A URL has an IPv6 address in brackets, a socket has not.
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  try {
    if (url.protocol === "https:") {
      const port = Number(url.port || 443);
      const alpnProtocols = ["http/1.1"];
      return await Deno.connectTls({ hostname, port, alpnProtocols });
    }
    const port = Number(url.port || 80);
    const connection = await Deno.connect({ hostname, port });
    connection.setNoDelay();
    return connection;
  } catch (error) {
    if (!isNetworkFault(error)) throw error;
    return null;
  }
}

function close(connection: Deno.Conn | null): void {
  try {
    connection?.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
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

async function exchangeInTime(
  connection: Deno.Conn,
  buffer: Uint8Array,
  request: Uint8Array,
  timeoutMs: number | undefined,
): Promise<HttpAnswer | NoAnswer> {
  let isLate = false;
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
    isLate = true;
    close(connection);
  }, timeoutMs);
  try {
    return await exchange(connection, buffer, request);
  } catch (error) {
    if (!isNetworkFault(error)) throw error;
    return { fault: isLate ? "timeout" : "connection-closed" };
  } finally {
    clearTimeout(timer);
  }
}

const BUFFER_BYTES = 65_536;
const STATUS_AT = "HTTP/1.1 ".length;
const LATIN_1 = new TextDecoder("latin1");

/** Sends a whole request, as bytes, and reads the whole answer into a buffer. */
async function exchange(
  connection: Deno.Conn,
  buffer: Uint8Array,
  request: Uint8Array,
): Promise<HttpAnswer | NoAnswer> {
  for (let sent = 0; sent < request.length;) {
    sent += await connection.write(request.subarray(sent));
  }
  let length = 0;
  for (;;) {
    const read = await connection.read(buffer.subarray(length));
    if (read === null) return { fault: "connection-closed" };
    length += read;
    const text = LATIN_1.decode(buffer.subarray(0, length));
    const headEnd = text.indexOf("\r\n\r\n");
    if (headEnd < 0 && length < BUFFER_BYTES) continue;
    const head = text.slice(0, Math.max(0, headEnd));
    const bodyLength = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    const status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
    // 204 has no body, and so no length (RFC 9110 §8.6).
    const bytes = headEnd + 4 + (status === 204 ? 0 : Number(bodyLength));
    if (Number.isNaN(bytes) || bytes > BUFFER_BYTES) {
      return { fault: "answer-not-understood" };
    }
    if (length < bytes) continue;
    const body = buffer.subarray(headEnd + 4, bytes);
    return { status, bytes, text: () => new TextDecoder().decode(body) };
  }
}

/** The bytes of a request with a bearer key and, if there is one, a JSON body. */
export function requestBytes(
  { origin, method = "POST", path, key, body }: {
    readonly origin: string;
    readonly method?: string;
    readonly path: string;
    readonly key: string;
    /** JSON; nothing for a request without a body. */
    readonly body?: string;
  },
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
