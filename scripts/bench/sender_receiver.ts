/**
 * Receivers for the benches of the sender alone, in a process of their own.
 * `RECEIVER` says which: `honest` answers 204 (with `CERT` and `KEY` over TLS),
 * `hostile` does what the path says, `deaf` reads nothing.
 *
 * @module
 */

import { neverReads } from "../../tests/support/callback/hostile_behaviors.ts";
import { startHostileReceiver } from "../../tests/support/callback/hostile_receiver.ts";

const kind = Deno.env.get("RECEIVER");
const [cert, key] = [Deno.env.get("CERT"), Deno.env.get("KEY")];
const ended = Promise.withResolvers<void>();
Deno.addSignalListener("SIGTERM", () => ended.resolve());
const report = (origin: string) =>
  console.log(`Receiver listens on ${origin} `);

if (kind === "honest") {
  const tls = cert && key ? { cert, key } : undefined;
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    ...tls,
    onListen: ({ port }) => report(`http${tls ? "s" : ""}://127.0.0.1:${port}`),
  }, async (request) => {
    await request.bytes();
    return new Response(null, { status: 204 });
  });
  await ended.promise;
  await server.shutdown();
} else {
  await using receiver = startHostileReceiver();
  if (kind === "deaf") receiver.welcome = neverReads;
  report(receiver.url);
  await ended.promise;
}
