/**
 * A relay in front of an HTTP server, for what no HTTP server does on purpose:
 * hang up without a word, or send bytes that are no proper response.
 *
 * @module
 */

/** A running relay. */
export interface Relay extends AsyncDisposable {
  /** Where clients connect. */
  readonly port: number;
  /**
   * Closes a client's connection; `serverPort` is the remote port that the
   * server behind sees on it.
   */
  hangUp(serverPort: number): void;
  /** Sends bytes to the client; from then on the server is not heard. */
  send(serverPort: number, bytes: Uint8Array): Promise<void>;
}

interface Pair {
  readonly client: Deno.TcpConn;
  readonly server: Deno.TcpConn;
  muted: boolean;
}

/** Relays a free loopback port to `port`. */
export function startRelay(port: number): Relay {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const pairs = new Map<number, Pair>();
  const copies: Promise<void>[] = [];

  const accepted = (async () => {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port });
      const pair: Pair = { client, server, muted: false };
      pairs.set(server.localAddr.port, pair);
      copies.push(
        copy(client, server),
        copy(server, client, () => pair.muted),
      );
    }
  })();

  return {
    port: listener.addr.port,
    hangUp: (serverPort) => close(pairs.get(serverPort)!),
    async send(serverPort, bytes) {
      const pair = pairs.get(serverPort)!;
      pair.muted = true;
      await writeAll(pair.client, bytes);
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepted;
      for (const pair of pairs.values()) close(pair);
      await Promise.all(copies);
    },
  };
}

/** Copies until one side is gone, then closes both. */
async function copy(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  muted = () => false,
): Promise<void> {
  const buffer = new Uint8Array(16_384);
  try {
    for (;;) {
      const length = await from.read(buffer);
      if (length === null) break;
      if (!muted()) await writeAll(to, buffer.subarray(0, length));
    }
  } catch {
    // Closed by the other copy or by the test.
  }
  close({ client: from, server: to });
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await to.write(bytes.subarray(at));
  }
}

function close({ client, server }: Pick<Pair, "client" | "server">): void {
  for (const side of [client, server]) {
    try {
      side.close();
    } catch {
      // Closed before.
    }
  }
}
