/**
 * What a payment answers to its merchant, by the state that it is in. A success
 * is told of nothing but a payment that is committed. Pure.
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

/** A payment that is committed: goods may be handed over. */
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

/** What a refusal says about its payment. */
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

/** What a payment answers to its order as it is now. */
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
      // A refusal that is being carried out leaves the order to be tried again.
      return payment.ends_as === "declined"
        ? pendingAnswer(payment)
        : refused("payment-reversed", aboutPayment(payment));
    case "reversed":
      return refused("payment-reversed", aboutPayment(payment));
    case "refunded":
      return refused("order-refunded", aboutPayment(payment));
  }
}

/** Not decided yet: ask again soon. */
export function pendingAnswer(payment: Attempt): Refusal {
  return refused("payment-pending", aboutPayment(payment));
}

/** The ledger or the customer said no. */
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
