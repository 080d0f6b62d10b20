/**
 * The states of a payment and of its order, as one table: every transition, who may cause
 * it, and what it writes besides the record. A transition that is not in the table never
 * happens.
 *
 * Orders without a payment, and refunds, have tables of their own below.
 *
 * @module
 */

import type { OrderState, PaymentStatus } from "./record.ts";
import type { RefundStatus } from "./refund.ts";

/** Who causes a transition. */
export type Actor = "merchant" | "wallet" | "ledger" | "sweeper";

/** What happens to a payment. */
export type PaymentEvent =
  /** The ledger has moved the money. */
  | "approved"
  /** The ledger has declined the debit. */
  | "declined"
  /** The ledger wants the customer to confirm first. */
  | "held"
  /** The customer has confirmed the payment. */
  | "confirmed"
  /** The customer has refused the payment. */
  | "refused"
  /** The customer did not answer in time. */
  | "lapsed"
  /** The merchant reverses the order. */
  | "reverse"
  /** The deadline has passed without an answer of the ledger. */
  | "expired"
  /** The customer's cell has no claim of the payment, and never will have one. */
  | "unclaimed"
  /** The ledger has undone the debit, and no debit can follow. */
  | "undone"
  /** Refunds have given the whole amount back. */
  | "refunded";

/** When the sweeper looks at the payment. */
export type Due =
  /** After a short time, because a crash could interrupt what is under way. */
  | "soon"
  /** When the customer's time is over. */
  | "confirmation"
  /** Never, because the payment has ended. */
  | "never";

/** One row of the table. */
export interface Transition {
  readonly from: PaymentStatus;
  readonly event: PaymentEvent;
  readonly by: Actor;
  readonly to: PaymentStatus;
  readonly due: Due;
  /** Whether the payment's share of the account's limits is given back. */
  readonly givesBack?: true;
  /** Whether a refund that is under way or succeeded prevents the transition. */
  readonly barredByRefund?: true;
  /** The row applies only to a reversal that will end with this status. */
  readonly endsAs?: "reversed" | "declined";
}

/** Every transition of a payment. */
export const PAYMENT_TRANSITIONS: readonly Transition[] = [
  {
    from: "processing",
    event: "approved",
    by: "ledger",
    to: "succeeded",
    due: "never",
  },
  {
    from: "processing",
    event: "declined",
    by: "ledger",
    to: "declined",
    due: "never",
    givesBack: true,
  },
  {
    from: "processing",
    event: "held",
    by: "ledger",
    to: "awaiting_confirmation",
    due: "confirmation",
  },
  {
    from: "processing",
    event: "reverse",
    by: "merchant",
    to: "reversing",
    due: "soon",
  },
  {
    from: "processing",
    event: "expired",
    by: "sweeper",
    to: "reversing",
    due: "soon",
  },
  {
    from: "processing",
    event: "unclaimed",
    by: "sweeper",
    to: "reversing",
    due: "soon",
  },
  {
    from: "awaiting_confirmation",
    event: "unclaimed",
    by: "sweeper",
    to: "reversing",
    due: "soon",
  },
  {
    from: "awaiting_confirmation",
    event: "confirmed",
    by: "wallet",
    to: "processing",
    due: "soon",
  },
  {
    from: "awaiting_confirmation",
    event: "refused",
    by: "wallet",
    to: "reversing",
    due: "soon",
  },
  {
    from: "awaiting_confirmation",
    event: "lapsed",
    by: "sweeper",
    to: "reversing",
    due: "soon",
  },
  {
    from: "awaiting_confirmation",
    event: "reverse",
    by: "merchant",
    to: "reversing",
    due: "soon",
  },
  {
    from: "succeeded",
    event: "reverse",
    by: "merchant",
    to: "reversing",
    due: "soon",
    barredByRefund: true,
  },
  {
    // Written together with the end of the refund that completes the amount.
    from: "succeeded",
    event: "refunded",
    by: "ledger",
    to: "refunded",
    due: "never",
  },
  {
    // No money has moved, so the order is only closed.
    from: "declined",
    event: "reverse",
    by: "merchant",
    to: "reversed",
    due: "never",
  },
  {
    // The customer's refusal is being carried out. The merchant's reversal takes its place.
    from: "reversing",
    event: "reverse",
    by: "merchant",
    to: "reversing",
    due: "soon",
    endsAs: "declined",
  },
  {
    from: "reversing",
    event: "undone",
    by: "ledger",
    to: "reversed",
    due: "never",
    givesBack: true,
    endsAs: "reversed",
  },
  {
    from: "reversing",
    event: "undone",
    by: "ledger",
    to: "declined",
    due: "never",
    givesBack: true,
    endsAs: "declined",
  },
];

/**
 * Every change of an order that is not a transition of its payment; all by the
 * merchant.
 */
export const ORDER_TRANSITIONS: readonly {
  readonly from: OrderState | "unknown";
  readonly event: "scan" | "reverse";
  readonly to: OrderState;
}[] = [
  { from: "unknown", event: "scan", to: "open" },
  { from: "declined", event: "scan", to: "open" },
  { from: "unknown", event: "reverse", to: "reversed" },
];

/** What happens to a refund. */
export type RefundEvent =
  /** The merchant asks for the refund. */
  | "asked"
  /** The ledger has given the money back. */
  | "given"
  /** The ledger has declined the refund. */
  | "declined";

/** One row of the table of refunds. */
export interface RefundTransition {
  readonly from: RefundStatus | "unknown";
  readonly event: RefundEvent;
  readonly by: Actor;
  readonly to: RefundStatus;
  readonly due: Due;
}

/**
 * Every transition of a refund. None gives back a share of the account's
 * limits.
 */
export const REFUND_TRANSITIONS: readonly RefundTransition[] = [
  {
    from: "unknown",
    event: "asked",
    by: "merchant",
    to: "processing",
    due: "soon",
  },
  {
    from: "processing",
    event: "given",
    by: "ledger",
    to: "succeeded",
    due: "never",
  },
  {
    from: "processing",
    event: "declined",
    by: "ledger",
    to: "declined",
    due: "never",
  },
];

/**
 * The transition of a refund by `event`, or `null` if the event does not apply.
 */
export function refundTransitionOf(
  from: RefundStatus | "unknown",
  event: RefundEvent,
): RefundTransition | null {
  return REFUND_TRANSITIONS.find((row) =>
    row.from === from && row.event === event
  ) ?? null;
}

/**
 * The transition of a payment by `event`, or `null` if the event does not
 * apply.
 */
export function transitionOf(
  from: PaymentStatus,
  event: PaymentEvent,
  endsAs: "reversed" | "declined" | undefined,
): Transition | null {
  return PAYMENT_TRANSITIONS.find((row) =>
    row.from === from && row.event === event &&
    (row.endsAs === undefined || row.endsAs === endsAs)
  ) ?? null;
}
