/**
 * One transition of a payment: its records as they are to be, and the
 * transaction that writes them. An end is written with its callback and with
 * what it gives back, or not at all. Pure.
 *
 * @module
 */

import { givenBack } from "../risk/limits.ts";
import {
  confirmationsKey,
  DUE_ORDERS_KEY,
  orderKey,
  seenOnlineKey,
} from "../store/keys.ts";
import {
  type Check,
  type Transaction,
  unchanged,
  type Write,
} from "../store/store.ts";
import type { Consequence } from "./consequence.ts";
import { type OrderRecord, orderText, type PaymentRecord } from "./record.ts";
import type { PaymentEvent, Transition } from "./states.ts";

/** An order with a payment, as it was read in one moment. */
export interface Current {
  /** The order's name. */
  readonly name: string;
  readonly order: OrderRecord;
  /** The text that the order was read from. */
  readonly orderRaw: string;
  /** The order's latest payment. */
  readonly payment: PaymentRecord;
  /** The values of the names that the consequence of an end reads. */
  readonly consequenceValues: readonly (string | null)[];
}

/** What an event adds to a payment. */
export interface EventFacts {
  readonly declineReason?: string;
  /** Must hold in the same transaction; otherwise nothing changes. */
  readonly checks?: readonly Check[];
  /** Written in the same transaction. */
  readonly writes?: readonly Write[];
}

/** Times, in milliseconds. */
export interface PaymentTimes {
  /** From its start to the moment after which no debit is begun. */
  readonly deadlineMs: number;
  /** How long a customer has to confirm. */
  readonly confirmationMs: number;
  /** Longest that a call of the ledger takes. */
  readonly ledgerTimeoutMs: number;
  /** How long an order is kept that has ended. */
  readonly recordMs: number;
}

/** A crash is noticed this long after a step began. */
export const RECOVER_AFTER_MS = 10_000;

/** What a transition depends on beside its records. */
export interface Surroundings {
  /** What else an end causes. */
  readonly consequence: Consequence;
  /** Whether the guard against double scans is still this payment's own. */
  readonly guardIsOwn: boolean;
  /** When the account was last seen online, as the store has it. */
  readonly seenOnlineRaw: string | null;
}

/** The record and the transaction of one transition. */
export function planTransition(
  current: Current,
  row: Transition,
  event: PaymentEvent,
  facts: EventFacts,
  nowMs: number,
  times: PaymentTimes,
  surroundings: Surroundings,
): {
  next: Current;
  transaction: Transaction;
  /** To be called once the transaction is committed. */
  onCommitted?: () => void;
} {
  const { name, order, payment } = current;
  const version = order.version + 1;
  const reason = facts.declineReason ?? payment.decline_reason;
  const endsAs = event === "refused" || event === "lapsed"
    ? "declined"
    : "reversed";
  const deadlineMs = event === "confirmed"
    ? nowMs + times.deadlineMs
    : event === "held"
    ? nowMs + times.confirmationMs
    : payment.deadline_ms;
  const nextPayment: PaymentRecord = {
    ...payment,
    status: row.to,
    order_version: version,
    confirmed: payment.confirmed || event === "confirmed",
    deadline_ms: deadlineMs,
    ...(reason !== undefined && { decline_reason: reason }),
    ...(row.to === "reversing" && { ends_as: endsAs }),
    updated_at: new Date(nowMs).toISOString(),
  };
  const nextOrder: OrderRecord = {
    ...order,
    state: row.order[1],
    version,
    payment: nextPayment,
  };
  const orderRaw = orderText(nextOrder);
  const { payment_id, account_id } = payment;
  const confirmations = confirmationsKey(account_id);
  const checks: Check[] = [
    { kind: "equals", key: orderKey(name), value: current.orderRaw },
  ];
  let onCommitted: (() => void) | undefined;
  const ends = row.due === "never";
  const writes: Write[] = [
    {
      kind: "set",
      key: orderKey(name),
      value: orderRaw,
      // The record of a payment under way never expires: without it nobody
      // could finish the payment.
      ...(ends && { ttlMs: times.recordMs }),
    },
    ends ? { kind: "unindex", index: DUE_ORDERS_KEY, member: name } : {
      kind: "index",
      index: DUE_ORDERS_KEY,
      member: name,
      score: row.due === "confirmation" ? deadlineMs : nowMs + RECOVER_AFTER_MS,
    },
  ];
  if (row.to === "awaiting_confirmation") {
    writes.push({
      kind: "index",
      index: confirmations,
      member: payment_id,
      score: deadlineMs,
    });
  } else if (row.from === "awaiting_confirmation") {
    writes.push({ kind: "unindex", index: confirmations, member: payment_id });
  }
  if (ends) {
    // The end and its consequences are committed together.
    const plan = surroundings.consequence.plan(
      { before: payment, after: nextPayment, nowMs },
      current.consequenceValues,
    );
    checks.push(...plan.checks);
    writes.push(...plan.writes);
    onCommitted = plan.onCommitted;
  }
  checks.push(...(facts.checks ?? []));
  if (row.givesBack) {
    const { seenOnlineRaw } = surroundings;
    checks.push(unchanged(seenOnlineKey(account_id), seenOnlineRaw));
    writes.push(...givenBack(
      payment.taken,
      account_id,
      Date.parse(payment.created_at),
      seenOnlineRaw === null ? null : Number(seenOnlineRaw),
    ));
    if (payment.twin_key !== undefined && surroundings.guardIsOwn) {
      // The same purchase again is no double scan of this one.
      checks.push({ kind: "equals", key: payment.twin_key, value: payment_id });
      writes.push({ kind: "delete", key: payment.twin_key });
    }
  }
  writes.push(...(facts.writes ?? []));
  return {
    next: {
      name,
      order: nextOrder,
      orderRaw,
      payment: nextPayment,
      consequenceValues: current.consequenceValues,
    },
    transaction: { checks, writes },
    ...(onCommitted !== undefined && { onCommitted }),
  };
}
