/**
 * What a payment answers to its merchant, by the state that it is in. A success
 * is told of nothing but a payment that stands. Pure.
 *
 * @module
 */

import { type Refusal, refused } from "../outcome.ts";
import { type PaymentRecord, type PaymentView, viewPayment } from "./record.ts";

/** A payment that stands: goods may be handed over. */
export interface Paid {
  readonly kind: "paid";
  readonly payment: PaymentView;
  /** When it was paid, if that was before this request. */
  readonly before?: PaidBefore;
}

/** A time of day for people. */
export interface PaidBefore {
  /** `hh:mm`. */
  readonly time: string;
  /** IANA name of the zone. */
  readonly timeZone: string;
}

/** When to ask for the result of a payment under way. */
export const QUERY_SECONDS = 2;

/** What a payment answers to its order as it is now. */
export function answerOf(payment: PaymentRecord): Paid | Refusal {
  const about = { orderId: payment.order_id, paymentId: payment.payment_id };
  switch (payment.status) {
    case "succeeded":
      return { kind: "paid", payment: viewPayment(payment) };
    case "processing":
    case "awaiting_confirmation":
      return pendingAnswer(payment.order_id, payment.payment_id);
    case "declined":
      return declinedAnswer(payment.order_id, payment);
    case "reversing":
      // A refusal that is being carried out leaves the order to be tried again.
      if (payment.ends_as === "declined") {
        return pendingAnswer(payment.order_id, payment.payment_id);
      }
      return refused("payment-reversed", about);
    case "reversed":
      return refused("payment-reversed", about);
  }
}

/** Not decided yet: ask again soon. */
export function pendingAnswer(orderId: string, paymentId: string): Refusal {
  return refused("payment-pending", {
    orderId,
    paymentId,
    nextQuerySeconds: QUERY_SECONDS,
  });
}

/** The ledger or the customer said no. */
export function declinedAnswer(
  orderId: string,
  declined: Pick<PaymentRecord, "payment_id" | "decline_reason">,
): Refusal {
  const { payment_id, decline_reason } = declined;
  return refused("payment-declined", {
    orderId,
    paymentId: payment_id,
    ...(decline_reason !== undefined && { declineReason: decline_reason }),
  });
}
