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

/** A connection for one request after the other. */
export class HttpConnection implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #decoder = new TextDecoder("latin1");

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects to an origin such as `http://127.0.0.1:8000`. */
  static async open(origin: string): Promise<HttpConnection> {
    const { hostname, port } = new URL(origin);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    connection.setNoDelay();
    return new HttpConnection(connection);
  }

  /**
   * Sends a whole request, as bytes, and comes back with the status when the
   * whole answer is there.
   *
   * @throws {Error} If the answer is not one as in the module's header.
   */
  async send(request: Uint8Array): Promise<number> {
    for (let sent = 0; sent < request.length;) {
      sent += await this.#connection.write(request.subarray(sent));
    }
    let length = 0;
    for (;;) {
      const read = await this.#connection.read(this.#buffer.subarray(length));
      if (read === null) throw new Error("The server closed the connection");
      length += read;
      const text = this.#decoder.decode(this.#buffer.subarray(0, length));
      const headEnd = text.indexOf("\r\n\r\n");
      if (headEnd < 0) continue;
      const head = text.slice(0, headEnd);
      const bodyLength = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
      if (bodyLength === undefined || length >= BUFFER_BYTES) {
        throw new Error("The answer has no length, or too much of it");
      }
      if (length >= headEnd + 4 + Number(bodyLength)) {
        return Number(text.slice("HTTP/1.1 ".length, "HTTP/1.1 ".length + 3));
      }
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** The bytes of a POST with a JSON body and a bearer key. */
export function postBytes(
  request: { origin: string; path: string; key: string; body: string },
): Uint8Array {
  const body = new TextEncoder().encode(request.body);
  const head = new TextEncoder().encode([
    `POST ${request.path} HTTP/1.1`,
    `Host: ${new URL(request.origin).host}`,
    `Authorization: Bearer ${request.key}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "\r\n",
  ].join("\r\n"));
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}
