/**
 * The life of a payment and of its order, as one table: every transition there
 * is, who may cause it, and what it writes besides the two records. What is
 * not in the table does not happen.
 *
 * An order without a payment has a table of its own below, and so has a refund.
 *
 * @module
 */

import type { OrderState, PaymentStatus } from "./record.ts";
import type { RefundStatus } from "./refund.ts";

/** Who causes a transition. */
export type Actor = "merchant" | "wallet" | "ledger" | "sweeper";

/** What happens to a payment. */
export type PaymentEvent =
  /** The ledger moved the money. */
  | "approved"
  /** The ledger said no. */
  | "declined"
  /** The ledger wants the customer's word first. */
  | "held"
  /** The customer agreed. */
  | "confirmed"
  /** The customer said no. */
  | "refused"
  /** The customer did not answer in time. */
  | "lapsed"
  /** The merchant takes it back. */
  | "reverse"
  /** The deadline passed without an answer. */
  | "expired"
  /** The ledger has undone it, and no debit can follow. */
  | "undone"
  /** All of it is given back by refunds. */
  | "refunded";

/** When a payment is to be looked at again. */
export type Due =
  /** Shortly: something is under way that a crash could interrupt. */
  | "soon"
  /** When the customer's time is over. */
  | "confirmation"
  /** Never: it has ended. */
  | "never";

/** One row of the table. */
export interface Transition {
  readonly from: PaymentStatus;
  readonly event: PaymentEvent;
  readonly by: Actor;
  readonly to: PaymentStatus;
  readonly due: Due;
  /** What the payment took from the account's limits goes back. */
  readonly givesBack?: true;
  /** Not while a refund is under way or once one has succeeded. */
  readonly barredByRefund?: true;
  /** Where one reversal in progress ends in two ways: for which of them. */
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
    // Written with the end of the refund that completes the amount.
    from: "succeeded",
    event: "refunded",
    by: "ledger",
    to: "refunded",
    due: "never",
  },
  {
    // No money moved: there is nothing to undo, only to close.
    from: "declined",
    event: "reverse",
    by: "merchant",
    to: "reversed",
    due: "never",
  },
  {
    // A refusal that is being carried out becomes the merchant's reversal.
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

/** Every change of an order that changes no payment; all by the merchant. */
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
  /** The merchant asks for it. */
  | "asked"
  /** The ledger gave the money back. */
  | "given"
  /** The ledger said no. */
  | "declined";

/** One row of the table of refunds. */
export interface RefundTransition {
  readonly from: RefundStatus | "unknown";
  readonly event: RefundEvent;
  readonly by: Actor;
  readonly to: RefundStatus;
  readonly due: Due;
}

/** Every transition of a refund. It gives no share of a limit back. */
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

/** The transition of a refund by `event`, or `null` where it does not apply. */
export function refundTransitionOf(
  from: RefundStatus | "unknown",
  event: RefundEvent,
): RefundTransition | null {
  return REFUND_TRANSITIONS.find((row) =>
    row.from === from && row.event === event
  ) ?? null;
}

/** The transition of `event`, or `null` where it does not apply. */
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
