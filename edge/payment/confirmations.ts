/**
 * Confirmation: a payment that waits for its customer's word, which the
 * wallet's backend brings.
 *
 * An approval lets the debit go ahead as confirmed. A refusal, and silence
 * until the deadline, undo whatever the ledger may hold and end as declined.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { isSeenBy, type WalletSystem } from "../enrolment/record.ts";
import { walletSystems } from "../enrolment/writes.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import { refuseTaking } from "../merchant/authentication.ts";
import { merchants } from "../merchant/record.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { seenOnline } from "../risk/limits.ts";
import { isBlocked, policies } from "../risk/policy.ts";
import type { Guard } from "../store/commit.ts";
import { readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import { aboutPayment } from "./answers.ts";
import type { Engine } from "./engine.ts";
import { orders } from "./order_form.ts";
import { isPaymentId, orderNameOf } from "./payment_id.ts";
import {
  type Attempt,
  attemptOf,
  type PaymentRecord,
  type PaymentView,
  viewPayment,
} from "./record.ts";
import { confirmations } from "./transition.ts";

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
 * The use cases of confirmation. To a caller with a wallet system nothing waits
 * but for its own customers.
 */
export interface Confirmations {
  /** What waits for an account's customer, soonest deadline first. */
  list(accountId: string, by: WalletSystem): Promise<WaitingPayment[]>;
  /** The customer's word; the same word again is the same. */
  answer(
    paymentId: string,
    approve: boolean,
    by: WalletSystem,
  ): Promise<PaymentView | Refusal>;
}

/** Why a payment ended without the customer's yes. */
export const CONFIRMATION_REFUSED = "refused_by_customer";
/** Why a payment ended without the customer's word. */
export const CONFIRMATION_LAPSED = "confirmation_timeout";

const MAX_LISTED = 100;
const TRIES = 4;

/** Makes the {@linkcode Confirmations} use cases. */
export function createConfirmations(deps: {
  store: Store;
  engine: Engine;
  clock: Clock;
  clockGuard: ClockGuard;
}): Confirmations {
  const { store, engine, clock } = deps;

  /** What a payment that no longer waits says to a yes or a no. */
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
    // Also while it is being carried out: there is no way back from it.
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
   * The customer's yes is not the last word: a blocked account pays nothing
   * and a suspended merchant is paid nothing. That the credential was revoked
   * meanwhile does not matter, since the wallet vouches for the customer here.
   */
  async function readAllowed(
    { account_id, merchant_id }: PaymentRecord,
  ): Promise<{ guards: Guard<string>[] } | Refusal> {
    const [policy, merchant] = await readRecords(store, [
      policies(account_id),
      merchants(merchant_id),
    ]);
    if (isBlocked(policy.value)) return refused("payer-blocked");
    const suspended = refuseTaking(merchant.value);
    if (suspended !== null) return suspended;
    return {
      guards: [policy.unchanged("policy"), merchant.unchanged("merchant")],
    };
  }

  /** Whether the caller sees an account. */
  async function isCustomer(
    accountId: string,
    by: WalletSystem,
  ): Promise<boolean> {
    if (by === undefined) return true;
    const [system] = await readRecords(store, [walletSystems(accountId)]);
    return isSeenBy(by, { wallet_system: system.value });
  }

  return {
    async list(accountId, by) {
      if (!(await isCustomer(accountId, by))) return [];
      const waiting = await store.range(
        confirmations(accountId).page(MAX_LISTED, { min: clock.nowMs() + 1 }),
      );
      if (waiting.length === 0) return [];
      const ids = waiting.map(({ member }) => member);
      const held = await readRecords(
        store,
        ids.map((id) => orders(orderNameOf(id))),
      );
      return held.flatMap(({ value: order }, i) => {
        const payment = order?.payment;
        if (
          payment?.payment_id !== ids[i] ||
          payment?.status !== "awaiting_confirmation"
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
    },

    async answer(paymentId, approve, by) {
      if (!isPaymentId(paymentId)) return refused("not-found");
      if (!(await deps.clockGuard.check()).sure) return refused("clock-unsure");
      let current = await engine.read(orderNameOf(paymentId));
      const accountId = current === null
        ? undefined
        : attemptOf(current.order, paymentId)?.account_id;
      if (accountId === undefined || !(await isCustomer(accountId, by))) {
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
        if (current.payment.deadline_ms <= clock.nowMs()) {
          current = await engine.apply(current, "lapsed", {
            declineReason: CONFIRMATION_LAPSED,
          });
        } else if (approve) {
          const allowed = await readAllowed(current.payment);
          if ("kind" in allowed) return allowed;
          current = await engine.apply(current, "confirmed", {
            guards: allowed.guards,
            writes: seenOnline(current.payment.account_id, clock.nowMs()),
          });
        } else {
          current = await engine.apply(current, "refused", {
            declineReason: CONFIRMATION_REFUSED,
          });
        }
        return LOST;
      }, { tries: TRIES });
    },
  };
}
