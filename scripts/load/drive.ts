/**
 * The sending engine of the load generator and of the bench: a fixed number of
 * connections, each with one request under way, take shots from one source.
 *
 * A shot may say when it is due. It then leaves no earlier, and when no
 * connection is free it leaves later, but what it is measured from stays the
 * moment at which it should have left: a server that stalls is charged with
 * everybody who had to queue meanwhile, not with the few that were sent. Shots
 * that are not due at a time follow one another without a pause.
 *
 * @module
 */

import { HttpAnswerError, HttpConnection } from "./http_connection.ts";

/** Why no answer came. */
export type Fault =
  | "timeout"
  | "connection-refused"
  | "connection-closed"
  | "answer-not-understood";

/** What came of a shot. Times are those of `performance.now()`. */
export type Outcome =
  & {
    /** When the request left. */
    readonly sentMs: number;
    /** When the whole answer was there, or it was clear that none comes. */
    readonly endedMs: number;
  }
  & (
    | {
      readonly status: number;
      /** Of the whole answer, head and body. */
      readonly bytes: number;
      /** The body; only within {@linkcode Shot.ended}. */
      text(): string;
    }
    | { readonly fault: Fault }
  );

/** A request to come. */
export interface Shot {
  /** When it should leave, as `performance.now()` counts; if not given, at once. */
  readonly dueMs?: number;
  /** Its bytes, asked for when it leaves; `null` if it has become void. */
  bytes(): Uint8Array | null;
  /** Takes what came of it. */
  ended(outcome: Outcome): void;
}

/** What to drive. */
export interface DriveOptions {
  readonly origin: string;
  /** Connections, each with one request under way. */
  readonly clients: number;
  /**
   * The next shot in order, or `null` when there is none left.
   *
   * @param client Which connection takes it, from 0.
   */
  next(client: number): Shot | null;
  /** How long an answer may take; for ever if not given. */
  readonly timeoutMs?: number;
  /** Ends the wait for shots that are due later. */
  readonly signal?: AbortSignal;
}

/**
 * Sends all shots and comes back when the last one has ended.
 *
 * @throws What {@linkcode Shot.ended} throws.
 */
export async function drive(options: DriveOptions): Promise<void> {
  const { origin, clients, next, timeoutMs, signal } = options;
  const connections = await Promise.all(
    Array.from({ length: clients }, () => tryOpen(origin)),
  );
  const client = async (index: number) => {
    for (;;) {
      const shot = signal?.aborted ? null : next(index);
      if (shot === null) return;
      if (shot.dueMs !== undefined && !await until(shot.dueMs, signal)) return;
      const bytes = shot.bytes();
      if (bytes === null) continue;
      const sentMs = performance.now();
      const connection = connections[index] ?? await tryOpen(origin);
      connections[index] = connection;
      const outcome = connection === null
        ? {
          sentMs,
          endedMs: performance.now(),
          fault: "connection-refused" as const,
        }
        : await exchange(connection, bytes, sentMs, timeoutMs);
      if ("fault" in outcome) {
        connection?.[Symbol.dispose]();
        connections[index] = null;
      }
      shot.ended(outcome);
    }
  };
  try {
    await Promise.all(connections.map((_, index) => client(index)));
  } finally {
    for (const connection of connections) connection?.[Symbol.dispose]();
  }
}

async function tryOpen(origin: string): Promise<HttpConnection | null> {
  try {
    return await HttpConnection.open(origin);
  } catch (error) {
    if (!isNetworkFault(error)) throw error;
    return null;
  }
}

async function exchange(
  connection: HttpConnection,
  bytes: Uint8Array,
  sentMs: number,
  timeoutMs: number | undefined,
): Promise<Outcome> {
  let timedOut = false;
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
    timedOut = true;
    connection[Symbol.dispose]();
  }, timeoutMs);
  try {
    const answer = await connection.exchange(bytes);
    return { sentMs, endedMs: performance.now(), ...answer };
  } catch (error) {
    const fault = timedOut
      ? "timeout"
      : error instanceof HttpAnswerError
      ? error.kind
      : isNetworkFault(error)
      ? "connection-closed"
      : null;
    if (fault === null) throw error;
    return { sentMs, endedMs: performance.now(), fault };
  } finally {
    clearTimeout(timer);
  }
}

/** The network's faults, not those of this code. */
function isNetworkFault(error: unknown): boolean {
  return Object.values(Deno.errors).some((it) => error instanceof it);
}

/** Waits for a moment; whether it came. */
async function until(dueMs: number, signal?: AbortSignal): Promise<boolean> {
  for (;;) {
    if (signal?.aborted) return false;
    const leftMs = dueMs - performance.now();
    if (leftMs <= 0) return true;
    await sleep(leftMs, signal);
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake);
  });
}
