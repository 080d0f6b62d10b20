/**
 * Callbacks as records, stored without the payments that they tell of.
 *
 * @module
 */

import type { CallbackRecord } from "../../../edge/callback/message/record.ts";
import {
  callbackKey,
  callbacksKey,
  deadCallbacksKey,
  latestFirst,
} from "../../../edge/store/keys.ts";
import type { Store } from "../../../edge/store/store.ts";

/** A callback by its number, made so many milliseconds after `startMs`. */
export function callbackRecord(
  merchantId: string,
  number: number,
  startMs: number,
  status: CallbackRecord["status"],
): CallbackRecord {
  return {
    callback_id: `cb_${number.toString(16).padStart(32, "0")}`,
    merchant_id: merchantId,
    order_id: `order-${number}`,
    payment_id: `pay_${number.toString(16).padStart(32, "0")}`,
    type: "payment.succeeded",
    status,
    payload: "{}",
    lane: "first",
    tries: 0,
    attempts: 0,
    due_ms: startMs,
    created_at: new Date(startMs + number).toISOString(),
  };
}

/** Stores records, each in the lists that its status belongs to. */
export async function storeCallbacks(
  store: Store,
  records: readonly CallbackRecord[],
): Promise<void> {
  for (const record of records) {
    const { callback_id, merchant_id, status } = record;
    const lists = [
      callbacksKey(merchant_id),
      ...(status === "dead" ? [deadCallbacksKey(merchant_id)] : []),
    ];
    await store.txn({
      checks: [],
      writes: [
        {
          kind: "set",
          key: callbackKey(callback_id),
          value: JSON.stringify(record),
        },
        ...lists.map((index) => ({
          kind: "index" as const,
          index,
          member: callback_id,
          score: latestFirst(Date.parse(record.created_at)),
        })),
      ],
    });
  }
}
