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

import type { Clock } from "../base/clock.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { commit } from "../store/commit.ts";
import { readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import type { Consequence } from "./consequence.ts";
import { orders } from "./order_form.ts";
import { type PaymentEvent, transitionOf } from "./states.ts";
import {
  type Current,
  type EventFacts,
  type PaymentTimes,
  planTransition,
} from "./transition.ts";

/** Carries payments from state to state. */
export interface Engine {
  /**
   * The order of this name with its payment, as they are now; `null` where
   * there is no such order or it has no payment. One round trip where the
   * merchant is known.
   */
  read(orderName: string, merchantId?: string): Promise<Current | null>;
  /**
   * Applies an event, if the payment is still as in `current`. Gives what is
   * committed afterwards, whoever wrote it; `null` where the event does not
   * apply.
   */
  apply(
    current: Current,
    event: PaymentEvent,
    facts?: EventFacts,
  ): Promise<Current | null>;
  /**
   * Asks the ledger what is to be asked of a payment under way and writes the
   * answer. Gives what is committed afterwards. Without a certain answer nothing
   * changes.
   */
  drive(current: Current): Promise<Current>;
}

/** Each of what a transition rests on may be out of date, and change again. */
const TRIES = 5;

/** Makes an {@linkcode Engine}. */
export function createEngine(deps: {
  store: Store;
  ledger: Ledger;
  clock: Clock;
  clockGuard: ClockGuard;
  times: PaymentTimes;
  /** What else the end of a payment causes. */
  consequence: Consequence;
}): Engine {
  const { store, ledger, clock, times, consequence } = deps;

  /** The id of the merchant whose order it is. */
  async function merchantOf(name: string): Promise<string | undefined> {
    const [order] = await readRecords(store, [orders(name)]);
    return order.value?.merchant_id;
  }

  async function read(
    name: string,
    merchantId?: string,
  ): Promise<Current | null> {
    const merchant = merchantId ?? await merchantOf(name);
    if (merchant === undefined) return null;
    // The order is read again where it was read before, so that it and the
    // other values are of one moment.
    const [raw = null, ...consequenceValues] = (await store.read({
      keys: [orders(name).ref, ...consequence.reads(merchant)],
    })).values;
    const held = orders(name).held(raw);
    const order = held.value;
    if (order === null || order.payment === null) return null;
    return { name, held, order, payment: order.payment, consequenceValues };
  }

  async function apply(
    current: Current,
    event: PaymentEvent,
    facts: EventFacts = {},
  ): Promise<Current | null> {
    const { payment } = current;
    const names = consequence.reads(payment.merchant_id);
    const row = transitionOf(payment.status, event, payment.ends_as);
    if (row === null) return null;
    const nowMs = clock.nowMs();
    let known = current;
    let guardIsOwn = true;
    return await retry(async () => {
      const { next, onCommitted, ...plan } = planTransition(
        known,
        row,
        event,
        facts,
        nowMs,
        times,
        { consequence, guardIsOwn },
      );
      const end = await commit(store, plan.commit);
      if (end.committed) {
        onCommitted?.();
        return next;
      }
      const { refusedBy, value } = end;
      const at = names.indexOf(refusedBy);
      if (refusedBy === "double-scan") {
        // The guard has ended, or became that of a later payment.
        guardIsOwn = false;
      } else if (refusedBy === "seen") {
        known = { ...known, seenOnlineRaw: value };
      } else if (at >= 0) {
        const { consequenceValues } = known;
        known = {
          ...known,
          consequenceValues: consequenceValues.with(at, value),
        };
      } else return await read(current.name, payment.merchant_id);
      return LOST;
    }, { tries: TRIES });
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
