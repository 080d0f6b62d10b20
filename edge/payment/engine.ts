/**
 * Carries payments from state to state: one transition, one transaction, taken
 * only from the state it was decided on. And drives what is under way: asks
 * the ledger what is to be asked and writes what it said.
 *
 * Any number of processes may drive the same payment at once. The ledger's
 * calls are idempotent and each transition happens once, so the losers only
 * see what the winner wrote.
 *
 * @module
 */

import { planCallback } from "../callback/queued.ts";
import type { Clock } from "../clock.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { givenBack } from "../risk/limits.ts";
import {
  callbackEndpointKey,
  confirmationsKey,
  DUE_PAYMENTS_KEY,
  orderKey,
  paymentKey,
  RECORD_TTL_MS,
  seenOnlineKey,
} from "../store/keys.ts";
import {
  type Check,
  type Store,
  StoreUnavailableError,
  type Transaction,
  unchanged,
  type Write,
} from "../store/store.ts";
import type { OrderRecord, PaymentRecord } from "./record.ts";
import { type PaymentEvent, type Transition, transitionOf } from "./states.ts";

/**
 * A payment with its order and its merchant's callback endpoint, with the
 * texts they were read from.
 */
export interface Current {
  readonly order: OrderRecord;
  readonly orderRaw: string;
  readonly payment: PaymentRecord;
  readonly paymentRaw: string;
  /** `null`: the merchant has none. */
  readonly endpointRaw: string | null;
}

/** An order, as its merchant names it. */
export interface OrderName {
  readonly merchant_id: string;
  readonly order_id: string;
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
}

/** A crash is noticed this long after a step began. */
export const RECOVER_AFTER_MS = 10_000;

/** Carries payments from state to state. */
export interface Engine {
  /**
   * A payment with its order as they are now, in one round trip where the
   * order is known.
   */
  read(paymentId: string, order?: OrderName): Promise<Current | null>;
  /**
   * Applies an event, if the payment is still as in `current`; what stands
   * afterwards, by whomever, or `null` where the event does not apply.
   */
  apply(
    current: Current,
    event: PaymentEvent,
    facts?: EventFacts,
  ): Promise<Current | null>;
  /**
   * Asks the ledger what is to be asked of a payment under way and writes the
   * answer; what stands afterwards. Without a certain answer nothing changes.
   */
  drive(current: Current): Promise<Current>;
}

/** What a transition that gives back depends on beside its records. */
export interface Surroundings {
  /** Whether the guard against double scans is still this payment's own. */
  readonly guardIsOwn: boolean;
  /** When the account was last seen online, as it stands in the store. */
  readonly seenOnlineRaw: string | null;
}

const TRIES = 4;

