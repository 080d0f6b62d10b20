/**
 * One thread of `serve.ts`: puts a server together, and listens and stops when the
 * main thread says so.
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

/** A message of a thread to the main thread. */
export type FromThread =
  /** The thread cannot start, or cannot listen; `text` says why. */
  | { readonly kind: "refused"; readonly text: string }
  /** The thread can listen; host and port are what its settings say. */
  | {
    readonly kind: "ready";
    readonly hostname: string;
    readonly port: number;
    /** Whether callbacks may go to `http:` and to private addresses. */
    readonly insecure: boolean;
    readonly stopMs: number;
  }
  | {
    readonly kind: "listening";
    readonly address: Deno.NetAddr;
    readonly isBounded: boolean;
  }
  | { readonly kind: "ended" };

/** A message of the main thread to a thread. */
export type ToThread =
  | { readonly kind: "listen"; readonly place: Place }
  | { readonly kind: "stop" };

/** The global scope of a worker. */
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
