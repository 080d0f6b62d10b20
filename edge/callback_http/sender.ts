/**
 * Sends callbacks over HTTP. The other side is a stranger's server: it may only
 * be a public one, it has one deadline for everything, and of what it answers
 * only the beginning is read.
 *
 * A name is resolved for every send, all its addresses are judged, and the
 * connection goes to one that was judged: what the name means a moment later
 * does not matter. TLS proves the name of the URL, whatever the address. It is
 * `undici` and not `fetch` that sends, because `fetch` resolves by itself.
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
  /** Tells how long an attempt took. */
  readonly clock: Clock;
  /** For development: `http:`, any port and private addresses as well. */
  readonly insecure?: boolean;
  /** For a whole attempt, DNS to the last byte: 1 to 60 000, else 10 000. */
  readonly deadlineMs?: number;
  /** The system's name servers unless given. */
  readonly resolve?: Resolve;
  /** Which addresses may be connected to; the public ones unless given. */
  readonly isAllowed?: (address: string) => boolean;
  /** Certificates (PEM) that are trusted beside the system's. */
  readonly caCerts?: readonly string[];
}

const DEADLINE_MS = 10_000;

/** Idle connections of all endpoints together. */
const MAX_IDLE = 256;

/** So many addresses of a name are tried if nobody answers at them. */
const MAX_ADDRESSES = 3;

/** An address that is silent for this part of the time makes way for the next. */
const PATIENCE = 1 / 4;

const HEADERS = {
  "content-type": "application/json",
  // Some servers and firewalls refuse requests without it.
  "accept": "*/*",
  "accept-encoding": "identity",
  "user-agent": "Offcode-Callbacks/1",
};

/** What an attempt comes to, but for its time. */
type Result =
  | Omit<Extract<SendOutcome, { kind: "answered" }>, "durationMs">
  | Omit<Extract<SendOutcome, { kind: "failed" }>, "durationMs">;

const TIMEOUT = { kind: "failed", fault: "timeout" } as const;

/**
 * Makes a {@linkcode Sender} that speaks HTTP/1.1.
 *
 * `send` rejects only for a bug of the caller: headers that are none.
 *
 * @throws {RangeError} If the deadline is out of bounds.
 */
export function createHttpSender(options: HttpSenderOptions): Sender {
  const {
    clock,
    insecure = false,
    deadlineMs = DEADLINE_MS,
    isAllowed = insecure ? () => true : isPublicAddress,
    caCerts,
  } = options;
  if (!Number.isInteger(deadlineMs) || deadlineMs < 1 || deadlineMs > 60_000) {
    throw new RangeError("A callback's deadline must be 1 to 60000 ms");
  }
  const resolve = sharing(options.resolve ?? createResolver());
  const targetOf = rememberTargets(insecure);
  const closing = new Set<Promise<void>>();
  const idle = createIdleConnections(MAX_IDLE, letGo);
  let closed = false;

  function letGo(connection: Connection): void {
    const gone = connection.close().finally(() => closing.delete(gone));
    closing.add(gone);
  }

  /** Runs with a signal, and is not waited for beyond the deadline. */
  async function withinDeadline<T>(
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | typeof TIMEOUT> {
    const deadline = new AbortController();
    const { promise, resolve: expire } = Promise.withResolvers<
      typeof TIMEOUT
    >();
    const timer = setTimeout(() => {
      // First, so that what the signal ends is not taken for the answer.
      expire(TIMEOUT);
      deadline.abort();
    }, deadlineMs);
    try {
      return await Promise.race([promise, run(deadline.signal)]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The addresses that may be connected to, best first, or why none. */
  async function findAddresses(
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
    // Not every machine has IPv6.
    return found.toSorted((a, b) => Number(isIpv4(b)) - Number(isIpv4(a)));
  }

  /** One request over one connection, which is kept or let go afterwards. */
  async function exchange(
    connection: Connection,
    target: Target,
    request: SendRequest,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const cut = () => letGo(connection);
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
      if (keep && !closed && !connection.ended) {
        idle.put(target.href, connection);
      } else if (!signal.aborted) cut();
    }
  }

  async function attempt(
    request: SendRequest,
    signal: AbortSignal,
  ): Promise<Result> {
    const target = targetOf(request.url);
    if (target === null) return { kind: "failed", fault: "address" };
    const addresses = await findAddresses(target, signal);
    if (typeof addresses === "string") {
      return { kind: "failed", fault: addresses };
    }

    const kept = idle.take(target.href, addresses);
    if (kept !== undefined) {
      const result = await exchange(kept, target, request, signal);
      // Servers let go of idle connections too. Where nothing came back this one
      // was dead most likely; if not, the receiver knows the id already.
      if (result.kind === "answered" || !result.silent) return plain(result);
    }

    let result: Result = TIMEOUT;
    const candidates = addresses.slice(0, MAX_ADDRESSES);
    for (const [n, address] of candidates.entries()) {
      if (signal.aborted) break;
      const connection = openConnection(target, address, caCerts);
      const isLast = n === candidates.length - 1;
      const patience = isLast ? undefined : setTimeout(() => {
        if (connection.isConnecting) letGo(connection);
      }, deadlineMs * PATIENCE);
      const exchanged = await exchange(connection, target, request, signal);
      clearTimeout(patience);
      result = plain(exchanged);
      if (exchanged.kind === "answered" || exchanged.fault !== "connect") break;
    }
    return result;
  }

  return {
    async send(request) {
      const startMs = clock.nowMs();
      const result = await withinDeadline((signal) => attempt(request, signal));
      return { ...result, durationMs: Math.max(0, clock.nowMs() - startMs) };
    },
    async check(url) {
      const target = parseTarget(url, insecure);
      if (target === null) return "form";
      const addresses = await withinDeadline((signal) =>
        findAddresses(target, signal)
      );
      if (typeof addresses === "string") return addresses;
      return addresses === TIMEOUT ? "dns" : null;
    },
    async close() {
      closed = true;
      for (const connection of idle.takeAll()) letGo(connection);
      await Promise.all(closing);
    },
  };
}

function plain(exchange: Exchange): Result {
  if (exchange.kind === "failed") {
    const { silent: _, ...failure } = exchange;
    return failure;
  }
  const { reusable: _, ...answer } = exchange;
  return answer;
}
