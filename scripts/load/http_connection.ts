/**
 * One keep-alive HTTP/1.1 connection that costs the load generator as little
 * as possible: 51 000 requests a second against a trivial `Deno.serve` on the
 * usual machine, where `fetch`, `node:http`, undici and autocannon reached 10
 * to 20 thousand and would have measured themselves.
 *
 * It knows just enough of RFC 9112: a status line, a header section, a body
 * whose length `content-length` tells.
 *
 * @module
 */

const BUFFER_BYTES = 65_536;
const STATUS_AT = "HTTP/1.1 ".length;

/** An answer that has arrived whole. */
export interface HttpAnswer {
  readonly status: number;
  /** Of the whole answer, head and body. */
  readonly bytes: number;
  /** The body as text; only until the connection sends again. */
  text(): string;
}

/** The server ended the connection, or answered in a way not read here. */
export class HttpAnswerError extends Error {
  override readonly name = "HttpAnswerError";

  constructor(
    readonly kind: "connection-closed" | "answer-not-understood",
    message: string,
  ) {
    super(message);
  }
}

/** A connection for one request after the other. */
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
    const { protocol, hostname, port } = new URL(origin);
    // A URL has an IPv6 address in brackets, a socket has not.
    const address = hostname.replace(/^\[|\]$/g, "");
    if (protocol === "https:") {
      return new HttpConnection(
        await Deno.connectTls({
          hostname: address,
          port: Number(port || 443),
          alpnProtocols: ["http/1.1"],
        }),
      );
    }
    const connection = await Deno.connect({
      hostname: address,
      port: Number(port || 80),
    });
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
          "connection-closed",
          "The server closed the connection",
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
      const needed = headEnd + 4 + (status === 204 ? 0 : Number(bodyLength));
      if (Number.isNaN(needed) || needed > BUFFER_BYTES) {
        throw new HttpAnswerError(
          "answer-not-understood",
          "The answer has no length, or too much of it",
        );
      }
      if (length >= needed) {
        const body = this.#buffer.subarray(headEnd + 4, needed);
        return {
          status,
          bytes: needed,
          text: () => new TextDecoder().decode(body),
        };
      }
    }
  }

  /** As {@linkcode exchange}, for whom the status is enough. */
  async send(request: Uint8Array): Promise<number> {
    return (await this.exchange(request)).status;
  }

  /** Whether it has not been closed on this side. */
  get isOpen(): boolean {
    return this.#isOpen;
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
  const content = new TextEncoder().encode(body ?? "");
  const head = new TextEncoder().encode([
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(origin).host}`,
    `Authorization: Bearer ${key}`,
    ...(body === undefined ? [] : [
      "Content-Type: application/json",
      `Content-Length: ${content.length}`,
    ]),
    "\r\n",
  ].join("\r\n"));
  const bytes = new Uint8Array(head.length + content.length);
  bytes.set(head);
  bytes.set(content, head.length);
  return bytes;
}
