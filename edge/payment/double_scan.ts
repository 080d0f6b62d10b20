/**
 * Decides about a purchase that may be a double scan: the same payer has paid the same
 * amount to the same merchant under another order a moment ago. Only people know
 * whether it is a second purchase or the same one scanned twice. So somebody is asked,
 * unless the till has said that it is a second purchase, or the earlier payment has
 * taken no money.
 *
 * @module
 */

import { type Refusal, refused } from "../base/outcome.ts";
import { readRecords } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import type { Assumptions, PaymentRequest } from "./claim.ts";
import { orders } from "./order_form.ts";
import { orderNameOf } from "./payment_id.ts";
import { attemptOf, orderState } from "./record.ts";

/** Who is asked about a possible double scan. */
export type DoubleScanAsks = "cashier" | "customer";

/**
 * The assumptions for the next try to claim a purchase that equals the payment
 * `earlierId`, or a refusal that tells the cashier to ask the customer.
 */
export async function meetLikePurchase(
  { store, doubleScanAsks, timeZone }: {
    readonly store: Store;
    readonly doubleScanAsks: DoubleScanAsks;
    readonly timeZone: string;
  },
  { orderId, split }: PaymentRequest,
  assumed: Assumptions,
  earlierId: string | null,
): Promise<Assumptions | Refusal> {
  // The guard of the earlier purchase has just expired.
  if (earlierId === null) return { ...assumed, likeOne: null, part: 1 };
  const [{ value: order }] = await readRecords(store, [
    orders(orderNameOf(earlierId)),
  ]);
  const earlier = order === null ? null : attemptOf(order, earlierId);
  const part = earlier?.split?.part ?? 0;
  if (
    split !== undefined && split.of === earlier?.split?.of && part < split.parts
  ) {
    return { ...assumed, likeOne: earlierId, part: part + 1 };
  }
  if (doubleScanAsks === "customer") return { ...assumed, doubleScan: true };
  if (order === null || earlier === null || cameToNothing(earlier.status)) {
    return { ...assumed, likeOne: earlierId, part: 1 };
  }
  return refused("looks-like-double-scan", {
    orderId,
    earlier: {
      orderId: order.order_id,
      atMs: earlier.created_ms,
      timeZone,
      isPaid: orderState(order) === "paid",
    },
  });
}

/** Whether a payment has ended and keeps no money. */
function cameToNothing(status: string): boolean {
  return ["declined", "reversed", "refunded"].includes(status);
}
