/**
 * A plain connection to a Redis, for what a test does past the store.
 *
 * @module
 */

import { createClient } from "@redis/client";

/** A connection that sends what it is given. */
export interface RawRedis extends Disposable {
  /** Sends one command and awaits its reply. */
  // deno-lint-ignore no-explicit-any
  send(...command: string[]): Promise<any>;
}

/** Connects to a server. */
export async function connectRaw(
  { host, port }: { readonly host: string; readonly port: number },
): Promise<RawRedis> {
  const client = createClient({
    // A computer that is busy sees late that it is connected.
    socket: {
      host,
      port,
      connectTimeout: 30_000,
      reconnectStrategy: false,
    },
    RESP: 2,
    maintNotifications: "disabled",
    disableClientInfo: true,
  });
  client.on("error", () => {});
  await client.connect();
  return {
    send: (...command) => client.sendCommand(command),
    [Symbol.dispose]: () => client.destroy(),
  };
}
