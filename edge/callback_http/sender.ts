/**
 * Sends callbacks over HTTP. The server on the other side is not trusted: its
 * addresses must be public, one deadline covers the whole attempt, and only the
 * beginning of its answer is read.
 *
 * A host name is resolved for every send, all its addresses are judged, and the
 * connection is made to one of the judged addresses. A name that resolves to
 * another address a moment later (DNS rebinding) therefore changes nothing. TLS
 * proves the name in the URL. `undici` sends the request instead of `fetch`,
 * because `fetch` would resolve the name again by itself.
 *
 * @module
 */

import type { Sender, SendOutcome, SendRequest } from "../callback/sender.ts";
import type { Clock } from "../base/clock.ts";
import { isAddress, isIpv4, isPublicAddress } from "./sender_address.ts";
import {
  type Connection,
  type Exchange,
  openConnection,
} from "./sender_connection.ts";
import { createIdleConnections } from "./sender_idle.ts";
import { createResolver, type Resolve, sharing } from "./sender_resolver.ts";
import { parseTarget, rememberTargets, type Target } from "./sender_target.ts";

/** What {@linkcode createHttpSender} is made with. */
export interface HttpSenderOptions {
  /** Measures how long an attempt took. */
  readonly clock: Clock;
  /** For development: also allows `http:`, any port and private addresses. */
  readonly insecure?: boolean;
  /**
   * Time for a whole attempt, from DNS to the last byte: 1 to 60 000; 10 000 by
   * default.
   */
  readonly deadlineMs?: number;
  /** Resolves names; by default with the system's name servers. */
  readonly resolve?: Resolve;
  /** Whether an address may be connected to; by default public addresses only. */
  readonly isAllowed?: (address: string) => boolean;
  /** Certificates (PEM) that are trusted besides the system's. */
  readonly caCerts?: readonly string[];
}

const DEADLINE_MS = 10_000;

/** The most idle connections, over all endpoints. */
const MAX_IDLE = 256;

/**
 * The most addresses of a name that are tried while none accepts a connection.
 */
const MAX_ADDRESSES = 3;

/**
 * An address that has not answered after this part of the deadline is given up.
 */
const PATIENCE = 1 / 4;

const HEADERS = {
  "content-type": "application/json",
  // Some servers and firewalls refuse requests without an `Accept` header.
  "accept": "*/*",
  "accept-encoding": "identity",
  "user-agent": "Offcode-Callbacks/1",
};

/** The outcome of an attempt, without its duration. */
type Result =
  | Omit<Extract<SendOutcome, { kind: "answered" }>, "durationMs">
  | Omit<Extract<SendOutcome, { kind: "failed" }>, "durationMs">;

const TIMEOUT = { kind: "failed", fault: "timeout" } as const;

/** What the steps of an attempt need. */
interface SenderDeps {
  readonly deadlineMs: number;
  readonly isAllowed: (address: string) => boolean;
  readonly caCerts: readonly string[] | undefined;
  readonly resolve: Resolve;
  readonly targetOf: (url: string) => Target | null;
  readonly connections: SenderConnections;
}

/**
 * Makes a {@linkcode Sender} that speaks HTTP/1.1.
 *
 * `send` rejects only because of a bug of the caller: headers that are invalid.
 *
 * @throws {RangeError} If the deadline is out of bounds.
 */
export function createHttpSender(options: HttpSenderOptions): Sender {
  const { clock, insecure = false, deadlineMs = DEADLINE_MS } = options;
  if (!Number.isInteger(deadlineMs) || deadlineMs < 1 || deadlineMs > 60_000) {
    throw new RangeError("A callback's deadline must be 1 to 60000 ms");
  }
  const deps: SenderDeps = {
    deadlineMs,
    isAllowed: options.isAllowed ?? (insecure ? () => true : isPublicAddress),
    caCerts: options.caCerts,
    resolve: sharing(options.resolve ?? createResolver()),
    targetOf: rememberTargets(insecure),
    connections: new SenderConnections(),
  };
  return {
    async send(request) {
      const startMs = clock.nowMs();
      const result = await withinDeadline(
        deadlineMs,
        (signal) => attempt(deps, request, signal),
      );
      return { ...result, durationMs: Math.max(0, clock.nowMs() - startMs) };
    },
    async check(url) {
      const target = parseTarget(url, insecure);
      if (target === null) return "form";
      const addresses = await withinDeadline(
        deadlineMs,
        (signal) => findAddresses(deps, target, signal),
      );
      if (typeof addresses === "string") return addresses;
      return addresses === TIMEOUT ? "dns" : null;
    },
    close: () => deps.connections.close(),
  };
}

