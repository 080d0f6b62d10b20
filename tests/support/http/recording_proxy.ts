/**
 * A proxy that keeps the first line of whatever it is asked, and refuses it.
 *
 * @module
 */

/** A running proxy. */
export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  /** The first line of every connection, in the order of arrival. */
  readonly requests: readonly string[];
}

const REFUSAL = new TextEncoder().encode(
  "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
);

/** Starts one on a free loopback port. */
export function startRecordingProxy(): RecordingProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const requests: string[] = [];
  const working = new Set<Promise<void>>();

  async function refuse(connection: Deno.TcpConn): Promise<void> {
    try {
      const bytes = new Uint8Array(4_096);
      const length = await connection.read(bytes) ?? 0;
      const text = new TextDecoder().decode(bytes.subarray(0, length));
      requests.push(text.split("\r\n", 1)[0]!);
      await connection.write(REFUSAL);
    } catch {
      // The other side has left.
    } finally {
      connection.close();
    }
  }

  const accepted = (async () => {
    for await (const connection of listener) {
      const work = refuse(connection);
      working.add(work);
      void work.finally(() => working.delete(work));
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepted;
      await Promise.all(working);
    },
  };
}
