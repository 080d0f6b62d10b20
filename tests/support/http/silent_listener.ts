/**
 * An address that answers to no connection: its listener's queue is full and
 * nobody takes anything out of it.
 *
 * @module
 */

/** How long a connection is not made before the queue counts as full. */
const FULL_MS = 100;

/** Fills the queue of a new listener. */
export async function startSilentListener(
  hostname: string,
  port = 0,
): Promise<Disposable & { readonly port: number }> {
  const listener = Deno.listen({ hostname, port, tcpBacklog: 1 });
  const address = listener.addr;
  const connections: Deno.Conn[] = [];
  for (;;) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), FULL_MS);
    try {
      connections.push(
        await Deno.connect({
          hostname,
          port: address.port,
          signal: patience.signal,
        }),
      );
    } catch (error) {
      if (!patience.signal.aborted) throw error;
      break;
    } finally {
      clearTimeout(timer);
    }
  }
  return {
    port: address.port,
    [Symbol.dispose]() {
      for (const connection of connections) connection.close();
      listener.close();
    },
  };
}
