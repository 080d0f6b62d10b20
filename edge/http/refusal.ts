/**
 * From a use case's refusal to a problem: the one place where outcomes meet
 * the table of problem documents.
 *
 * @module
 */

import type { Refusal, RefusalCode } from "../outcome.ts";
import { type Problem, problem } from "./problem.ts";

/** What happened, for a developer, where the use case says nothing more. */
const DETAILS: Readonly<Record<RefusalCode, string>> = {
  "malformed-request": "The request is not as the API describes it.",
  "not-authenticated": "The bearer key is missing, unknown or withdrawn.",
  "forbidden": "The key is of another scope.",
  "merchant-suspended": "The merchant is suspended.",
  "not-found": "There is nothing under this name for this key.",
  "code-malformed": "The code is not one that is served here.",
  "code-not-accepted": "No customer's code matches now.",
  "code-ambiguous": "The code matches more than one customer.",
  "code-replayed": "The code, or a later one of this customer, was used.",
  "limit-exceeded": "The payment would exceed a limit of the account.",
  "reversal-too-late": "The time for reversing the payment is over.",
  "too-many-attempts": "Too many codes were not accepted; wait.",
  "ledger-unavailable": "The ledger gave no certain answer.",
  "payer-blocked": "The wallet has blocked the customer's account.",
  "order-conflict": "The order or reference is known with other contents.",
  "payment-pending": "The payment is not decided yet.",
  "payment-declined": "The payment was declined.",
  "payment-reversed": "The order is reversed or being reversed.",
  "store-unavailable": "The store gave no trustworthy answer.",
  "clock-unsure": "This edge cannot vouch for its clock.",
};

/** The problem that a refusal is. */
export function problemOf(refusal: Refusal): Problem {
  const ofOrder = refusal.code === "not-found" && refusal.orderId !== undefined;
  return problem(refusal.code, {
    detail: refusal.detail ?? DETAILS[refusal.code],
    orderId: refusal.orderId,
    paymentId: refusal.paymentId,
    declineReason: refusal.declineReason,
    nextQuerySeconds: refusal.nextQuerySeconds,
    retryAfterSeconds: refusal.retryAfterSeconds,
    // An order that is not found may still be under way.
    ...(ofOrder && { retry: "query" as const }),
  });
}
