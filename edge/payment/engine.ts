/**
 * Carries payments from state to state. Each transition is one transaction,
 * which is committed only if the payment is still in the state for which the
 * transition was decided. The engine also drives payments under way: it asks
 * the ledger what has to be asked and writes the answers.
 *
 * Any number of processes may drive the same payment at once. The ledger's
 * calls are idempotent and each transition happens once, so the processes that
 * lose a race only read what the winner has written.
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
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { Consequence } from "./consequence.ts";
import {
  fence,
  giveBackAcross,
  isAccountGone,
  isCrossing,
  isTaken,
  mustAwait,
} from "./crossing.ts";
import { LateFences } from "./late_fences.ts";
import { orders } from "./order_form.ts";
import { refundableMinor } from "./refund.ts";
import {
  createRefundEngine,
  type RefundEngine,
  type WriteStep,
} from "./refund_engine.ts";
import { type PaymentEvent, type Transition, transitionOf } from "./states.ts";
import { hasEnded } from "./record.ts";
import {
  confirmations,
  type Current,
  dueOrders,
  type EventFacts,
  type PaymentTimes,
  planTransition,
} from "./transition.ts";

/** Carries payments and their refunds from state to state. */
export interface Engine extends RefundEngine {
  /**
   * Reads the order with this name and its payment; `null` if there is no such order,
   * or it has no payment. This takes one round trip if the merchant is given.
   */
  read(orderName: string, merchantId?: string): Promise<Current | null>;
  /**
   * Applies an event, if the payment is unchanged since `current` was read. Gives the
   * state that is committed afterwards, even if another process wrote it; `null` if the
   * event does not apply to the payment's state.
   */
  apply(
    current: Current,
    event: PaymentEvent,
    facts?: EventFacts,
  ): Promise<Current | null>;
  /**
   * Makes the ledger calls that a payment under way, or its refunds, need next, and
   * writes the answers. Gives the state that is committed afterwards. Without a certain
   * answer nothing changes.
   */
  drive(current: Current): Promise<Current>;
  /** The fences that this process still has to make. */
  readonly lateFences: LateFences;
}

/**
 * The most tries of a transition. Each try may find that one more of the values it was
 * planned from has changed.
 */
const TRIES = 5;

/** What reading and writing orders needs. */
interface Records {
  readonly store: Store;
  readonly consequence: Consequence;
}

/** Reads orders together with what the consequence of an end depends on. */
function createReader({ store, consequence }: Records): Engine["read"] {
  /** The id of the merchant that an order belongs to. */
  async function merchantOf(name: string): Promise<string | undefined> {
    const [order] = await readRecords(store, [orders(name)]);
    return order.value?.merchant_id;
  }

  return async (name, merchantId) => {
    const merchant = merchantId ?? await merchantOf(name);
    if (merchant === undefined) return null;
    // If the order was read already to find its merchant, it is read again here, so that
    // the order and the other values are one snapshot.
    const [raw = null, ...consequenceValues] = (await store.read({
      keys: [orders(name).ref, ...consequence.reads(merchant)],
    })).values;
    const held = orders(name).held(raw);
    const order = held.value;
    if (order === null || order.payment === null) return null;
    return { name, held, order, payment: order.payment, consequenceValues };
  };
}

/**
 * Writes a step. If an assumption of its plan was wrong, it is corrected and
 * tried again.
 */
