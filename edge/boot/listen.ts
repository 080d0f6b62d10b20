/**
 * Runs a server that was put together: listens, prints where, and stops it.
 *
 * @module
 */

import type { Mode } from "../base/ids.ts";
import { problem } from "../http/kit/problem.ts";
import {
  boundsFor,
  type Connection,
  descriptorLimit,
  serveHttp,
} from "./connections.ts";

/** The signals that stop a server. */
export const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Printed at the start, so that nobody runs in this way without knowing it. */
const UNBOUNDED =
  "This version of Deno lacks what bounds the number of connections and the " +
  "time of\nrequests: put a proxy in front that has such bounds.";
const INSECURE =
  "OFFCODE_CALLBACKS_INSECURE is on: callbacks may go to http: and to " +
  "addresses of\nprivate networks. For development only.";

/**
 * The longest wait for the store to close; its calls have deadlines of their
 * own.
 */
export const CLOSE_MS = 500;

const OVERLOADED = problem("store-unavailable", {
  detail: "The server has as many connections as it can serve.",
});

/** A server that can listen. */
export interface Listenable {
  readonly fetch: (
    request: Request,
    connection?: Connection,
  ) => Response | Promise<Response>;
  /** The mode that its answers name. */
  readonly mode: Mode;
  /**
   * Announces the stop. From now on a request whose body is cut off gets an answer that
   * says so, and no further callback is delivered. Resolves when no delivery is under
   * way.
   */
  stopping(): Promise<void>;
  /** Closes the store. */
  close(): Promise<void>;
}

/** Where a server listens, and how it stops. */
export interface Place {
  readonly hostname: string;
  readonly port: number;
  /** How long a server that is stopped waits for requests under way. */
  readonly stopMs: number;
  /** How many threads of this process listen there; 1 by default. */
  readonly threads?: number;
}

/** A server that listens. */
export interface Running {
  readonly address: Deno.NetAddr;
  readonly isBounded: boolean;
  /**
   * Accepts no more requests, answers those under way, and closes the store. Each
   * step has a time limit, so that none of them keeps the process alive.
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
  const { document } = OVERLOADED;
  const http = serveHttp({
    hostname,
    port,
    shared: threads > 1,
    bounds: boundsFor(Math.floor(descriptorLimit() / threads)),
    monotonicMs: () => performance.now(),
    fetch: server.fetch,
    overloaded: { ...OVERLOADED, document: { ...document, mode: server.mode } },
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

/** Resolves when `work` is done, or when the time is over. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, new Promise((resolve) => setTimeout(resolve, ms))]);
}

/** Why a server cannot listen, as a sentence for the person who started it. */
export function listenFault(
  error: unknown,
  { hostname, port }: Pick<Place, "hostname" | "port">,
): string {
  if (!(error instanceof Error)) throw error;
  return `PORT ${port} of HOST ${hostname} cannot be had: ${error.message}`;
}

/** Prints where the server listens. Returns the server's origin. */
export function announce(
  { address, isBounded, insecure, pages = [] }: {
    address: Deno.NetAddr;
    isBounded: boolean;
    /** The paths of the pages that the server has. */
    pages?: readonly string[];
    /** Whether callbacks may go to `http:` and to private addresses. */
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
  for (const path of pages) console.log(`  ${origin}${path}`);
  // The pid is printed because `npx` does not pass signals on: when `npx` is ended,
  // the server keeps running (see OPERATIONS.md).
  console.log(`Process ${Deno.pid}: end it with Ctrl+C or kill ${Deno.pid}`);
  return origin;
}
