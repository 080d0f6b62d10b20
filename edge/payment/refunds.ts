/**
 * Refunds: a merchant gives back a part of a payment, or all of it, days or months after
 * it. (A reversal, in contrast, undoes an order on its day.)
 *
 * A refund takes two steps, because the ledger holds the money: the refund is first written
 * into the order, and only a certain answer of the ledger ends it. The refunds that
 * succeeded or are under way never exceed the amount that was paid. A refund does not give
 * back what the payment took from the account's limits, because the customer did pay.
 *
 * @module
 */

import type { BackOff } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import { type RefundRefusal, type Refusal, refused } from "../base/outcome.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import {
  type Authenticator,
  type CallerOf,
  refuseCaller,
} from "../merchant/authentication.ts";
import { merchants } from "../merchant/record.ts";
import { readRecords } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { Store } from "../store/store.ts";
import { aboutPayment, answerOf } from "./answers.ts";
import type { Engine } from "./engine.ts";
import { orderName } from "./payment_id.ts";
import { REFUND_TRIES } from "./refund_engine.ts";
import { type PaymentRecord, QUERY_SECONDS } from "./record.ts";
import {
  refundableMinor,
  refundName,
  refundOf,
  type RefundRecord,
  type RefundView,
  viewRefund,
} from "./refund.ts";
import { refundOrders } from "./refund_transition.ts";
import { type Current, RECOVER_AFTER_MS } from "./transition.ts";

/** A merchant's request for a refund. */
export interface RefundRequest {
  readonly orderId: string;
  /** The merchant's id of the refund. */
  readonly refundId: string;
  /** Minor units, an integer >= 1. */
  readonly amountMinor: number;
  readonly reason?: string;
}

/** The use cases of refunds. */
export interface Refunds {
  /**
   * Refunds a part of a paid order of this merchant; idempotent by the refund's id.
   *
   * @throws {StoreUnavailableError} If the result is not known. The caller repeats the call.
   */
  refund(
    caller: CallerOf<"merchant">,
    request: RefundRequest,
  ): Promise<RefundView | Refusal>;
  /**
   * A refund of this merchant. If it is under way, the ledger is asked for its
   * result.
   */
  get(
    caller: CallerOf<"merchant">,
    refundId: string,
  ): Promise<RefundView | Refusal>;
}

/** The most refunds of an order, so that its record stays small. */
export const MOST_REFUNDS = 100;

/** What refunds need. */
interface RefundDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
  readonly backOff: BackOff;
  /** How long after its payment an order can be refunded. */
  readonly refundMs: number;
}

/** Makes {@linkcode Refunds}. */
export function createRefunds(deps: RefundDeps): Refunds {
  return {
    refund: (caller, request) => refund(deps, caller, request),
    get: (caller, refundId) => getRefund(deps, caller, refundId),
  };
}

async function refund(
  deps: RefundDeps,
  firstCaller: CallerOf<"merchant">,
  request: RefundRequest,
): Promise<RefundView | Refusal> {
  if (!(await deps.clockGuard.check()).sure) return refused("clock-unsure");
  const { orderId, refundId, amountMinor } = request;
  // A key that has ended is refused at once. A suspended merchant is not refused, because
  // a refund takes no money.
  const caller = await deps.authenticator.refresh(firstCaller);
  if ("kind" in caller) return caller;
  const { merchant_id } = caller.merchant.record;
  const { engine, backOff } = deps;
  const drive = async (current: Current, repeat: boolean) => {
    const { payment } = await engine.driveRefund(current, refundId, "refund");
    return answer(payment, refundOf(payment, refundId)!, repeat);
  };
  let current = await engine.read(orderName(merchant_id, orderId), merchant_id);
  return await retry(async () => {
    if (current === null) {
      return refused("not-found", { orderId, nextQuerySeconds: QUERY_SECONDS });
    }
    const known = refundOf(current.payment, refundId);
    if (known !== undefined) {
      return known.amount_minor === amountMinor
        ? await drive(current, true)
        : refused("refund-conflict", { orderId, refundId });
    }
    const no = refuse(deps, current.payment, request);
    if (no !== null) return no;
    const { now, refusedBy } = await engine.beginRefund(current, request);
    // Another order has a refund with this id.
    if (refusedBy === "refund") {
      return refused("refund-conflict", { orderId, refundId });
    }
    current = now;
    if (refusedBy !== undefined || now === null) return LOST;
    return await drive(now, false);
  }, { tries: REFUND_TRIES, backOff });
}

/** Why a new refund is refused, or `null` if it is not. */
function refuse(
  { clock, refundMs }: RefundDeps,
  payment: PaymentRecord,
  { refundId, amountMinor }: RefundRequest,
): Refusal | null {
  if (payment.status !== "succeeded") {
    const other = answerOf(payment);
    // The answer about a payment that has not succeeded is always a refusal.
    return other.kind === "refused" ? other : null;
  }
  const leftMinor = refundableMinor(payment);
  const no = (reason: RefundRefusal) =>
    refused("refund-refused", {
      ...aboutPayment(payment),
      refundId,
      reason,
      refundable: { amountMinor: leftMinor, currency: payment.currency },
    });
  if (clock.nowMs() - payment.updated_ms > refundMs) return no("too_late");
  if (amountMinor > leftMinor) return no("exceeds_payment");
  const count = payment.refunds?.length ?? 0;
  return count < MOST_REFUNDS ? null : no("too_many");
}

/**
 * The answer about a refund in its present state. `repeat` if it was known
 * before.
 */
function answer(
  payment: PaymentRecord,
  refund: RefundRecord,
  repeat: boolean,
): RefundView | Refusal {
  const about = { ...aboutPayment(payment), refundId: refund.refund_id };
  switch (refund.status) {
    case "succeeded":
      return { ...viewRefund(payment, refund), ...(repeat && { repeat }) };
    case "declined":
      return refused("refund-declined", {
        ...about,
        ...(refund.decline_reason !== undefined &&
          { declineReason: refund.decline_reason }),
      });
    case "processing":
      return refused("ledger-unavailable", {
        ...about,
        nextQuerySeconds: QUERY_SECONDS,
      });
  }
}

async function getRefund(
  { store, engine, clock }: RefundDeps,
  caller: CallerOf<"merchant">,
  refundId: string,
): Promise<RefundView | Refusal> {
  const { merchant_id } = caller.merchant.record;
  const [merchant, { value: name }] = await readRecords(store, [
    merchants(merchant_id),
    refundOrders(refundName(merchant_id, refundId)),
  ]);
  const no = refuseCaller(caller, merchant, clock.nowMs());
  if (no !== null) return no;
  const current = name === null ? null : await engine.read(name, merchant_id);
  const refund = current === null
    ? undefined
    : refundOf(current.payment, refundId);
  if (current === null || refund === undefined) return refused("not-found");
  const idleMs = clock.nowMs() - refund.updated_ms;
  if (refund.status !== "processing" || idleMs < RECOVER_AFTER_MS) {
    return viewNow(current.payment, refund);
  }
  const { payment } = await engine.driveRefund(current, refundId, "query");
  return viewNow(payment, refundOf(payment, refundId)!);
}

/** A refund, and when to ask again if it is under way. */
function viewNow(payment: PaymentRecord, refund: RefundRecord): RefundView {
  return {
    ...viewRefund(payment, refund),
    ...(refund.status === "processing" && { nextQuerySeconds: QUERY_SECONDS }),
  };
}
