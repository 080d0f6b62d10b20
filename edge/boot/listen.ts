/**
 * Serves a server that was put together: where it listens, what it prints then,
 * and how it stops.
 *
 * @module
 */

import { problem } from "../http/kit/problem.ts";
import { boundsFor, descriptorLimit, serveHttp } from "./connections.ts";

/** The signals that stop a server. */
export const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Said at the start, so that nobody has it set without knowing. */
const UNBOUNDED =
  "This version of Deno lacks what bounds the number of connections and the " +
  "time of\nrequests: put a proxy in front that has such bounds.";
const INSECURE =
  "OFFCODE_CALLBACKS_INSECURE is on: callbacks may go to http: and to " +
  "addresses of\nprivate networks. For development only.";

/** What the store has under way when it is closed has deadlines of its own. */
export const CLOSE_MS = 500;

/** What can be served. */
export interface Listenable {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /**
   * Tells requests whose bodies are cut off from now on why that is, and
   * begins no further delivery; resolves when none is under way.
   */
  stopping(): Promise<void>;
  /** Lets go of the store. */
  close(): Promise<void>;
}

/** Where a server is to listen. */
export interface Place {
  readonly hostname: string;
  readonly port: number;
  /** How long a server that is stopped waits for requests under way. */
  readonly stopMs: number;
  /** How many threads of this process listen there; 1 unless given. */
  readonly threads?: number;
}

/** A server that listens. */
export interface Running {
  readonly address: Deno.NetAddr;
  readonly isBounded: boolean;
  /**
   * Takes no more requests, answers those under way and lets go of the store;
   * none of it keeps the process for longer than its time.
   */
  stop(): Promise<void>;
}

/**
 * Listens and serves.
 *
 * @throws {Deno.errors.AddrInUse} and the others of `Deno.listen`.
 */
export function listen(
  server: Listenable,
  { hostname, port, stopMs, threads = 1 }: Place,
): Running {
  const http = serveHttp({
    hostname,
    port,
    shared: threads > 1,
    bounds: boundsFor(Math.floor(descriptorLimit() / threads)),
    monotonicMs: () => performance.now(),
    fetch: server.fetch,
    overloaded: problem("store-unavailable", {
      detail: "The server has as many connections as it can serve.",
    }),
  });
  async function stop(): Promise<void> {
    await within(
      stopMs,
      Promise.all([server.stopping(), http.shutdown()]),
    );
    await within(CLOSE_MS, server.close());
  }
  let stopped: Promise<void> | undefined;
  const { address, isBounded } = http;
  return { address, isBounded, stop: () => stopped ??= stop() };
}

/** Comes back when `work` is done, or the time is over. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, new Promise((resolve) => setTimeout(resolve, ms))]);
}

/** Why a server cannot listen, in a sentence for who started it. */
export function listenFault(
  error: unknown,
  { hostname, port }: Pick<Place, "hostname" | "port">,
): string {
  if (!(error instanceof Error)) throw error;
  return `PORT ${port} of HOST ${hostname} cannot be had: ${error.message}`;
}

/** What a start prints before anything else; gives the server's origin. */
export function announce(
  { address, isBounded, insecure }: {
    address: Deno.NetAddr;
    isBounded: boolean;
    /** Whether callbacks may go anywhere. */
    insecure: boolean;
  },
): string {
  const host = address.hostname.includes(":")
    ? `[${address.hostname}]`
    : address.hostname;
  const origin = `http://${host}:${address.port}`;
  if (insecure) console.log(INSECURE);
  if (!isBounded) console.log(UNBOUNDED);
  console.log(`Offcode listens on ${origin}`);
  // npx ends without a signal to the server, which then keeps running (see
  // OPERATIONS.md).
  console.log(`Process ${Deno.pid}: end it with Ctrl+C or kill ${Deno.pid}`);
  return origin;
}
