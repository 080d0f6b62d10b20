/**
 * What the benches of callbacks deliver with: the dispatcher of this process on
 * a store, merchants with endpoints, and ends of payments that were never made,
 * so that queuing a callback costs one transaction only.
 *
 * @module
 */

import { systemClock, systemRandom } from "../../../edge/base/clock.ts";
import { newId } from "../../../edge/base/ids.ts";
import { planCallback } from "../../../edge/callback/message/queued.ts";
import type { EndpointRecord } from "../../../edge/callback/message/record.ts";
import { endpoints } from "../../../edge/callback/message/stored.ts";
import { createHttpSender } from "../../../edge/callback_http/sender.ts";
import { newPaymentId, orderName } from "../../../edge/payment/payment_id.ts";
import { type Held, readRecords } from "../../../edge/store/record.ts";
import type { Store } from "../../../edge/store/store.ts";
import { paymentRecord } from "../../../tests/support/world/model/payment_record.ts";
import { composeEdge } from "../../edge.ts";
import { inParallel } from "../../parallel.ts";

export const RECEIVER = "scripts/bench/callbacks/receiver.ts";

type BenchMerchant = Readonly<
  { id: string; endpoint: Held<EndpointRecord, "merchant"> }
>;

/** Merchants, and who delivers to them. */
export type CallbacksWorld = Awaited<ReturnType<typeof openCallbacks>>;

/** Makes one merchant for each URL. */
export async function openCallbacks(store: Store, urls: readonly string[]) {
  const sender = createHttpSender({ clock: systemClock, insecure: true });
  const { useCases, dispatcher } = composeEdge({ store, sender });
  const merchants: BenchMerchant[] = [];
  for (const url of urls) {
    const made = await useCases.merchants
      .create({ name: "Bench", callbackUrl: url });
    if ("kind" in made) throw new Error("A merchant was refused");
    const id = made.record.merchant_id;
    const [endpoint] = await readRecords(store, [endpoints(id)]);
    merchants.push({ id, endpoint });
  }
  /** Ends one payment of a merchant; its body is made now. */
  const end = async ({ id, endpoint }: BenchMerchant) => {
    const nowMs = systemClock.nowMs();
    const orderId = newId("req", systemRandom);
    const after = paymentRecord(nowMs, {
      payment_id: newPaymentId(orderName(id, orderId), "", systemRandom),
      ...{ merchant_id: id, order_id: orderId },
    });
    const { guard, writes } = planCallback({ after, nowMs }, endpoint, "test");
    const { committed } = await store.txn({ checks: [guard], writes });
    if (!committed) throw new Error("An endpoint has changed");
  };
  return {
    ...{ dispatcher, merchants, end },
    /** Ends so many payments of each merchant, interleaved. */
    queue: (each: number) =>
      inParallel(
        each * merchants.length,
        (n) => end(merchants[n % merchants.length]!),
      ),
    async [Symbol.asyncDispose]() {
      await dispatcher.stop();
      await sender.close();
    },
  };
}
