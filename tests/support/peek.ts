/**
 * What a test wants to know of the store without knowing how it is kept.
 *
 * @module
 */

import { orderName } from "../../edge/payment/payment_id.ts";
import { type OrderRecord, parseOrder } from "../../edge/payment/record.ts";
import { orderKey } from "../../edge/store/keys.ts";
import type { Store } from "../../edge/store/store.ts";

/** An order as it is stored, or `null` where there is none. */
export async function peekOrder(
  store: Store,
  merchantId: string,
  orderId: string,
): Promise<OrderRecord | null> {
  const name = orderName(merchantId, orderId);
  const [raw] = (await store.read({ keys: [orderKey(name)] })).values;
  return raw == null ? null : parseOrder(name, raw);
}
