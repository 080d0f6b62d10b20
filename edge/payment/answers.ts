/**
 * The answer about a payment to its merchant, by the payment's state. Only a payment
 * that is committed as succeeded is answered as a success. Pure.
 *
 * @module
 */

import { type Refusal, refused } from "../base/outcome.ts";
import {
  type Attempt,
  type PaymentView,
  QUERY_SECONDS,
  viewPayment,
  waitsFor,
} from "./record.ts";

/** A payment that succeeded and is committed: goods may be handed over. */
export interface Paid {
  readonly kind: "paid";
  readonly payment: PaymentView;
  /** When the order was paid, if that was before this request. */
  readonly before?: PaidBefore;
}

/** A time of day for people. */
export interface PaidBefore {
  /** `hh:mm`. */
  readonly time: string;
  /** IANA name of the zone. */
  readonly timeZone: string;
}

/** The members of a refusal that are about its payment. */
export function aboutPayment(
  { order_id, payment_id, status }: Attempt,
): Omit<Refusal, "kind" | "code"> {
  const waits = waitsFor(status);
  return {
    orderId: order_id,
    paymentId: payment_id,
    ...(waits !== undefined && {
      underWay: { status, waitsFor: waits },
      nextQuerySeconds: QUERY_SECONDS,
    }),
  };
}

/** The answer about a payment in its present state. */
export function answerOf(payment: Attempt): Paid | Refusal {
  switch (payment.status) {
    case "succeeded":
      return { kind: "paid", payment: viewPayment(payment) };
    case "processing":
    case "awaiting_confirmation":
      return pendingAnswer(payment);
    case "declined":
      return declinedAnswer(payment.order_id, payment);
    case "reversing":
      // The customer's refusal is being carried out. When that is done the order is
      // declined and can be tried again, so the caller has to wait.
      return payment.ends_as === "declined"
        ? pendingAnswer(payment)
        : refused("payment-reversed", aboutPayment(payment));
    case "reversed":
      return refused("payment-reversed", aboutPayment(payment));
    case "refunded":
      return refused("order-refunded", aboutPayment(payment));
  }
}

/** The answer about a payment that is not decided yet. */
export function pendingAnswer(payment: Attempt): Refusal {
  return refused("payment-pending", aboutPayment(payment));
}

/** The answer about a payment that the ledger or the customer declined. */
function declinedAnswer(
  orderId: string,
  declined: Pick<Attempt, "payment_id" | "decline_reason">,
): Refusal {
  const { payment_id, decline_reason } = declined;
  return refused("payment-declined", {
    orderId,
    paymentId: payment_id,
    ...(decline_reason !== undefined && { declineReason: decline_reason }),
  });
}
