/**
 * What bills are made of, and what they sum up to, for tests that compare them with a
 * ledger.
 *
 * @module
 */

import { events, readEvent } from "../../../edge/bill/events.ts";
import { Totals } from "../../../edge/bill/totals.ts";
import type { Store } from "../../../edge/store/store.ts";

/** The latest events of a merchant, a thousand unless told otherwise, the latest first. */
export async function peekEvents(
  store: Pick<Store, "range">,
  merchantId: string,
  latest = 1_000,
) {
  const page = await store.range(events(merchantId).page(latest));
  return page.map((entry) => readEvent(merchantId, entry));
}

/** What bills say that a merchant got for an order; for all of them if none is given. */
export async function billedMinor(
  store: Pick<Store, "range">,
  merchantId: string,
  orderId?: string,
  latest?: number,
): Promise<number> {
  const totals = new Totals();
  for (const event of await peekEvents(store, merchantId, latest)) {
    if (orderId === undefined || event.orderId === orderId) totals.add(event);
  }
  return totals.rows().filter(({ by }) => by === "currency")
    .reduce((sum, { netMinor }) => sum + netMinor, 0);
}
