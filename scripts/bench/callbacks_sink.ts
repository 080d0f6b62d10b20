/**
 * A merchant's server that takes connections and reads nothing of what comes
 * over them, in a process of its own.
 *
 * @module
 */

if (import.meta.main) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  console.log(`What never reads listens on http://127.0.0.1:${port}`);
  Deno.addSignalListener("SIGTERM", () => Deno.exit(0));
  const held: Deno.Conn[] = [];
  const MOST = 512;
  for await (const connection of listener) {
    held.push(connection);
    // The oldest ones have long been left by the other side.
    if (held.length > MOST) held.shift()!.close();
  }
}