/** The idle connections of a sender, and those that are being closed. */
class SenderConnections {
  readonly #idle = createIdleConnections(
    MAX_IDLE,
    (connection) => this.letGo(connection),
  );
  readonly #closing = new Set<Promise<void>>();
  #isClosed = false;

  /** Takes out an idle connection for a target to one of the addresses. */
  take(target: Target, addresses: readonly string[]): Connection | undefined {
    return this.#idle.take(target.href, addresses);
  }

  /** Keeps a connection as idle, or closes it if the sender has been closed. */
  keep(target: Target, connection: Connection): void {
    if (this.#isClosed) this.letGo(connection);
    else this.#idle.put(target.href, connection);
  }

  /** Closes a connection; {@linkcode close} waits until that is done. */
  letGo(connection: Connection): void {
    const gone = connection.close().finally(() => this.#closing.delete(gone));
    this.#closing.add(gone);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const connection of this.#idle.takeAll()) this.letGo(connection);
    await Promise.all(this.#closing);
  }
}

/** Runs with a signal that is aborted at the deadline; nothing waits any longer. */
async function withinDeadline<T>(
  deadlineMs: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T | typeof TIMEOUT> {
  const deadline = new AbortController();
  const { promise, resolve: expire } = Promise.withResolvers<typeof TIMEOUT>();
  const timer = setTimeout(() => {
    // The time-out must settle the race before the signal makes `run` reject.
    expire(TIMEOUT);
    deadline.abort();
  }, deadlineMs);
  try {
    return await Promise.race([promise, run(deadline.signal)]);
  } finally {
    clearTimeout(timer);
  }
}

/** The addresses that may be connected to, the best first, or why there are none. */
async function findAddresses(
  { resolve, isAllowed }: SenderDeps,
  target: Target,
  signal: AbortSignal,
): Promise<readonly string[] | "dns" | "address"> {
  let found: readonly string[];
  try {
    found = target.isAddress
      ? [target.host]
      : await resolve(target.host, signal);
  } catch {
    return "dns";
  }
  const all = found.every((it) => isAddress(it) && isAllowed(it));
  if (!all || found.length === 0) return "address";
  // IPv4 comes first, because not every machine has IPv6.
  return found.toSorted((a, b) => Number(isIpv4(b)) - Number(isIpv4(a)));
}

/** Makes one request over a connection, which is then kept as idle or closed. */
async function exchange(
  { connections }: SenderDeps,
  connection: Connection,
  target: Target,
  request: SendRequest,
  signal: AbortSignal,
): Promise<Exchange> {
  const cut = () => connections.letGo(connection);
  signal.addEventListener("abort", cut);
  let keep = false;
  try {
    const result = await connection.exchange(
      target.path,
      { ...request.headers, ...HEADERS },
      request.body,
    );
    keep = result.kind === "answered" && result.reusable;
    return result;
  } finally {
    signal.removeEventListener("abort", cut);
    if (keep && !connection.ended) connections.keep(target, connection);
    else if (!signal.aborted) cut();
  }
}

async function attempt(
  deps: SenderDeps,
  request: SendRequest,
  signal: AbortSignal,
): Promise<Result> {
  const target = deps.targetOf(request.url);
  if (target === null) return { kind: "failed", fault: "address" };
  const addresses = await findAddresses(deps, target, signal);
  if (typeof addresses === "string") {
    return { kind: "failed", fault: addresses };
  }
  const kept = deps.connections.take(target, addresses);
  if (kept !== undefined) {
    const result = await exchange(deps, kept, target, request, signal);
    // Servers close idle connections, too. If not one byte came back, this one
    // had most likely been closed, so the request is sent again over a new one.
    // A receiver that got both requests recognizes the message by its id.
    if (result.kind === "answered" || !result.silent) return plain(result);
  }
  return await tryAddresses(
    deps,
    target,
    addresses.slice(0, MAX_ADDRESSES),
    request,
    signal,
  );
}

/** Connects to one address after the other, until one accepts the connection. */
async function tryAddresses(
  deps: SenderDeps,
  target: Target,
  addresses: readonly string[],
  request: SendRequest,
  signal: AbortSignal,
): Promise<Result> {
  let result: Result = TIMEOUT;
  for (const [n, address] of addresses.entries()) {
    if (signal.aborted) break;
    const connection = openConnection(target, address, deps.caCerts);
    const isLast = n === addresses.length - 1;
    const patience = isLast ? undefined : setTimeout(() => {
      if (connection.isConnecting) deps.connections.letGo(connection);
    }, deps.deadlineMs * PATIENCE);
    const exchanged = await exchange(deps, connection, target, request, signal);
    clearTimeout(patience);
    result = plain(exchanged);
    if (exchanged.kind === "answered" || exchanged.fault !== "connect") break;
  }
  return result;
}

function plain(exchange: Exchange): Result {
  if (exchange.kind === "failed") {
    const { silent: _, ...failure } = exchange;
    return failure;
  }
  const { reusable: _, ...answer } = exchange;
  return answer;
}
