/**
 * Confirmation: a payment waits for its customer's decision, which the wallet's
 * backend reports.
 *
 * After an approval the debit is made as confirmed. After a refusal, or without
 * an answer until the deadline, the debit is undone in the ledger, and the payment
 * ends as declined.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { isSeenBy, type WalletSystem } from "../enrolment/record.ts";
import { isEnrolled, marks, walletSystems } from "../enrolment/writes.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import { refuseTaking } from "../merchant/authentication.ts";
import { merchants } from "../merchant/record.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { seenOnline } from "../risk/limits.ts";
import { isBlocked, policies } from "../risk/policy.ts";
import { commit, type Guard } from "../store/commit.ts";
import { type Held, readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import { aboutPayment } from "./answers.ts";
import { fence, isCrossing, isTaken } from "./crossing.ts";
import type { Engine } from "./engine.ts";
import { orders } from "./order_form.ts";
import { isPaymentId, orderNameOf } from "./payment_id.ts";
import {
  type Attempt,
  attemptOf,
  type OrderRecord,
  type PaymentRecord,
  type PaymentView,
  viewPayment,
} from "./record.ts";
import { confirmations, type Current } from "./transition.ts";

/** A payment that waits for its customer. */
export interface WaitingPayment {
  readonly paymentId: string;
  readonly accountId: string;
  readonly merchantName: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/**
 * The use cases of confirmation. A caller with a wallet system sees the payments of
 * that system's customers only.
 */
export interface Confirmations {
  /** The payments that wait for an account's customer, soonest deadline first. */
  list(accountId: string, by: WalletSystem): Promise<WaitingPayment[]>;
  /** Reports the customer's decision; idempotent. */
  answer(
    paymentId: string,
    approve: boolean,
    by: WalletSystem,
  ): Promise<PaymentView | Refusal>;
}

/** The decline reason of a payment that the customer refused. */
const CONFIRMATION_REFUSED = "refused_by_customer";
/** The decline reason of a payment whose customer did not answer in time. */
export const CONFIRMATION_LAPSED = "confirmation_timeout";

const MAX_LISTED = 100;
const TRIES = 4;

/** What confirmations need. */
export interface ConfirmationDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
}

/** Makes the {@linkcode Confirmations} use cases. */
export function createConfirmations(deps: ConfirmationDeps): Confirmations {
  return {
    list: (accountId, by) => listWaiting(deps, accountId, by),
    answer: (paymentId, approve, by) =>
      answerWaiting(deps, paymentId, approve, by),
  };
}

async function listWaiting(
  deps: ConfirmationDeps,
  accountId: string,
  by: WalletSystem,
): Promise<WaitingPayment[]> {
  const { store, clock } = deps;
  if (!(await isCustomer(deps, accountId, by))) return [];
  const waiting = await store.range(
    confirmations(accountId).page(MAX_LISTED, { min: clock.nowMs() + 1 }),
  );
  if (waiting.length === 0) return [];
  const ids = waiting.map(({ member }) => member);
  const held = await readOrders(store, ids);
  return held.flatMap(({ value: order }) => {
    const payment = order?.payment;
    if (
      payment?.status !== "awaiting_confirmation" ||
      !ids.includes(payment.payment_id)
    ) return [];
    return [{
      paymentId: payment.payment_id,
      accountId: payment.account_id,
      merchantName: payment.merchant_name,
      amountMinor: payment.amount_minor,
      currency: payment.currency,
      expiresAt: new Date(payment.deadline_ms).toISOString(),
    }];
  });
}

/**
 * The orders of some payments. An order whose cell does not answer is left out, because its
 * payment cannot be confirmed now and the others can.
 *
 * @throws {StoreUnavailableError} If none of the cells answers.
 */
async function readOrders(
  store: Store,
  paymentIds: readonly string[],
): Promise<Held<OrderRecord>[]> {
  const places = paymentIds.map((id) => orders(orderNameOf(id)));
  try {
    return await readRecords(store, places);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    const each = await Promise.allSettled(
      places.map((it) => readRecords(store, [it])),
    );
    const found = each.flatMap((it) =>
      it.status === "fulfilled" ? it.value : []
    );
    if (found.length === 0) throw error;
    return found;
  }
}

