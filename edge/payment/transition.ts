/**
 * One transition of a payment: its records as they are to be, and the
 * transaction that writes them. An end is written with its callback and with
 * what it gives back, or not at all. Pure.
 *
 * @module
 */

import { giveBack } from "../risk/limits.ts";
import type { Commit, Guard } from "../store/commit.ts";
import {
  accountField,
  confirmationsKey,
  doubleScanKey,
  DUE_ORDERS_KEY,
} from "../store/keys.ts";
import { indexKind, IndexPlace } from "../store/indexes.ts";
import type { Held } from "../store/record.ts";
import { nameOf, unchanged, type Write } from "../store/store.ts";
import type { Consequence, PaymentEnd } from "./consequence.ts";
import type { OrderRecord, PaymentRecord } from "./record.ts";
import type { PaymentEvent, Transition } from "./states.ts";

/** An order with a payment, as it was read in one moment. */
export interface Current {
  /** The order's name. */
  readonly name: string;
  readonly order: OrderRecord;
  readonly held: Held<OrderRecord>;
  /** The order's latest payment. */
  readonly payment: PaymentRecord;
  /**
   * When the account's offline uses began anew, unix ms, as far as it was read; what
   * rests on it is checked.
   */
  readonly seenOnlineRaw?: string | null | undefined;
  /** The values of the names that the consequence of an end reads. */
  readonly consequenceValues: readonly (string | null)[];
}

/** What an event adds to a payment. */
export interface EventFacts {
  readonly declineReason?: string;
  /** Must hold in the same transaction; otherwise nothing changes. */
  readonly guards?: readonly Guard<string>[];
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

/** Names of orders with a payment under way, by when to look again. */
export const dueOrders = new IndexPlace(DUE_ORDERS_KEY);

/** Ids of payments that wait for an account's customer, by their deadline. */
export const confirmations = indexKind(confirmationsKey);

/** What a transition depends on beside its records. */
export interface Surroundings {
  /** What else an end causes. */
  readonly consequence: Consequence;
  /** Whether the guard against double scans is still this payment's own. */
  readonly guardIsOwn: boolean;
}

/** A step, ready for the store. */
export interface Planned {
  /** What stands once it is committed. */
  readonly next: Current;
  readonly commit: Commit<string>;
  /** To be called once it is committed. */
  readonly onCommitted?: () => void;
}

/** What an end causes: its guards are labelled by the name that was read. */
export function planConsequence(
  end: PaymentEnd,
  { consequenceValues }: Current,
  consequence: Consequence,
): {
  readonly guards: readonly Guard<string>[];
  readonly writes: readonly Write[];
  readonly onCommitted?: () => void;
} {
  const { checks, ...plan } = consequence.plan(end, consequenceValues);
  return {
    ...plan,
    guards: checks.map((check) => ({
      ...check,
      label: "key" in check ? nameOf(check.key) : "consequence",
    })),
  };
}

/**
 * The record and the commit of one transition. Its guards are labelled `order`,
 * `seen` (when the account was seen online), `double-scan` (the guard against
 * double scans), by the name that a consequence reads, and as their caller does.
 */
export function planTransition(
  current: Current,
  row: Transition,
  event: PaymentEvent,
  facts: EventFacts,
  nowMs: number,
  times: PaymentTimes,
  surroundings: Surroundings,
): Planned {
  const { name, order, payment } = current;
  const version = order.version + 1;
  const ends = row.due === "never";
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
    // What nobody asks of a payment that has ended is not kept.
    merchant_name: ends ? "" : payment.merchant_name,
    status: row.to,
    order_version: version,
    confirmed: payment.confirmed || event === "confirmed",
    deadline_ms: ends ? 0 : deadlineMs,
    ...(reason !== undefined && { decline_reason: reason }),
    ...(row.to === "reversing" && { ends_as: endsAs }),
    updated_ms: nowMs,
  };
  const nextOrder: OrderRecord = { ...order, version, payment: nextPayment };
  // The record of a payment under way never expires: without it nobody could
  // finish the payment.
  const ttlMs = ends ? times.recordMs : undefined;
  const { held, write } = current.held.put(nextOrder, ttlMs);
  const { payment_id, merchant_id, account_id, amount_minor, currency } =
    payment;
  const waiting = confirmations(account_id);
  const guards: Guard<string>[] = [current.held.unchanged("order")];
  let onCommitted: (() => void) | undefined;
  const writes: Write[] = [
    write,
    ends ? dueOrders.remove(name) : dueOrders.put(
      name,
      row.due === "confirmation" ? deadlineMs : nowMs + RECOVER_AFTER_MS,
    ),
  ];
  if (row.to === "awaiting_confirmation") {
    writes.push(waiting.put(payment_id, deadlineMs));
  } else if (row.from === "awaiting_confirmation") {
    writes.push(waiting.remove(payment_id));
  }
  if (ends) {
    // The end and its consequences are committed together.
    const plan = planConsequence(
      { before: payment, after: nextPayment, nowMs },
      current,
      surroundings.consequence,
    );
    guards.push(...plan.guards);
    writes.push(...plan.writes);
    onCommitted = plan.onCommitted;
  }
  guards.push(...(facts.guards ?? []));
  if (row.givesBack) {
    const { seenOnlineRaw = null } = current;
    if (payment.taken.offline) {
      const seen = accountField(account_id, "run");
      guards.push({ ...unchanged(seen, seenOnlineRaw), label: "seen" });
    }
    writes.push(...giveBack(
      {
        accountId: account_id,
        currency,
        amountMinor: amount_minor,
        ...payment.taken,
      },
      payment.created_ms,
      seenOnlineRaw === null ? null : Number(seenOnlineRaw),
    ));
    if (payment.guards_double_scan && surroundings.guardIsOwn) {
      // The same purchase again is no double scan of this one.
      const doubleScan = doubleScanKey(
        merchant_id,
        account_id,
        currency,
        amount_minor,
      );
      guards.push({
        kind: "equals",
        key: doubleScan,
        value: payment_id,
        label: "double-scan",
      });
      writes.push({ kind: "delete", key: doubleScan });
    }
  }
  writes.push(...(facts.writes ?? []));
  return {
    next: { ...current, held, order: nextOrder, payment: nextPayment },
    commit: { guards, writes },
    ...(onCommitted !== undefined && { onCommitted }),
  };
}
