/**
 * The answer about an order that is already known. It does not depend on the code that
 * was scanned, and comes before any refusal of that code.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { ORDER_REPEAT_MS } from "../store/keys.ts";
import type { KeyedHash, Vault } from "../vault/seal.ts";
import { answerOf, type Paid, type PaidBefore } from "./answers.ts";
import type { PaymentRequest } from "./claim.ts";
import { orderName } from "./payment_id.ts";
import { type OrderRecord, orderState } from "./record.ts";

/** Answers for orders that are known. */
export interface KnownOrders {
  /**
   * The answer about an order, or `null` if the order was declined and may be tried again
   * with this other code.
   */
  answer(
    merchantId: string,
    order: OrderRecord,
    request: PaymentRequest,
  ): Paid | Refusal | null;
  /** Whether an order's latest attempt was made with the same code. */
  isSameCode(
    merchantId: string,
    order: OrderRecord,
    request: PaymentRequest,
  ): boolean;
  /** The fingerprint of a code under its order. */
  codeHash(merchantId: string, request: PaymentRequest): KeyedHash;
}

/** The time of day in a zone, `hh:mm`. */
function timeOfDay(unixMs: number, timeZone: string): PaidBefore {
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    timeStyle: "short",
  }).format(unixMs);
  return { time, timeZone };
}

/**
 * The text that is fingerprinted. It contains the order's name, so that one code has
 * different fingerprints under two orders.
 */
const fingerprint = (
  merchantId: string,
  { orderId, code }: PaymentRequest,
) => `${orderName(merchantId, orderId)} ${code}`;

/** Makes {@linkcode KnownOrders}. */
export function createKnownOrders(deps: {
  vault: Vault;
  clock: Clock;
  /** IANA name of the time zone in which the time is shown to people. */
  timeZone: string;
}): KnownOrders {
  const { vault, clock } = deps;

  function isSameCode(
    merchantId: string,
    { payment }: OrderRecord,
    request: PaymentRequest,
  ): boolean {
    return payment !== null && vault.keyedHashMatches(
      "code",
      fingerprint(merchantId, request),
      payment.code_hash,
    );
  }

  /** The answer about an order, from the order's record alone. */
  function answer(
    merchantId: string,
    order: OrderRecord,
    request: PaymentRequest,
  ): Paid | Refusal | null {
    const { orderId } = request;
    const { payment } = order;
    if (payment === null) return refused("payment-reversed", { orderId });
    const paymentId = payment.payment_id;
    if (
      payment.amount_minor !== request.amountMinor ||
      payment.currency !== request.currency
    ) {
      return refused("order-conflict", {
        orderId,
        detail: "The order is known with another amount or currency.",
      });
    }
    if (
      orderState(order) === "declined" &&
      !isSameCode(merchantId, order, request)
    ) {
      return null;
    }
    const now = answerOf(payment);
    if (now.kind === "refused") return now;
    const atMs = payment.updated_ms;
    if (clock.nowMs() - atMs > ORDER_REPEAT_MS) {
      // It is not known whether this is a repeat or another purchase: some tills begin
      // their order numbers anew, and some repeat an order after a weekend.
      return refused("order-paid-earlier", {
        orderId,
        paymentId,
        paid: {
          atMs,
          timeZone: deps.timeZone,
          amountMinor: payment.amount_minor,
          currency: payment.currency,
        },
      });
    }
    return {
      kind: "paid",
      payment: { ...now.payment, repeat: true },
      before: timeOfDay(atMs, deps.timeZone),
    };
  }

  return {
    answer,
    isSameCode,
    codeHash: (merchantId, request) =>
      vault.keyedHash("code", fingerprint(merchantId, request)),
  };
}
