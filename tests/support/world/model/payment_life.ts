/**
 * A payment's life once more, written down for tests apart from the table that
 * they test.
 *
 * @module
 */

import type {
  OrderState,
  PaymentStatus,
} from "../../../../edge/payment/record.ts";
import type { PaymentEvent } from "../../../../edge/payment/states.ts";

/** Every event that there is. */
export const EVENTS: readonly PaymentEvent[] = [
  "approved",
  "declined",
  "held",
  "confirmed",
  "refused",
  "lapsed",
  "reverse",
  "expired",
  "undone",
  "refunded",
  "unclaimed",
];

/** A status; a reversal in progress with what it will end as. */
export interface State {
  readonly status: PaymentStatus;
  readonly endsAs: "reversed" | "declined" | undefined;
}

/** Every state that a payment can be in. */
export const STATES: readonly State[] = [
  { status: "processing", endsAs: undefined },
  { status: "awaiting_confirmation", endsAs: undefined },
  { status: "succeeded", endsAs: undefined },
  { status: "declined", endsAs: undefined },
  { status: "declined", endsAs: "declined" },
  { status: "reversing", endsAs: "reversed" },
  { status: "reversing", endsAs: "declined" },
  { status: "reversed", endsAs: "reversed" },
  { status: "refunded", endsAs: undefined },
];

/** The name of a state in {@linkcode LIFE}. */
export function stateName(
  status: PaymentStatus,
  endsAs: State["endsAs"],
): string {
  return status === "reversing" ? `${status} as ${endsAs}` : status;
}

/** What follows on what. */
export const LIFE: Readonly<
  Record<string, Readonly<Partial<Record<PaymentEvent, string>>>>
> = {
  "processing": {
    approved: "succeeded",
    declined: "declined",
    held: "awaiting_confirmation",
    reverse: "reversing as reversed",
    expired: "reversing as reversed",
    unclaimed: "reversing as declined",
  },
  "awaiting_confirmation": {
    confirmed: "processing",
    refused: "reversing as declined",
    lapsed: "reversing as declined",
    unclaimed: "reversing as declined",
    reverse: "reversing as reversed",
  },
  "succeeded": { reverse: "reversing as reversed", refunded: "refunded" },
  "declined": { reverse: "reversed" },
  "reversing as reversed": { undone: "reversed" },
  "reversing as declined": {
    undone: "declined",
    reverse: "reversing as reversed",
  },
  "reversed": {},
  "refunded": {},
};

/** Where an order stands while its latest payment stands so. */
export const ORDER_OF: Readonly<Record<PaymentStatus, OrderState>> = {
  processing: "open",
  awaiting_confirmation: "open",
  succeeded: "paid",
  declined: "declined",
  reversing: "reversing",
  reversed: "reversed",
  refunded: "refunded",
};
