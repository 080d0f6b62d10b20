/**
 * One thread of `serve.ts`: puts a server together, listens when it is told
 * where, and stops when it is told to.
 *
 * @module
 */

import {
  listen,
  listenFault,
  type Place,
  type Running,
} from "./boot/listen.ts";
import { boot, type Server, startFault } from "./main.ts";

/** What a thread says to the one that started it. */
export type FromThread =
  /** It cannot start, or not listen: why, in a sentence. */
  | { readonly kind: "refused"; readonly text: string }
  /** It can listen, there if nowhere else. */
  | {
    readonly kind: "ready";
    readonly hostname: string;
    readonly port: number;
    /** Whether callbacks may go anywhere. */
    readonly insecure: boolean;
    readonly stopMs: number;
  }
  | {
    readonly kind: "listening";
    readonly address: Deno.NetAddr;
    readonly isBounded: boolean;
  }
  | { readonly kind: "ended" };

/** What it is told. */
export type ToThread =
  | { readonly kind: "listen"; readonly place: Place }
  | { readonly kind: "stop" };

/** The side of a worker that talks to who started it. */
interface Scope {
  postMessage(message: FromThread): void;
  onmessage: ((event: MessageEvent<ToThread>) => void) | null;
}

const scope = self as unknown as Scope;

async function main(): Promise<void> {
  let server: Server;
  try {
    server = await boot({ development: false });
  } catch (error) {
    scope.postMessage({ kind: "refused", text: startFault(error) });
    return;
  }
  let running: Running | undefined;
  scope.onmessage = async ({ data }) => {
    if (data.kind === "stop") {
      await running?.stop();
      scope.postMessage({ kind: "ended" });
      return;
    }
    try {
      running = listen(server, data.place);
    } catch (error) {
      const text = listenFault(error, data.place);
      scope.postMessage({ kind: "refused", text });
      return;
    }
    const { address, isBounded } = running;
    scope.postMessage({ kind: "listening", address, isBounded });
  };
  const { host, port, callbacks, stopMs } = server.config;
  scope.postMessage({
    kind: "ready",
    hostname: host ?? "0.0.0.0",
    port,
    insecure: callbacks.insecure,
    stopMs,
  });
}

await main();
