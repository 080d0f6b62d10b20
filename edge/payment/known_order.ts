/**
 * What an order that is already known answers, whatever is scanned: it comes
 * before anything that could be said about the code.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { type Refusal, refused } from "../outcome.ts";
import { ORDER_REPEAT_MS, orderKey } from "../store/keys.ts";
import { StoreUnavailableError } from "../store/store.ts";
import type { KeyedHash, Vault } from "../vault/seal.ts";
import {
  answerOf,
  declinedAnswer,
  type Paid,
  type PaidBefore,
} from "./answers.ts";
import type { PaymentRequest } from "./claim.ts";
import type { Engine } from "./engine.ts";
import type { OrderRecord } from "./record.ts";

/** Answers for orders that are known. */
export interface KnownOrders {
  /**
   * What an order answers, or `null` where a declined one may be tried with
   * this other code.
   */
  answer(
    merchantId: string,
    order: OrderRecord,
    request: PaymentRequest,
  ): Promise<Paid | Refusal | null>;
  /** Whether an order's latest attempt was made with this very code. */
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

/** Makes {@linkcode KnownOrders}. */
export function createKnownOrders(deps: {
  engine: Engine;
  vault: Vault;
  clock: Clock;
  /** IANA name of the zone in which people are told the time. */
  timeZone: string;
}): KnownOrders {
  const { engine, vault, clock } = deps;

  /** The order's name makes one code under two orders look different. */
  const fingerprint = (
    merchantId: string,
    { orderId, code }: PaymentRequest,
  ) => `${orderKey(merchantId, orderId)} ${code}`;

  function isSameCode(
    merchantId: string,
    { attempt }: OrderRecord,
    request: PaymentRequest,
  ): boolean {
    return attempt !== null && vault.keyedHashMatches(
      "code",
      fingerprint(merchantId, request),
      attempt.code_hash,
    );
  }

  async function answer(
    merchantId: string,
    order: OrderRecord,
    request: PaymentRequest,
  ): Promise<Paid | Refusal | null> {
    const { orderId } = request;
    const { attempt } = order;
    if (attempt === null) return refused("payment-reversed", { orderId });
    if (
      attempt.amount_minor !== request.amountMinor ||
      attempt.currency !== request.currency
    ) {
      return refused("order-conflict", {
        orderId,
        detail: "The order is known with another amount or currency.",
      });
    }
    if (
      order.state === "paid" &&
      clock.nowMs() - (attempt.paid_at_ms ?? 0) > ORDER_REPEAT_MS
    ) {
      // Neither a repeat nor another purchase: tills restart their numbers,
      // and a till may repeat an order after a weekend.
      return refused("order-paid-earlier", {
        orderId,
        paymentId: attempt.payment_id,
        paid: {
          atMs: attempt.paid_at_ms ?? 0,
          timeZone: deps.timeZone,
          amountMinor: attempt.amount_minor,
          currency: attempt.currency,
        },
      });
    }
    switch (order.state) {
      case "open":
      case "paid":
      case "reversing": {
        // As they are now, order and payment of one moment: between two looks
        // at them the order could have changed.
        const current = await engine.read(attempt.payment_id, {
          merchant_id: merchantId,
          order_id: orderId,
        });
        if (current === null) throw new StoreUnavailableError("corrupt");
        const now = answerOf(current.payment);
        if (now.kind === "refused") return now;
        const paidAtMs = current.order.attempt?.paid_at_ms ?? 0;
        return {
          kind: "paid",
          payment: { ...now.payment, repeat: true },
          before: timeOfDay(paidAtMs, deps.timeZone),
        };
      }
      case "declined":
        return isSameCode(merchantId, order, request)
          ? declinedAnswer(orderId, attempt)
          : null;
      case "reversed":
        return refused("payment-reversed", {
          orderId,
          paymentId: attempt.payment_id,
        });
    }
  }

  return {
    answer,
    isSameCode,
    codeHash: (merchantId, request) =>
      vault.keyedHash("code", fingerprint(merchantId, request)),
  };
}
