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
import type { MetricsSnapshot } from "./metrics/metrics.ts";

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
    /** The paths of the pages that the thread serves. */
    readonly pages: readonly string[];
  }
  | {
    readonly kind: "listening";
    readonly address: Deno.NetAddr;
    readonly isBounded: boolean;
  }
  /** The thread wants the metrics of the others. */
  | { readonly kind: "gather"; readonly id: number }
  /** The metrics of this thread, as the answer to `count`. */
  | {
    readonly kind: "counted";
    readonly id: number;
    readonly metrics: MetricsSnapshot;
  }
  | { readonly kind: "ended" };

/** A message of the main thread to a thread. */
export type ToThread =
  | { readonly kind: "listen"; readonly place: Place }
  /** Another thread wants the metrics of this one. */
  | { readonly kind: "count"; readonly id: number }
  /** The metrics of the other threads, as the answer to `gather`. */
  | {
    readonly kind: "gathered";
    readonly id: number;
    readonly metrics: readonly MetricsSnapshot[];
  }
  | { readonly kind: "stop" };

/** The global scope of a worker. */
interface Scope {
  postMessage(message: FromThread): void;
  onmessage: ((event: MessageEvent<ToThread>) => void) | null;
}

const scope = self as unknown as Scope;

/** The longest wait for the metrics of the other threads. */
const GATHER_MS = 5_000;

type Gathered = readonly MetricsSnapshot[];

/**
 * Resolves the wait for the metrics of the other threads, by the id of the
 * message that asked for them.
 */
const gathering = new Map<number, (metrics: Gathered) => void>();
let lastWish = 0;

/**
 * The metrics of the other threads.
 *
 * @throws {Error} If they do not come in time.
 */
async function gather(): Promise<Gathered> {
  const id = ++lastWish;
  const { promise, resolve, reject } = Promise.withResolvers<Gathered>();
  const late = () => reject(new Error("A thread does not answer"));
  const timer = setTimeout(late, GATHER_MS);
  gathering.set(id, resolve);
  scope.postMessage({ kind: "gather", id });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    gathering.delete(id);
  }
}

async function main(): Promise<void> {
  let server: Server;
  try {
    server = await boot({ development: false, others: gather });
  } catch (error) {
    scope.postMessage({ kind: "refused", text: startFault(error) });
    return;
  }
  let running: Running | undefined;
  scope.onmessage = async ({ data }) => {
    switch (data.kind) {
      case "stop":
        await running?.stop();
        return scope.postMessage({ kind: "ended" });
      case "count": {
        const { id } = data;
        const metrics = await server.metrics();
        return scope.postMessage({ kind: "counted", id, metrics });
      }
      case "gathered":
        return gathering.get(data.id)?.(data.metrics);
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
    pages: server.pages,
  });
}

await main();
