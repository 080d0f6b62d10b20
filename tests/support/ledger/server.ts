/**
 * The reference ledger: a wallet core behind HTTP as
 * `edge/ledger/README.md` asks for it, on a free loopback port, with accounts
 * in memory, and with every fault that a test wants.
 *
 * Honest unless told: `next()` gives faults to the next calls of a kind,
 * `rule` decides about all others.
 *
 * @module
 */

import { type Clock, systemClock } from "../../../edge/base/clock.ts";
import {
  createHttpLedger,
  type HttpLedgerOptions,
} from "../../../edge/ledger/http/http.ts";
import type { Ledger } from "../../../edge/ledger/ledger.ts";
import {
  type DebitOrder,
  type JournalEntry,
  LedgerBooks,
  type RefundOrder,
} from "./books.ts";
import type { Exchange, Fault } from "./faults.ts";
import { startRelay } from "./relay.ts";
import { readSigned } from "./signature.ts";

/** The calls, by the last part of their path. */
export type CallName = "debits" | "reversals" | "refunds" | "queries";

/** A request that arrived. */
export interface LedgerRequest {
  /** Last part of the path, whatever it was. */
  readonly path: string;
  readonly method: string;
  readonly headers: Headers;
  /** Its body if the signature was good, else null. */
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** A running reference ledger. */
export interface LedgerServer extends AsyncDisposable {
  readonly url: string;
  readonly secret: string;
  readonly books: LedgerBooks;
  /** Every movement of money, in order. */
  readonly journal: readonly JournalEntry[];
  /** Every request, genuine or not, in the order of arrival. */
  readonly requests: readonly LedgerRequest[];
  setAccount(accountId: string, balanceMinor: number, currency?: string): void;
  balance(accountId: string): number;
  /** How often money left for a payment, or for any. */
  debits(paymentId?: string): number;
  /** How often money came back. */
  reversals(paymentId?: string): number;
  /** Faults for the next calls of a kind, one each. */
  next(call: CallName, ...faults: Fault[]): void;
  /** The fault of a call that none waits for; `null` is honest. */
  rule: (call: CallName, body: Readonly<Record<string, unknown>>) =>
    | Fault
    | null;
  /** Resolves when no request is being worked on. */
  idle(): Promise<void>;
  /** An adapter that asks this ledger. */
  connect(options?: Partial<HttpLedgerOptions>): Ledger;
}

/** The secret of a ledger that is given none. */
export const LEDGER_SECRET =
  "whsec_dGhlIHNlY3JldCBvZiBhIHJlZmVyZW5jZSBsZWRnZXI=";

const isCall = (path: string): path is CallName =>
  ["debits", "reversals", "refunds", "queries"].includes(path);

/** How to start one. */
export interface LedgerServerOptions {
  readonly secret?: string;
  readonly clock?: Clock;
}

/** The honest answer to a call. */
function workOn(
  books: LedgerBooks,
  call: CallName,
  body: Record<string, unknown>,
): Response {
  const payment_id = String(body.payment_id);
  const { refund_id } = body;
  const answer = call === "debits"
    ? books.debit(body as unknown as DebitOrder, body.confirmed === true)
    : call === "reversals"
    ? books.reverse(payment_id)
    : call === "refunds"
    ? books.refund(body as unknown as RefundOrder)
    : refund_id !== undefined
    ? books.queryRefund(payment_id, String(refund_id))
    : books.query(payment_id);
  return answer === "conflict"
    ? new Response(null, { status: 409 })
    // Without a refund id JSON leaves the member out.
    : Response.json({ payment_id, refund_id, ...answer });
}

/** Starts a reference ledger; its clock is the machine's unless given. */
export function startLedgerServer(
  options: LedgerServerOptions = {},
): LedgerServer {
  const { secret = LEDGER_SECRET, clock = systemClock } = options;
  const books = new LedgerBooks();
  const requests: LedgerRequest[] = [];
  const busy = new Set<string>();
  const queued = new Map<CallName, Fault[]>();
  const stopped = Promise.withResolvers<void>();
  const working = new Set<Promise<unknown>>();

  async function serve(request: Request, peer: number): Promise<Response> {
    const path = new URL(request.url).pathname.split("/").at(-1)!;
    const { method, headers } = request;
    const body = await readSigned(request, [secret], clock.nowMs());
    requests.push({ path, method, headers, body });
    if (body === null) return new Response(null, { status: 401 });
    if (!isCall(path)) return new Response(null, { status: 404 });
    const exchange: Exchange = {
      paymentId: String(body.payment_id),
      body,
      books,
      busy,
      work: () =>
        busy.has(String(body.payment_id))
          ? new Response(null, { status: 503 })
          : workOn(books, path, body),
      hangUp: () => relay.hangUp(peer),
      send: (text) => relay.send(peer, new TextEncoder().encode(text)),
      stopped: stopped.promise,
    };
    const fault = queued.get(path)?.shift() ?? server.rule(path, body);
    return fault === null ? exchange.work() : await fault(exchange);
  }

  const http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request, { remoteAddr }) => {
      const response = serve(request, (remoteAddr as Deno.NetAddr).port);
      working.add(response);
      return response.finally(() => working.delete(response));
    },
  );
  const relay = startRelay(http.addr.port);
  const url = `http://127.0.0.1:${relay.port}/core/v1`;

  const server: LedgerServer = {
    ...{ url, secret, books, requests, journal: books.journal },
    rule: () => null,
    setAccount: (...args) => books.setAccount(...args),
    balance: (accountId) => books.balance(accountId),
    debits: (paymentId) => books.count("debit", paymentId),
    reversals: (paymentId) => books.count("reversal", paymentId),
    next(call, ...faults) {
      queued.set(call, [...queued.get(call) ?? [], ...faults]);
    },
    async idle() {
      while (working.size > 0) await Promise.allSettled(working);
    },
    connect: (more = {}) =>
      createHttpLedger({ url, secret, clock, timeoutMs: 10_000, ...more }),
    async [Symbol.asyncDispose]() {
      stopped.resolve();
      await relay[Symbol.asyncDispose]();
      await http.shutdown();
      await server.idle();
    },
  };
  return server;
}

/** A reference ledger where alice has 100.00 EUR. */
export function startAliceLedger(
  options: LedgerServerOptions = {},
): LedgerServer {
  const server = startLedgerServer(options);
  server.setAccount("alice", 10_000);
  return server;
}
