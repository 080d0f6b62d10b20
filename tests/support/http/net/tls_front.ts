/**
 * TLS in front of a server that speaks none.
 *
 * @module
 */

/** A running front. */
export interface TlsFront extends AsyncDisposable {
  readonly port: number;
}

/** Starts one on a free port of 127.0.0.1. */
export function startTlsFront(
  target: { readonly hostname: string; readonly port: number },
  certificate: { readonly cert: string; readonly key: string },
): TlsFront {
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    ...certificate,
  });
  const working = new Set<Promise<void>>();
  const open = new Set<Deno.Conn>();

  /** Copies until either side ends, and then closes both. */
  async function join(outer: Deno.Conn): Promise<void> {
    open.add(outer);
    try {
      const inner = await Deno.connect(target);
      open.add(inner);
      await Promise.race([
        outer.readable.pipeTo(inner.writable),
        inner.readable.pipeTo(outer.writable),
      ]);
      end(inner);
    } catch {
      // One side has left.
    }
    end(outer);
  }

  function end(connection: Deno.Conn): void {
    if (!open.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // Closed by the end of its stream.
    }
  }

  const accepted = (async () => {
    for await (const connection of listener) {
      const work = join(connection);
      working.add(work);
      void work.finally(() => working.delete(work));
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) end(connection);
      await accepted;
      await Promise.all(working);
    },
  };
}
