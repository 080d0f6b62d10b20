/**
 * One transition of a payment: the next record of its order, and the transaction that
 * writes it. An end, its callback and what it gives back are written together or not at
 * all. Pure.
 *
 * @module
 */

import { giveBack, offlineRuns } from "../risk/limits.ts";
import type { Commit, Guard } from "../store/commit.ts";
import {
  confirmationsKey,
  doubleScanKey,
  DUE_ORDERS_KEY,
} from "../store/keys.ts";
import { indexKind, IndexPlace } from "../store/indexes.ts";
import { type Held, plainText, recordKind } from "../store/record.ts";
import { nameOf, type Write } from "../store/store.ts";
import type { Consequence, PaymentEnd } from "./consequence.ts";
import type { ClaimRecord, OrderRecord, PaymentRecord } from "./record.ts";
import type { PaymentEvent, Transition } from "./states.ts";

/** An order with a payment, as one snapshot. */
export interface Current {
  /** The order's name. */
  readonly name: string;
  readonly order: OrderRecord;
  readonly held: Held<OrderRecord, "merchant">;
  /** The order's latest payment. */
  readonly payment: PaymentRecord;
  /**
   * When the account was last seen online, unix ms, if that was read. It may be out of date:
   * a transaction that depends on it checks it.
   */
  readonly seenOnlineRaw?: string | null | undefined;
  /** The values of the names that the consequence of an end reads. */
  readonly consequenceValues: readonly (string | null)[];
  /** For a payment across two cells: its claim, once it was read. */
  readonly claim?: Held<ClaimRecord, "account">;
}

/** What belongs to an event besides its kind. */
export interface EventFacts {
  readonly declineReason?: string;
  /** Further guards of the same transaction. */
  readonly guards?: readonly Guard<string>[];
  /** Further writes of the same transaction. */
  readonly writes?: readonly Write[];
}

/** The times of payments, in milliseconds. */
export interface PaymentTimes {
  /** How long after the payment's start a debit may begin. */
  readonly deadlineMs: number;
  /** How long a customer has to confirm. */
  readonly confirmationMs: number;
  /** The longest duration of a call of the ledger. */
  readonly ledgerTimeoutMs: number;
  /** How long an order that has ended is kept. */
  readonly recordMs: number;
}

/** A step that has not ended after this time counts as interrupted by a crash. */
export const RECOVER_AFTER_MS = 10_000;

/**
 * The names of orders with a payment under way, by when the sweeper looks at
 * them.
 */
export const dueOrders = new IndexPlace(DUE_ORDERS_KEY);

/**
 * The records that guard against double scans: each has the id of the latest payment by
 * one payer at one merchant with one amount.
 */
export const doubleScans = recordKind({ key: doubleScanKey, form: plainText });

/** The ids of payments that wait for an account's customer, by their deadline. */
export const confirmations = indexKind(confirmationsKey);

/** What happens to a payment, and when. */
interface Happening {
  readonly row: Transition;
  readonly event: PaymentEvent;
  readonly facts: EventFacts;
  /** Unix ms. */
  readonly nowMs: number;
}

/** What a transition depends on besides the order's record. */
interface Surroundings {
  readonly times: PaymentTimes;
  /** The consequences of an end. */
  readonly consequence: Consequence;
  /** Whether the guard against double scans is still this payment's own. */
  readonly guardIsOwn: boolean;
  /**
   * Whether the account is in another cell. The transition then writes nothing about
   * the account.
   */
  readonly crossing?: boolean;
  /** Whether something has still to be given back in the other cell. */
  readonly owes?: boolean;
}

/** A step that is ready to be committed. */
export interface Planned {
  /** The state after the commit. */
  readonly next: Current;
  readonly commit: Commit<string>;
  /** To be called once it is committed. */
  readonly onCommitted?: () => void;
}

/**
 * Plans the consequences of an end. Their guards are labelled by the names that
 * were read.
 */
export function planConsequence(
  end: PaymentEnd,
  { consequenceValues }: Current,
  consequence: Consequence,
): Commit<string> & Pick<Planned, "onCommitted"> {
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
 * double scans), by the names that a consequence reads, and as `facts` label
 * them.
 */
