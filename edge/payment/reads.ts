/**
 * What a merchant may ask about its payments. One that a crash left under way
 * is driven on before it is shown.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { isId } from "../ids.ts";
import { type CallerOf, refuseCaller } from "../merchant/authentication.ts";
import { type Refusal, refused } from "../outcome.ts";
import { merchantKey, orderKey, paymentKey } from "../store/keys.ts";
import { type Store, StoreUnavailableError } from "../store/store.ts";
import type { Engine } from "./engine.ts";
import {
  type OrderRecord,
  type PaymentRecord,
  type PaymentView,
  QUERY_SECONDS,
  viewPayment,
} from "./record.ts";
import { RECOVER_AFTER_MS } from "./transition.ts";

/** The questions of a merchant. */
export interface PaymentReads {
  /** A payment of this merchant; one under way is driven on first. */
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
  async function readPayment(paymentId: string): Promise<PaymentRecord> {
    const [raw] = (await store.read({ keys: [paymentKey(paymentId)] })).values;
    // An order names its payment in the transaction that wrote both.
    if (raw == null) throw new StoreUnavailableError("corrupt");
    return JSON.parse(raw) as PaymentRecord;
  }

  /** What a merchant sees; one that a crash left is driven on first. */
  async function view(record: PaymentRecord): Promise<PaymentView> {
    const idleMs = clock.nowMs() - Date.parse(record.updated_at);
    const underWay = record.status === "processing" ||
      record.status === "reversing";
    if (!underWay || idleMs < RECOVER_AFTER_MS) return viewPayment(record);
    const current = await engine.read(record.payment_id);
    if (current === null) return viewPayment(record);
    return viewPayment((await engine.drive(current)).payment);
  }

  return {
    async get(caller, paymentId) {
      if (!isId("pay", paymentId)) return refused("not-found");
      const { merchant_id } = caller.merchant.record;
      const [raw, rawMerchant] = (await store.read({
        keys: [paymentKey(paymentId), merchantKey(merchant_id)],
      })).values;
      const no = refuseCaller(caller, rawMerchant, clock.nowMs());
      if (no !== null) return no;
      const record = raw == null ? null : JSON.parse(raw) as PaymentRecord;
      return record?.merchant_id === merchant_id
        ? await view(record)
        : refused("not-found");
    },

    async getByOrder(caller, orderId) {
      const { merchant_id } = caller.merchant.record;
      const [raw, rawMerchant] = (await store.read({
        keys: [orderKey(merchant_id, orderId), merchantKey(merchant_id)],
      })).values;
      const no = refuseCaller(caller, rawMerchant, clock.nowMs());
      if (no !== null) return no;
      const order = raw == null ? null : JSON.parse(raw) as OrderRecord;
      if (order === null) {
        return refused("not-found", {
          orderId,
          nextQuerySeconds: QUERY_SECONDS,
        });
      }
      if (order.attempt === null) {
        return refused("payment-reversed", { orderId });
      }
      return await view(await readPayment(order.attempt.payment_id));
    },
  };
}
