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

import type { BackOff } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { commit } from "../store/commit.ts";
import { readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import type { Consequence } from "./consequence.ts";
import { orders } from "./order_form.ts";
import { refundableMinor } from "./refund.ts";
import {
  createRefundEngine,
  type RefundEngine,
  type WriteStep,
} from "./refund_engine.ts";
import { type PaymentEvent, transitionOf } from "./states.ts";
import {
  type Current,
  type EventFacts,
  type PaymentTimes,
  planTransition,
} from "./transition.ts";

/** Carries payments and their refunds from state to state. */
export interface Engine extends RefundEngine {
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
   * Asks the ledger what is to be asked of a payment under way, or of its
   * refunds, and writes the answers. Gives what is committed afterwards. Without a certain answer nothing
   * changes.
   */
  drive(current: Current): Promise<Current>;
}

/** Each of what a transition rests on may be out of date, and change again. */
const TRIES = 5;

/** What an engine reads and writes with. */
interface Records {
  readonly store: Store;
  readonly consequence: Consequence;
}

/** Reads orders together with what the consequence of an end depends on. */
function createReader({ store, consequence }: Records): Engine["read"] {
  /** The id of the merchant whose order it is. */
  async function merchantOf(name: string): Promise<string | undefined> {
    const [order] = await readRecords(store, [orders(name)]);
    return order.value?.merchant_id;
  }

  return async (name, merchantId) => {
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
  };
}

/** Writes a step; what its plan assumed wrongly is corrected and tried again. */
function createWriter(
  { store, consequence }: Records,
  read: Engine["read"],
): WriteStep {
  return async (current, plan) => {
    const { merchant_id } = current.payment;
    const names = consequence.reads(merchant_id);
    let known = current;
    let guardIsOwn = true;
    return await retry(async () => {
      const { next, onCommitted, ...planned } = plan(known, guardIsOwn);
      const end = await commit(store, planned.commit);
      if (end.committed) {
        onCommitted?.();
        return { now: next };
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
      } else return { now: await read(current.name, merchant_id), refusedBy };
      return LOST;
    }, { tries: TRIES });
  };
}

/** Makes an {@linkcode Engine}. */
export function createEngine(
  deps: Records & {
    ledger: Ledger;
    clock: Clock;
    clockGuard: ClockGuard;
    times: PaymentTimes;
    backOff: BackOff;
  },
): Engine {
  const { ledger, clock, times, consequence } = deps;
  const read = createReader(deps);
  const write = createWriter(deps, read);

  async function apply(
    current: Current,
    event: PaymentEvent,
    facts: EventFacts = {},
  ): Promise<Current | null> {
    const { payment } = current;
    const row = transitionOf(payment.status, event, payment.ends_as);
    if (row === null) return null;
    if (
      row.barredByRefund && refundableMinor(payment) < payment.amount_minor
    ) return null;
    const nowMs = clock.nowMs();
    const { now } = await write(
      current,
      (known, guardIsOwn) =>
        planTransition(known, row, event, facts, nowMs, times, {
          consequence,
          guardIsOwn,
        }),
    );
    return now;
  }

  const refundEngine = createRefundEngine({ ...deps, write });

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
    ...refundEngine,
    read,
    apply,
    async drive(current) {
      let state = current;
      if (state.payment.status === "processing") state = await debit(state);
      if (state.payment.status === "reversing") {
        const answer = await ledger.reverse(state.payment.payment_id);
        if (answer.kind === "reversed") state = await advance(state, "undone");
      }
      for (const { refund_id } of state.payment.refunds ?? []) {
        state = await refundEngine.driveRefund(state, refund_id, "refund");
      }
      return state;
    },
  };
}
