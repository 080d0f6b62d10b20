/**
 * An HTTP server of this process, for what a client does.
 *
 * @module
 */

/** Where it listens. */
export interface HttpServer extends AsyncDisposable {
  readonly origin: string;
}

/** A server on a free port; what it answers is the handler's. */
export function serveHttp(handler: Deno.ServeHandler): HttpServer {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    handler,
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