function createWriter(
  { store, consequence, clock }: EngineDeps,
  read: Engine["read"],
): WriteStep {
  return async (current, plan) => {
    const { merchant_id } = current.payment;
    const names = consequence.reads(merchant_id);
    let known = current;
    let guardIsOwn = true;
    return await retry(async () => {
      const { next, onCommitted, ...planned } = plan(
        known,
        clock.nowMs(),
        guardIsOwn,
      );
      const end = await commit(store, planned.commit);
      if (end.committed) {
        onCommitted?.();
        return { now: next };
      }
      const { refusedBy, value } = end;
      const at = names.indexOf(refusedBy);
      if (refusedBy === "double-scan") {
        // The guard against double scans has expired, or belongs to a later payment.
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

/** What an engine needs. */
export interface EngineDeps extends Records {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
  readonly times: PaymentTimes;
  readonly backOff: BackOff;
}

/** What the steps of an engine need. */
interface Steps extends EngineDeps {
  readonly read: Engine["read"];
  readonly write: WriteStep;
  readonly refundEngine: RefundEngine;
}

/** Makes an {@linkcode Engine}. */
export function createEngine(deps: EngineDeps): Engine {
  const read = createReader(deps);
  const write = createWriter(deps, read);
  const refundEngine = createRefundEngine({ ...deps, write });
  const steps: Steps = { ...deps, read, write, refundEngine };
  return {
    ...refundEngine,
    read,
    apply: (current, event, facts) => apply(steps, current, event, facts),
    drive: (current) => drive(steps, current),
    lateFences: new LateFences(deps.store),
  };
}

/** The decline reason of a payment whose customer's cell has no claim of it. */
const NOT_CLAIMED = "not_claimed";

async function apply(
  steps: Steps,
  current: Current,
  event: PaymentEvent,
  facts: EventFacts = {},
): Promise<Current | null> {
  const { store, times, consequence, write } = steps;
  const { payment } = current;
  const row = transitionOf(payment.status, event, payment.ends_as);
  if (row === null) return null;
  if (
    row.barredByRefund && refundableMinor(payment) < payment.amount_minor
  ) return null;
  const crossing = isCrossing(store, payment.payment_id) ||
    isAccountGone(store, payment);
  const owes = crossing &&
    (await prepareAcross(steps, current, row) || payment.owes === true);
  const { now } = await write(
    current,
    (known, nowMs, guardIsOwn) =>
      planTransition(known, { row, event, facts, nowMs }, {
        ...{ times, consequence, guardIsOwn, crossing, owes },
      }),
  );
  return now;
}

/**
 * Writes in the customer's cell what must be there before a transition of a crossing
 * payment is committed in the merchant's cell. Returns whether that has still to be
 * done, because the customer's cell does not answer.
 *
 * @throws {StoreUnavailableError} If the transition must not be made without it.
 */
async function prepareAcross(
  { store, clock, times }: Steps,
  current: Current,
  row: Transition,
): Promise<boolean> {
  const { payment_id, account_id } = current.payment;
  if (row.to === "awaiting_confirmation") {
    // The customer finds the payment in this list. A reader of the list also reads the
    // order, so an entry too many does no harm.
    const waiting = confirmations(account_id);
    const endMs = clock.nowMs() + times.confirmationMs;
    await commit(store, {
      guards: [],
      writes: [waiting.put(payment_id, endMs)],
    });
  }
  if (!row.givesBack) return false;
  try {
    await giveBackAcross(store, current);
    return false;
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return true;
  }
}

/**
 * Applies an event to a state that was just seen. An event that cannot apply to
 * it is a bug.
 */
async function advance(
  steps: Steps,
  current: Current,
  event: PaymentEvent,
  facts?: EventFacts,
): Promise<Current> {
  const next = await apply(steps, current, event, facts);
  if (next === null) throw new TypeError(`No transition for ${event}`);
  return next;
}

async function debit(steps: Steps, current: Current): Promise<Current> {
  const { ledger, clock, clockGuard, times } = steps;
  const { payment } = current;
  // While the clock is in doubt, no debit begins and no deadline counts as over.
  if (!(await clockGuard.check()).sure) return current;
  const leftMs = payment.deadline_ms - clock.nowMs();
  if (leftMs <= 0) return await advance(steps, current, "expired");
  // A debit that begins too late could reach the ledger after the deadline, so
  // the ledger is only asked about an earlier one.
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
      return await advance(steps, current, "approved");
    case "declined":
      return await advance(steps, current, "declined", {
        declineReason: answer.reason,
      });
    case "needs-confirmation":
      // A ledger must not ask again for what the customer has confirmed, so this
      // is not an answer to a confirmed debit.
      return payment.confirmed
        ? current
        : await advance(steps, current, "held");
    case "unknown":
      return current;
  }
}

/**
 * Acts by the claim of a crossing payment that is under way. If there is no claim, a
 * void one is written, so that none can follow. Returns `null` if the order was taken
 * back meanwhile because its code was refused.
 */
async function meetClaim(
  steps: Steps,
  current: Current,
): Promise<Current | null> {
  const { payment, claim: known } = current;
  const claim = known ?? await fence(steps.store, payment.payment_id);
  const state = { ...current, claim };
  if (payment.status === "reversing") return state;
  if (!isTaken(claim)) {
    return await apply(steps, state, "unclaimed", {
      declineReason: NOT_CLAIMED,
    });
  }
  return mustAwait(claim, payment) ? await apply(steps, state, "held") : state;
}

/**
 * Gives back what an ended payment has taken from its account's limits, if that was not
 * possible when it ended.
 */
async function payBack(steps: Steps, current: Current): Promise<Current> {
  const { store, times, clock } = steps;
  const { name, held, order, payment } = current;
  await giveBackAcross(store, current);
  const { owes: _, ...paid } = payment;
  const next = { ...order, payment: paid };
  const ttlMs = payment.updated_ms + times.recordMs - clock.nowMs();
  const put = held.put(next, Math.max(1, ttlMs));
  const { committed } = await commit(store, {
    guards: [held.unchanged("order")],
    writes: [put.write, dueOrders.remove(name)],
  });
  return committed
    ? { ...current, held: put.held, order: next, payment: paid }
    : await steps.read(name, payment.merchant_id) ?? current;
}

async function drive(steps: Steps, current: Current): Promise<Current> {
  const { ledger, refundEngine, store } = steps;
  let state = current;
  if (
    !hasEnded(state.payment.status) &&
    isCrossing(store, state.payment.payment_id)
  ) {
    const met = await meetClaim(steps, state);
    if (met === null) return current;
    state = met;
  }
  if (state.payment.owes) state = await payBack(steps, state);
  if (state.payment.status === "processing") state = await debit(steps, state);
  if (state.payment.status === "reversing") {
    const answer = await ledger.reverse(state.payment.payment_id);
    if (answer.kind === "reversed") {
      state = await advance(steps, state, "undone");
    }
  }
  for (const { refund_id } of state.payment.refunds ?? []) {
    state = await refundEngine.driveRefund(state, refund_id, "refund");
  }
  return state;
}