export function planTransition(
  current: Current,
  { row, event, facts, nowMs }: Happening,
  { times, consequence, guardIsOwn, crossing = false, owes = false }:
    Surroundings,
): Planned {
  const { name, order, payment } = current;
  const ends = row.due === "never";
  const deadlineMs = deadlineAfter(payment, event, nowMs, times);
  const next: PaymentRecord = {
    ...payment,
    ...changesOf(payment, row, event, facts),
    order_version: order.version + 1,
    deadline_ms: ends ? 0 : deadlineMs,
    ...(owes && { owes: true as const }),
    updated_ms: nowMs,
  };
  const nextOrder: OrderRecord = {
    ...order,
    version: next.order_version,
    payment: next,
  };
  // The record of a payment under way never expires: without it nobody could
  // finish the payment.
  const ttlMs = ends && !owes ? times.recordMs : undefined;
  const { held, write } = current.held.put(nextOrder, ttlMs);
  const due = ends && !owes
    ? dueOrders.remove(name)
    : row.due === "confirmation"
    ? dueOrders.put(name, deadlineMs)
    : dueOrders.put(name, nowMs + RECOVER_AFTER_MS);
  // The end and its consequences are committed together.
  const caused = ends
    ? planConsequence(
      { before: payment, after: next, nowMs },
      current,
      consequence,
    )
    : null;
  const back = row.givesBack && !crossing
    ? planGiveBack(current, guardIsOwn)
    : null;
  return {
    next: { ...current, held, order: nextOrder, payment: next },
    commit: {
      guards: [
        current.held.unchanged("order"),
        ...caused?.guards ?? [],
        ...facts.guards ?? [],
        ...back?.guards ?? [],
      ],
      writes: [
        write,
        due,
        ...(crossing ? [] : planWaiting(payment, row, deadlineMs)),
        ...caused?.writes ?? [],
        ...back?.writes ?? [],
        ...facts.writes ?? [],
      ],
    },
    ...(caused?.onCommitted && { onCommitted: caused.onCommitted }),
  };
}

function deadlineAfter(
  { deadline_ms }: PaymentRecord,
  event: PaymentEvent,
  nowMs: number,
  times: PaymentTimes,
): number {
  switch (event) {
    case "confirmed":
      return nowMs + times.deadlineMs;
    case "held":
      return nowMs + times.confirmationMs;
    default:
      return deadline_ms;
  }
}

/** The fields of a payment that an event changes, without times and version. */
function changesOf(
  payment: PaymentRecord,
  row: Transition,
  event: PaymentEvent,
  { declineReason = payment.decline_reason }: EventFacts,
) {
  const isDecline = ["refused", "lapsed", "unclaimed"].includes(event);
  const endsAs = isDecline ? "declined" as const : "reversed" as const;
  return {
    status: row.to,
    // The name is only shown while the payment waits for its customer.
    merchant_name: row.due === "never" ? "" : payment.merchant_name,
    confirmed: payment.confirmed || event === "confirmed",
    ...(declineReason !== undefined && { decline_reason: declineReason }),
    ...(row.from === "succeeded" && row.to === "reversing" &&
      { paid_ms: payment.updated_ms }),
    ...(row.to === "reversing" && { ends_as: endsAs }),
  };
}

/**
 * Adds a payment to those that wait for its customer, or removes it from them.
 */
function planWaiting(
  { payment_id, account_id }: PaymentRecord,
  { from, to }: Transition,
  deadlineMs: number,
): Write[] {
  const waiting = confirmations(account_id);
  if (to === "awaiting_confirmation") {
    return [waiting.put(payment_id, deadlineMs)];
  }
  return from === "awaiting_confirmation" ? [waiting.remove(payment_id)] : [];
}

/**
 * Gives back what a payment has taken of its limits, and its double-scan guard.
 */
export function planGiveBack(
  { payment, seenOnlineRaw = null }: Pick<Current, "payment" | "seenOnlineRaw">,
  guardIsOwn: boolean,
): Commit<string> {
  const { payment_id, merchant_id, account_id, amount_minor, currency } =
    payment;
  const guards: Guard<string>[] = [];
  const run = offlineRuns(account_id).held(seenOnlineRaw);
  if (payment.taken.offline) guards.push(run.unchanged("seen"));
  const writes = giveBack(
    {
      accountId: account_id,
      currency,
      amountMinor: amount_minor,
      ...payment.taken,
    },
    payment.created_ms,
    run.value,
  );
  if (!payment.guards_double_scan || !guardIsOwn) return { guards, writes };
  // This payment takes no money, so the same purchase again is no double scan of it.
  const guard = doubleScans(merchant_id, account_id, currency, amount_minor);
  guards.push(guard.equals("double-scan", payment_id));
  return { guards, writes: [...writes, guard.delete()] };
}
