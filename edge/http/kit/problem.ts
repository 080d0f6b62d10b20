/**
 * Problem documents: the body of every answer that is not a success
 * (RFC 9457, `application/problem+json`). `problem_texts.ts` is the table of what
 * each code means. This file makes a document and a response from a row of that table
 * and the facts of one occurrence.
 *
 * A problem never contains what the client sent, except an order id and what was paid
 * for that order. It is never cached.
 *
 * @module
 */

import type { Mode } from "../../base/ids.ts";
import {
  type ProblemCode,
  type ProblemKind,
  PROBLEMS,
  type Retry,
  type Text,
} from "./problem_texts.ts";

export {
  PROBLEM_CODES,
  type ProblemCode,
  type Retry,
  type Text,
} from "./problem_texts.ts";

/** Media type of a problem document (RFC 9457 §6.1). */
export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** The JSON of a problem, RFC 9457 with this API's extension members. */
export interface ProblemDocument {
  /**
   * URI reference `/problems/<code>`: relative to the API's own origin, where
   * a page explains it, and stable.
   */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened in this occurrence, in English, for a developer. */
  readonly detail: string;
  /** URI of the occurrence: `urn:offcode:request:` and the request's id. */
  readonly instance?: string;
  readonly code: ProblemCode;
  readonly retry: Retry;
  readonly cashier: Text;
  readonly customer: Text;
  /** Whether the server that answers has a test ledger; absent until it is sent. */
  readonly mode?: Mode;
  /** Seconds after which the caller should ask for the order's state. */
  readonly next_query_seconds?: number;
  readonly order_id?: string;
  readonly payment_id?: string;
  /** Why the ledger or the customer declined, as a snake_case word. */
  readonly decline_reason?: string;
  /**
   * Only for a renewal, a core release or a refund: why it is refused, as a
   * word.
   */
  readonly reason?: string;
  /** The earlier order, of which this one looks like a double scan. */
  readonly earlier_order_id?: string;
  /** When that order was scanned, RFC 3339. */
  readonly earlier_at?: string;
  /** The id that the merchant gave to the refund in question. */
  readonly refund_id?: string;
  /**
   * Only for a refused refund: how much can still be given back, in minor
   * units.
   */
  readonly refundable_minor?: number;
  /** The status of a payment under way; `status` is the HTTP status. */
  readonly payment_status?: string;
  /** Whose answer that payment waits for. */
  readonly waits_for?: "ledger" | "customer";
  /** When the order was paid, if it was paid earlier, RFC 3339. */
  readonly paid_at?: string;
  /** The amount that was paid earlier, in minor units. */
  readonly amount_minor?: number;
  /** ISO 4217 code of the amount that was paid earlier. */
  readonly currency?: string;
}