async function answerWaiting(
  deps: ConfirmationDeps,
  paymentId: string,
  approve: boolean,
  by: WalletSystem,
): Promise<PaymentView | Refusal> {
  const { engine, clockGuard } = deps;
  if (!isPaymentId(paymentId)) return refused("not-found");
  if (!(await clockGuard.check()).sure) return refused("clock-unsure");
  let current = await engine.read(orderNameOf(paymentId));
  const accountId = current === null
    ? undefined
    : attemptOf(current.order, paymentId)?.account_id;
  if (accountId === undefined || !(await isCustomer(deps, accountId, by))) {
    return refused("not-found");
  }
  return await retry(async () => {
    if (current === null) return refused("not-found");
    const attempt = attemptOf(current.order, paymentId);
    if (attempt === null) return refused("not-found");
    if (attempt.status !== "awaiting_confirmation") {
      const settled = attempt === current.payment
        ? (await engine.drive(current)).payment
        : attempt;
      return answerSettled(settled, approve);
    }
    const moved = await applyAnswer(deps, current, approve);
    if (moved !== null && "kind" in moved) return moved;
    current = moved;
    return LOST;
  }, { tries: TRIES });
}

/**
 * Applies the customer's answer to a payment that waits for it, or the deadline if that
 * has passed. Returns the state that is committed afterwards.
 */
async function applyAnswer(
  deps: ConfirmationDeps,
  current: Current,
  approve: boolean,
): Promise<Current | null | Refusal> {
  const { store, engine, clock } = deps;
  const { payment } = current;
  if (payment.deadline_ms <= clock.nowMs()) {
    return await engine.apply(current, "lapsed", {
      declineReason: CONFIRMATION_LAPSED,
    });
  }
  if (!approve) {
    return await engine.apply(current, "refused", {
      declineReason: CONFIRMATION_REFUSED,
    });
  }
  const allowed = await readAllowed(deps, payment);
  if ("kind" in allowed) return allowed;
  const { customer, merchant } = allowed;
  const writes = seenOnline(payment.account_id, clock.nowMs());
  if (!isCrossing(store, payment.payment_id)) {
    const guards = [...customer, merchant];
    return await engine.apply(current, "confirmed", { guards, writes });
  }
  const claim = await fence(store, payment.payment_id);
  // Without a claim the payment is undone.
  if (!isTaken(claim)) return await engine.drive({ ...current, claim });
  // The customer's cell comes first, so that a payer who was just blocked does not get through.
  const { committed } = await commit(store, {
    guards: [claim.unchanged("claim"), ...customer],
    writes: [
      claim.set({ ...claim.value!, state: "confirmed" }),
      confirmations(payment.account_id).remove(payment.payment_id),
      ...writes,
    ],
  });
  return committed
    ? await engine.apply(current, "confirmed", { guards: [merchant] })
    : current;
}

/** The answer about a payment that no longer waits, to the customer's decision. */
function answerSettled(
  payment: Attempt,
  approve: boolean,
): PaymentView | Refusal {
  const about = aboutPayment(payment);
  if (payment.status === "reversed") {
    return refused("payment-reversed", about);
  }
  const saidNo = payment.decline_reason === CONFIRMATION_REFUSED;
  const same = approve ? payment.confirmed : saidNo;
  if (same) return viewPayment(payment);
  // A refusal that is still being carried out cannot be taken back either.
  if (payment.status === "declined" || payment.ends_as === "declined") {
    return refused("payment-declined", {
      ...about,
      ...(payment.decline_reason !== undefined &&
        { declineReason: payment.decline_reason }),
    });
  }
  if (payment.status === "reversing") {
    return refused("payment-reversed", about);
  }
  return refused("order-conflict", {
    ...about,
    detail: payment.confirmed
      ? "The payment was approved before."
      : "The payment does not wait for a confirmation.",
  });
}

/**
 * Checks that an approved payment may still be made: a blocked account may not
 * pay, and a suspended merchant may not be paid. A credential that was revoked
 * meanwhile does not matter, because here the wallet identifies the customer.
 */
async function readAllowed(
  { store }: ConfirmationDeps,
  { account_id, merchant_id }: PaymentRecord,
): Promise<
  { customer: Guard<string>[]; merchant: Guard<string> } | Refusal
> {
  const [mark, policy, merchant] = await readRecords(store, [
    marks(account_id),
    policies(account_id),
    merchants(merchant_id),
  ]);
  // The account was erased, so it is not known any more whether the customer may pay.
  if (mark.isAbsent) return refused("not-found");
  if (isBlocked(policy.value)) return refused("payer-blocked");
  const suspended = refuseTaking(merchant.value);
  if (suspended !== null) return suspended;
  return {
    customer: [isEnrolled(account_id), policy.unchanged("policy")],
    merchant: merchant.unchanged("merchant"),
  };
}

/** Whether the caller may see an account. */
async function isCustomer(
  { store }: ConfirmationDeps,
  accountId: string,
  by: WalletSystem,
): Promise<boolean> {
  if (by === undefined) return true;
  const [system] = await readRecords(store, [walletSystems(accountId)]);
  return isSeenBy(by, { wallet_system: system.value });
}
