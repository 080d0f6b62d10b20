/**
 * Reversal: an order is undone, whatever its state, and closed for good.
 *
 * A reversal takes two steps, because the ledger holds the money: the order becomes
 * `reversing`, and only a certain answer of the ledger makes it `reversed`. An order that
 * was never seen is closed as well, so that a payment which arrives later is refused. The
 * answer is `reversed` only when that is certain.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { Authenticator, CallerOf } from "../merchant/authentication.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { dayOf } from "../base/day.ts";
import { commit } from "../store/commit.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import { aboutPayment } from "./answers.ts";
import type { Engine } from "./engine.ts";
import { orders } from "./order_form.ts";
import { orderName } from "./payment_id.ts";
import {
  firstVersion,
  orderState,
  type PaymentRecord,
  QUERY_SECONDS,
} from "./record.ts";
import { isRefunding, refundedMinor } from "./refund.ts";
import type { Current } from "./transition.ts";

/** An order that is closed and undone. */
export interface Reversed {
  readonly kind: "reversed";
  readonly orderId: string;
  /** Absent if the order was never seen before. */
  readonly paymentId?: string;
}

/** The use case of reversal. */
export interface Reversals {
  /**
   * Reverses an order of this merchant; idempotent.
   *
   * @throws {StoreUnavailableError} If the result is not known. The caller repeats the call.
   */
  reverse(
    caller: CallerOf<"merchant">,
    orderId: string,
  ): Promise<Reversed | Refusal>;
}

const TRIES = 6;
/** A payment can be reversed for this time at least, even if its day ends earlier. */
const LEAST_WINDOW_MS = 2 * 3_600_000;

/**
 * The state of an order after its refunds under way have ended, or why the order cannot be
 * reversed: a part of the money was given back, or that is not known yet.
 */
async function withoutRefunds(
  engine: Engine,
  current: Current,
): Promise<Current | Refusal> {
  const driven = isRefunding(current.payment)
    ? await engine.drive(current)
    : current;
  const { payment } = driven;
  if (refundedMinor(payment) > 0) {
    return refused("order-refunded", aboutPayment(payment));
  }
  return isRefunding(payment)
    ? refused("ledger-unavailable", {
      ...aboutPayment(payment),
      nextQuerySeconds: QUERY_SECONDS,
    })
    : driven;
}

/**
 * Whether a payment is being reversed. A decline that is being carried out looks like it, but
 * leaves the order open to another attempt.
 */
function isClosing({ status, ends_as }: PaymentRecord): boolean {
  return status === "reversing" && ends_as !== "declined";
}

/** Makes the {@linkcode Reversals} use case. */
export function createReversals(deps: {
  store: Store;
  engine: Engine;
  authenticator: Authenticator;
  clock: Clock;
  timeZone: string;
  /** How long an order is kept that was closed before any payment. */
  recordMs: number;
}): Reversals {
  const { store, engine, clock, timeZone } = deps;

  /** Whether the payment was on an earlier day and more than two hours ago. */
  function tooLate(payment: PaymentRecord): boolean {
    if (payment.status !== "succeeded") return false;
    const atMs = payment.updated_ms;
    const nowMs = clock.nowMs();
    return nowMs - atMs > LEAST_WINDOW_MS &&
      dayOf(atMs, timeZone) !== dayOf(nowMs, timeZone);
  }

  /**
   * Closes an order that was never seen, so that a payment which arrives later
   * is refused. Answers whether the order is now closed without a payment.
   */
  async function close(
    name: string,
    merchantId: string,
    orderId: string,
  ): Promise<boolean> {
    const version = firstVersion(clock.nowMs());
    const order = orders(name);
    const end = await commit(store, {
      guards: [order.absent("order")],
      writes: [order.set({
        merchant_id: merchantId,
        order_id: orderId,
        version,
        first_version: version,
        payment: null,
        earlier: [],
      }, deps.recordMs)],
    });
    // The order was closed now, or by another call a moment ago.
    return end.committed || order.held(end.value).value?.payment === null;
  }

  return {
    async reverse(firstCaller, orderId) {
      const { merchant_id } = firstCaller.merchant.record;
      const name = orderName(merchant_id, orderId);
      return await retry(async () => {
        // A key that has ended is refused at once. A suspended merchant is not
        // refused, because a reversal takes no money.
        const caller = await deps.authenticator.refresh(firstCaller);
        if ("kind" in caller) return caller;
        const found = await engine.read(name, merchant_id);
        if (found === null) {
          const isClosed = await close(name, merchant_id, orderId);
          return isClosed ? { kind: "reversed", orderId } : LOST;
        }
        const current = await withoutRefunds(engine, found);
        if ("kind" in current) return current;
        const { payment } = current;
        const paymentId = payment.payment_id;
        const done: Reversed = { kind: "reversed", orderId, paymentId };
        if (orderState(current.order) === "reversed") return done;
        if (tooLate(payment)) {
          return refused("reversal-too-late", { orderId, paymentId });
        }
        // If the event does not apply, the order is being reversed already.
        const reversing = await engine.apply(current, "reverse") ?? current;
        if (orderState(reversing.order) === "reversed") return done;
        if (!isClosing(reversing.payment)) return LOST;
        const end = await engine.drive(reversing);
        const state = orderState(end.order);
        if (state === "reversed") return done;
        return state === "reversing"
          ? refused("ledger-unavailable", aboutPayment(end.payment))
          : LOST;
      }, { tries: TRIES });
    },
  };
}