/** A problem for a client: the document and the headers of its response. */
export interface Problem {
  readonly document: ProblemDocument;
  /** Value of the `Retry-After` header. */
  readonly retryAfterSeconds?: number;
  /** Further headers that explain the status, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The facts of one occurrence. */
export interface ProblemFacts {
  /** For a developer; must not contain a code, a key or the value of a field. */
  readonly detail: string;
  readonly instance?: string | undefined;
  readonly orderId?: string | undefined;
  readonly paymentId?: string | undefined;
  readonly declineReason?: string | undefined;
  readonly reason?: string | undefined;
  readonly earlier?: {
    readonly orderId: string;
    readonly atMs: number;
  } | undefined;
  readonly refundId?: string | undefined;
  readonly refundable?: {
    readonly amountMinor: number;
    readonly currency: string;
  } | undefined;
  /** The status of a payment under way, and what it waits for. */
  readonly underWay?: {
    readonly status: string;
    readonly waitsFor: "ledger" | "customer";
  } | undefined;
  /** What was paid for an order that was paid earlier, and when. */
  readonly paid?: {
    readonly atMs: number;
    readonly amountMinor: number;
    readonly currency: string;
  };
  /** Texts that replace those of the table in this occurrence. */
  readonly title?: string;
  readonly cashier?: Text;
  readonly customer?: Text;
  /** Whole seconds, 1 or more; by default those of the table, if it has any. */
  readonly nextQuerySeconds?: number | undefined;
  /** Whole seconds, 1 or more; by default those of the table, if it has any. */
  readonly retryAfterSeconds?: number | undefined;
  /**
   * Replaces the table's retry hint, such as by `query` for an order that is
   * not found.
   */
  readonly retry?: Retry | undefined;
  /**
   * Replaces the table's status for a body for which HTTP has a more exact one.
   */
  readonly status?: 413 | 415 | undefined;
  readonly headers?: Problem["headers"];
}

/**
 * Makes the problem `code` with the facts of this occurrence.
 *
 * @throws {RangeError} If a number of seconds is not an integer of 1 or more.
 *
 * @example
 * ```ts
 * import { problem, problemResponse } from "./problem.ts";
 *
 * const pending = problem("payment-pending", {
 *   detail: "The ledger has not answered yet.",
 *   orderId: "order-17",
 *   nextQuerySeconds: 3,
 * });
 * const instance = "urn:offcode:request:req_1";
 * const response = problemResponse(pending, { instance, mode: "live" });
 * console.log(response.status); // 402
 * ```
 */
export function problem(code: ProblemCode, facts: ProblemFacts): Problem {
  const kind: ProblemKind = PROBLEMS[code];
  const next = seconds(facts.nextQuerySeconds ?? kind.nextQuerySeconds);
  const after = seconds(facts.retryAfterSeconds ?? kind.retryAfterSeconds);
  return {
    document: {
      type: `/problems/${code}`,
      title: facts.title ?? kind.title,
      status: facts.status ?? kind.status,
      detail: facts.detail,
      ...(facts.instance !== undefined && { instance: facts.instance }),
      code,
      retry: facts.retry ?? kind.retry,
      cashier: facts.cashier ?? kind.cashier,
      customer: facts.customer ?? kind.customer,
      ...(next !== undefined && { next_query_seconds: next }),
      ...(facts.orderId !== undefined && { order_id: facts.orderId }),
      ...(facts.paymentId !== undefined && { payment_id: facts.paymentId }),
      ...(facts.declineReason !== undefined &&
        { decline_reason: facts.declineReason }),
      ...(facts.reason !== undefined && { reason: facts.reason }),
      ...(facts.earlier !== undefined && {
        earlier_order_id: facts.earlier.orderId,
        earlier_at: new Date(facts.earlier.atMs).toISOString(),
      }),
      ...(facts.refundId !== undefined && { refund_id: facts.refundId }),
      ...(facts.refundable !== undefined && {
        refundable_minor: facts.refundable.amountMinor,
        currency: facts.refundable.currency,
      }),
      ...(facts.underWay !== undefined && {
        payment_status: facts.underWay.status,
        waits_for: facts.underWay.waitsFor,
      }),
      ...(facts.paid !== undefined && {
        paid_at: new Date(facts.paid.atMs).toISOString(),
        amount_minor: facts.paid.amountMinor,
        currency: facts.paid.currency,
      }),
    },
    ...(after !== undefined && { retryAfterSeconds: after }),
    ...(facts.headers !== undefined && { headers: facts.headers }),
  };
}

/**
 * Turns a problem into a response of a server of this mode. `instance`, the URI of the
 * occurrence, is used if the problem names none.
 */
export function problemResponse(
  problem: Problem,
  { instance, mode }: { readonly instance: string; readonly mode: Mode },
): Response {
  const { document } = problem;
  const headers = new Headers({
    ...problem.headers,
    "content-type": PROBLEM_MEDIA_TYPE,
    "cache-control": "no-store",
  });
  if (problem.retryAfterSeconds !== undefined) {
    headers.set("retry-after", String(problem.retryAfterSeconds));
  }
  // RFC 9110 §15.5.2: a 401 names the scheme that would be accepted.
  if (document.status === 401) headers.set("www-authenticate", "Bearer");
  const { type, title, status, detail, ...rest } = document;
  return new Response(
    JSON.stringify({ type, title, status, detail, instance, ...rest, mode }),
    { status, headers },
  );
}

function seconds(value: number | undefined): number | undefined {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1)) {
    throw new RangeError("Seconds must be an integer of 1 or more");
  }
  return value;
}
