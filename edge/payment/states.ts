/**
 * The life of a payment and of its order, as one table: every transition there
 * is, who may cause it, and what it writes besides the two records. What is
 * not in the table does not happen.
 *
 * An order without a payment has a table of its own below.
 *
 * @module
 */

import type { OrderState, PaymentStatus } from "./record.ts";

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
  | "undone";

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