/** The records and the transaction of one transition. */
export function planTransition(
  current: Current,
  row: Transition,
  event: PaymentEvent,
  facts: EventFacts,
  nowMs: number,
  times: PaymentTimes,
  surroundings: Surroundings,
): { next: Current; transaction: Transaction } {
  const { order, payment } = current;
  const { attempt } = order;
  if (attempt?.payment_id !== payment.payment_id) {
    throw new TypeError("A payment that is not its order's latest was moved");
  }
  const version = order.version + 1;
  const declined = row.to === "declined";
  const reason = facts.declineReason ?? payment.decline_reason;
  const endsAs = event === "refused" || event === "lapsed"
    ? "declined"
    : "reversed";
  const deadlineMs = event === "confirmed"
    ? nowMs + times.deadlineMs
    : event === "held"
    ? nowMs + times.confirmationMs
    : payment.deadline_ms;
  const nextOrder: OrderRecord = {
    state: row.order[1],
    version,
    attempt: {
      ...attempt,
      ...(row.order[1] === "paid" && { paid_at_ms: nowMs }),
      ...(declined && reason !== undefined && { decline_reason: reason }),
    },
  };
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
  const orderRaw = JSON.stringify(nextOrder);
  const paymentRaw = JSON.stringify(nextPayment);
  const { payment_id, merchant_id, order_id, account_id } = payment;
  const confirmations = confirmationsKey(account_id);
  const checks: Check[] = [
    { kind: "equals", key: paymentKey(payment_id), value: current.paymentRaw },
    {
      kind: "equals",
      key: orderKey(merchant_id, order_id),
      value: current.orderRaw,
    },
  ];
  const writes: Write[] = [
    {
      kind: "set",
      key: paymentKey(payment_id),
      value: paymentRaw,
      ttlMs: RECORD_TTL_MS,
    },
    {
      kind: "set",
      key: orderKey(merchant_id, order_id),
      value: orderRaw,
      ttlMs: RECORD_TTL_MS,
    },
    row.due === "never"
      ? { kind: "unindex", index: DUE_PAYMENTS_KEY, member: payment_id }
      : {
        kind: "index",
        index: DUE_PAYMENTS_KEY,
        member: payment_id,
        score: row.due === "confirmation"
          ? deadlineMs
          : nowMs + RECOVER_AFTER_MS,
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
  if (row.due === "never") {
    // No end without its message, no message without the end.
    const callback = planCallback(nextPayment, current.endpointRaw, nowMs);
    checks.push(...callback.checks);
    writes.push(...callback.writes);
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
      order: nextOrder,
      orderRaw,
      payment: nextPayment,
      paymentRaw,
      endpointRaw: current.endpointRaw,
    },
    transaction: { checks, writes },
  };
}

/** Makes an {@linkcode Engine}. */
export function createEngine(deps: {
  store: Store;
  ledger: Ledger;
  clock: Clock;
  clockGuard: ClockGuard;
  times: PaymentTimes;
  /** Told of every merchant that a callback was queued for. */
  onCallback?: (merchantId: string) => void;
}): Engine {
  const { store, ledger, clock, times } = deps;

  /** The order that a payment is of. */
  async function orderOf(paymentId: string): Promise<OrderName | null> {
    const [raw] = (await store.read({ keys: [paymentKey(paymentId)] })).values;
    return raw == null ? null : JSON.parse(raw) as PaymentRecord;
  }

  async function read(
    paymentId: string,
    order?: OrderName,
  ): Promise<Current | null> {
    const known = order ?? await orderOf(paymentId);
    if (known === null) return null;
    const { merchant_id, order_id } = known;
    // Beside the order, also where it was read before: both of one moment.
    const [raw, orderRaw, endpointRaw = null] = (await store.read({
      keys: [
        paymentKey(paymentId),
        orderKey(merchant_id, order_id),
        callbackEndpointKey(merchant_id),
      ],
    })).values;
    if (raw == null || orderRaw == null) {
      throw new StoreUnavailableError("corrupt");
    }
    return {
      order: JSON.parse(orderRaw),
      orderRaw,
      payment: JSON.parse(raw),
      paymentRaw: raw,
      endpointRaw,
    };
  }

  async function readSeenOnline(
    { account_id }: PaymentRecord,
    row: Transition,
  ): Promise<string | null> {
    if (row.givesBack !== true) return null;
    const keys = [seenOnlineKey(account_id)];
    return (await store.read({ keys })).values[0] ?? null;
  }

  async function apply(
    current: Current,
    event: PaymentEvent,
    facts: EventFacts = {},
  ): Promise<Current | null> {
    const { payment } = current;
    const { merchant_id } = payment;
    let { endpointRaw } = current;
    const row = transitionOf(payment.status, event, payment.ends_as);
    if (row === null || row.order[0] !== current.order.state) return null;
    const nowMs = clock.nowMs();
    let guardIsOwn = true;
    for (let i = 0; i < TRIES; i++) {
      const { next, transaction } = planTransition(
        { ...current, endpointRaw },
        row,
        event,
        facts,
        nowMs,
        times,
        { guardIsOwn, seenOnlineRaw: await readSeenOnline(payment, row) },
      );
      const result = await store.txn(transaction);
      // A transport that repeated the write finds its own result there.
      if (result.committed || result.value === next.paymentRaw) {
        if (row.due === "never" && endpointRaw !== null) {
          deps.onCallback?.(merchant_id);
        }
        return next;
      }
      const refused = transaction.checks[result.check]!;
      const key = "key" in refused ? refused.key : "";
      if (key === payment.twin_key) {
        // The guard has ended, or became that of a later payment.
        guardIsOwn = false;
      } else if (key === callbackEndpointKey(merchant_id)) {
        endpointRaw = result.value;
      } else if (key !== seenOnlineKey(payment.account_id)) break;
    }
    return await read(payment.payment_id);
  }

  /** An event that must apply to a state just seen, unless others were first. */
  async function advance(
    current: Current,
    event: PaymentEvent,
    facts?: EventFacts,
  ): Promise<Current> {
    const next = await apply(current, event, facts);
    if (next === null) throw new TypeError(`No transition for ${event}`);
    return next;
  }

  async function debit(current: Current): Promise<Current> {
    const { payment } = current;
    // By a clock in doubt nothing begins and nothing is too late.
    if (!(await deps.clockGuard.check()).sure) return current;
    const leftMs = payment.deadline_ms - clock.nowMs();
    if (leftMs <= 0) return await advance(current, "expired");
    // A debit begun now could reach the ledger after the deadline.
    const answer = leftMs < times.ledgerTimeoutMs
      ? await ledger.query(payment.payment_id)
      : await ledger.debit({
        paymentId: payment.payment_id,
        accountId: payment.account_id,
        merchantId: payment.merchant_id,
        amountMinor: payment.amount_minor,
        currency: payment.currency,
      }, { confirmed: payment.confirmed });
    switch (answer.kind) {
      case "approved":
        return await advance(current, "approved");
      case "declined":
        return await advance(current, "declined", {
          declineReason: answer.reason,
        });
      case "needs-confirmation":
        // Asked for what the customer has confirmed, this is no answer.
        return payment.confirmed ? current : await advance(current, "held");
      case "unknown":
        return current;
    }
  }

  return {
    read,
    apply,
    async drive(current) {
      let state = current;
      if (state.payment.status === "processing") state = await debit(state);
      if (state.payment.status === "reversing") {
        const answer = await ledger.reverse(state.payment.payment_id);
        if (answer.kind === "reversed") state = await advance(state, "undone");
      }
      return state;
    },
  };
}
