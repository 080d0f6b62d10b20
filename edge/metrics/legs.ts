/**
 * Measures the legs of a call: the search for the customer, and the ways to the
 * store, to the ledger and to merchants' servers. Each function takes a port
 * and returns one that measures every call of it. The caller gets the promise
 * of the given port itself, so measuring changes no result and delays none.
 *
 * @module
 */

import type { Sender, SendOutcome } from "../callback/sender.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { Search, Searched } from "../verification/search.ts";

/** Takes the duration of one request of a leg, and its result in one word. */
export type LegEnd = (request: string, result: string, ms: number) => void;

/** What measurements need. */
interface LegDeps {
  /** Milliseconds that only ever grow. */
  readonly monotonicMs: () => number;
  readonly onEnd: LegEnd;
  /** Called if a measurement itself has failed. */
  readonly onBug: () => void;
}

/** Makes the function that measures requests of one leg. */
function timer<Outcome>(
  { monotonicMs, onEnd, onBug }: LegDeps,
  resultOf: (outcome: Outcome) => string,
  faultOf: (error: unknown) => string = () => "fault",
) {
  return <T extends Outcome>(
    request: string,
    start: () => Promise<T>,
  ): Promise<T> => {
    const startedMs = monotonicMs();
    const leg = start();
    const end = (result: () => string) => {
      try {
        onEnd(request, result(), monotonicMs() - startedMs);
      } catch {
        onBug();
      }
    };
    leg.then(
      (outcome) => end(() => resultOf(outcome)),
      (error) => end(() => faultOf(error)),
    );
    return leg;
  };
}

/** Measures the requests to a store; `onFault` takes the kind of each fault. */
export function measuredStore(
  store: Store,
  deps: LegDeps & { readonly onFault: (fault: string) => void },
): Store {
  const time = timer<unknown>(deps, () => "ok", (error) => {
    if (!(error instanceof StoreUnavailableError)) return "bug";
    deps.onFault(error.fault);
    return "fault";
  });
  return {
    read: (request) => time("read", () => store.read(request)),
    range: (query) => time("range", () => store.range(query)),
    ...(store.pages !== undefined && {
      pages: (queries) =>
        store.pages!(queries).map((it) => time("range", () => it)),
    }),
    // deno-lint-ignore offcode/records -- this is a store itself
    txn: (transaction) => time("txn", () => store.txn(transaction)),
    timeMs: () => time("time", () => store.timeMs()),
    ...(store.facts !== undefined && {
      facts: () => time("facts", () => store.facts!()),
    }),
    close: () => store.close(),
    ...(store.cells !== undefined && { cells: store.cells }),
    ...(store.refusal !== undefined && { refusal: () => store.refusal!() }),
  };
}

/** The names of the requests to a ledger. */
export const LEDGER_REQUESTS = [
  ...["debit", "debit_confirmed", "reverse", "query"],
  ...["refund", "query_refund"],
] as const;

/** Measures the requests to a ledger. */
export function measuredLedger(ledger: Ledger, deps: LegDeps): Ledger {
  const time = timer<{ readonly kind: string }>(deps, ({ kind }) => kind);
  return {
    debit: (debit, options) =>
      time(
        options.confirmed ? "debit_confirmed" : "debit",
        () => ledger.debit(debit, options),
      ),
    reverse: (paymentId) => time("reverse", () => ledger.reverse(paymentId)),
    query: (paymentId) => time("query", () => ledger.query(paymentId)),
    refund: (refund) => time("refund", () => ledger.refund(refund)),
    queryRefund: (paymentId, refundId) =>
      time("query_refund", () => ledger.queryRefund(paymentId, refundId)),
  };
}

/** The class of a status, such as `2xx`, or the fault. */
function resultOfAttempt(outcome: SendOutcome): string {
  if (outcome.kind === "failed") return outcome.fault;
  const { status } = outcome;
  return status >= 100 && status < 600
    ? `${Math.floor(status / 100)}xx`
    : "other";
}

/** Measures the attempts to deliver callbacks. */
export function measuredSender(sender: Sender, deps: LegDeps): Sender {
  const time = timer<SendOutcome>(deps, resultOfAttempt);
  return {
    send: (request) => time("send", () => sender.send(request)),
    check: (url) => sender.check(url),
    close: () => sender.close(),
  };
}

/** Measures searches. */
export function measuredSearch(search: Search, deps: LegDeps): Search {
  const time = timer<Searched>(deps, ({ kind }) => kind);
  return {
    find: (rations, code, by) =>
      time("find", () => search.find(rations, code, by)),
  };
}
