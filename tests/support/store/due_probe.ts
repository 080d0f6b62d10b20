/**
 * Entries by which a test sees in which cells due payments are looked at: they name orders that
 * do not exist, and a sweep takes those out.
 *
 * @module
 */

import { dueOrders } from "../../../edge/payment/transition.ts";
import { placesIn } from "../../../edge/store/indexes.ts";
import { withPlace } from "../../../edge/store/place.ts";
import type { Store } from "../../../edge/store/store.ts";

/** Makes an order due in each of these cells. */
export async function probe(
  store: Store,
  cells: readonly number[],
): Promise<void> {
  await Promise.all(
    placesIn(dueOrders, cells).map((it, i) => {
      const order = withPlace("0".repeat(32), cells[i]!);
      return store.txn({ checks: [], writes: [it.put(order, 1)] });
    }),
  );
}

/** The cells in which it is still due. */
export async function unswept(
  store: Store,
  cells: readonly number[],
): Promise<number[]> {
  const pages = await Promise.all(
    placesIn(dueOrders, cells).map((it) => store.range(it.page(1))),
  );
  return cells.filter((_, i) => pages[i]!.length > 0);
}
