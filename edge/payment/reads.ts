/**
 * The calls by which a merchant reads its payments. A payment that a crash left
 * unfinished is driven on before it is shown.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { type CallerOf, refuseCaller } from "../merchant/authentication.ts";
import { merchants } from "../merchant/record.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { readRecords } from "../store/record.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { Engine } from "./engine.ts";
import { orders } from "./order_form.ts";
import { isPaymentId, orderName, orderNameOf } from "./payment_id.ts";
import {
  type Attempt,
  attemptOf,
  type OrderRecord,
  type PaymentView,
  QUERY_SECONDS,
  viewPayment,
} from "./record.ts";
import { RECOVER_AFTER_MS } from "./transition.ts";

/** The use cases that read payments. */
export interface PaymentReads {
  /**
   * A payment of this merchant. If a crash left it unfinished, it is driven on first.
   */
  get(
    caller: CallerOf<"merchant">,
    paymentId: string,
  ): Promise<PaymentView | Refusal>;
  /** The latest payment of an order of this merchant. */
  getByOrder(
    caller: CallerOf<"merchant">,
    orderId: string,
  ): Promise<PaymentView | Refusal>;
}

/** Makes {@linkcode PaymentReads}. */
export function createPaymentReads(
  { store, engine, clock }: { store: Store; engine: Engine; clock: Clock },
): PaymentReads {
  /** Shows a payment. If a crash left it unfinished, it is driven on first. */
  async function view(order: OrderRecord, attempt: Attempt) {
    const idleMs = clock.nowMs() - attempt.updated_ms;
    const underWay = attempt.status === "processing" ||
      attempt.status === "reversing";
    if (!underWay || idleMs < RECOVER_AFTER_MS) return viewPayment(attempt);
    const { merchant_id, order_id } = order;
    const current = await engine.read(
      orderName(merchant_id, order_id),
      merchant_id,
    );
    if (current === null) return viewPayment(attempt);
    let { order: shown } = current;
    try {
      shown = (await engine.drive(current)).order;
    } catch (error) {
      // The customer's cell does not answer. The payment is still under way, and the order,
      // which is in the merchant's cell, says so.
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
    return viewPayment(attemptOf(shown, attempt.payment_id) ?? attempt);
  }

  /** Reads an order of this caller. */
  async function readOrder(
    caller: CallerOf<"merchant">,
    name: string,
  ): Promise<OrderRecord | null | Refusal> {
    const { merchant_id } = caller.merchant.record;
    const [merchant, { value: order }] = await readRecords(store, [
      merchants(merchant_id),
      orders(name),
    ]);
    const no = refuseCaller(caller, merchant, clock.nowMs());
    if (no !== null) return no;
    // An order of another merchant is answered as if it did not exist.
    return order?.merchant_id === merchant_id ? order : null;
  }

  return {
    async get(caller, paymentId) {
      if (!isPaymentId(paymentId)) return refused("not-found");
      const order = await readOrder(caller, orderNameOf(paymentId));
      if (order !== null && "kind" in order) return order;
      const attempt = order === null ? null : attemptOf(order, paymentId);
      return order === null || attempt === null
        ? refused("not-found")
        : await view(order, attempt);
    },

    async getByOrder(caller, orderId) {
      const name = orderName(caller.merchant.record.merchant_id, orderId);
      const order = await readOrder(caller, name);
      if (order === null) {
        return refused("not-found", {
          orderId,
          nextQuerySeconds: QUERY_SECONDS,
        });
      }
      if ("kind" in order) return order;
      return order.payment === null
        ? refused("payment-reversed", { orderId })
        : await view(order, order.payment);
    },
  };
}
