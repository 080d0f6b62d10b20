/**
 * Pages through a merchant's callbacks. All callbacks and the delivered ones are
 * found in the merchant's list, dead ones in the list of the dead, pending ones in
 * the lanes, and those of an order from the order's version.
 *
 * One page costs a bounded number of reads. If few of many callbacks match, a
 * page may be short, or empty, and still have a cursor.
 *
 * @module
 */

import { type Refusal, refused } from "../../base/outcome.ts";
import { orders } from "../../payment/order_form.ts";
import { orderName } from "../../payment/payment_id.ts";
import type { IndexPlace } from "../../store/indexes.ts";
import { readRecords } from "../../store/record.ts";
import type { IndexEntry, Store } from "../../store/store.ts";
import { LANES } from "../message/lanes.ts";
import { callbackId } from "../message/queued.ts";
import type { CallbackStatus, CallbackView } from "../message/record.ts";
import {
  callbackLists,
  deadLists,
  lanes,
  readMessages,
  viewCallback,
} from "../message/stored.ts";
import { type Cursor, formatCursor, parseCursor } from "./cursor.ts";

const PAGE = 50;
/** For one page at most `LOOKS` reads are made, of `LOOK` records each. */
const LOOK = 200;
const LOOKS = 5;

/**
 * Which callbacks are asked for. Pending ones are listed by when they are due.
 */
export interface CallbackQuery {
  readonly status?: CallbackStatus;
  readonly orderId?: string;
  /** The cursor that the page before gave. */
  readonly cursor?: string;
}

/** A page of callbacks, latest first. */
export interface CallbackPage {
  readonly callbacks: readonly CallbackView[];
  /** The cursor of the next page; absent on the last page. */
  readonly cursor?: string;
}

/** A callback that may exist, and the cursor that continues after it. */
interface Place {
  readonly id: string;
  readonly cursor: Cursor;
}

/**
 * Gives the next places in order. Fewer than `limit` means that there are no
 * more.
 */
type NextPlaces = (limit: number) => Promise<readonly Place[]>;

/** A page of a merchant's callbacks; `malformed-request` for a bad cursor. */
export async function listCallbacks(
  store: Store,
  merchantId: string,
  query: CallbackQuery,
): Promise<CallbackPage | Refusal> {
  const cursor = query.cursor === undefined ? null : parseCursor(query.cursor);
  const isBad = cursor === null && query.cursor !== undefined;
  const next = isBad ? null : await placesOf(store, merchantId, query, cursor);
  if (next === null) {
    return refused("malformed-request", {
      detail: "cursor must be one that a page of the same query gave.",
    });
  }
  const callbacks: CallbackView[] = [];
  let last: Cursor | null = null;
  for (let look = 0; look < LOOKS; look++) {
    const places = await next(LOOK);
    const ids = places.map(({ id }) => id);
    const { endpoint, found } = await readMessages(store, merchantId, ids);
    for (const { id, cursor } of places) {
      if (callbacks.length === PAGE) {
        return { callbacks, cursor: formatCursor(last!) };
      }
      const record = found.get(id)?.record;
      if (
        record !== undefined &&
        record.status === (query.status ?? record.status)
      ) {
        callbacks.push(viewCallback(record, endpoint));
      }
      last = cursor;
    }
    if (places.length < LOOK) return { callbacks };
  }
  return { callbacks, cursor: formatCursor(last!) };
}

/**
 * The places of a query after a cursor; `null` if the cursor belongs to another
 * query.
 */
async function placesOf(
  store: Store,
  merchantId: string,
  { status, orderId }: CallbackQuery,
  cursor: Cursor | null,
): Promise<NextPlaces | null> {
  if (orderId !== undefined) {
    return await placesOfOrder(store, merchantId, orderId, cursor);
  }
  const indexes = status === "pending"
    ? LANES.map((lane) => lanes(merchantId, lane))
    : [status === "dead" ? deadLists(merchantId) : callbackLists(merchantId)];
  return placesOfIndexes(store, indexes, cursor);
}

/** The entries of several indexes, one index after the other. */
function placesOfIndexes(
  store: Store,
  indexes: readonly IndexPlace[],
  cursor: Cursor | null,
): NextPlaces | null {
  let at = 0;
  let after: IndexEntry | undefined;
  if (cursor !== null) {
    at = Number(cursor.at);
    if (!("after" in cursor) || indexes[at] === undefined) return null;
    after = cursor.after;
  }
  return async (limit) => {
    const places: Place[] = [];
    while (places.length < limit && at < indexes.length) {
      const wanted = limit - places.length;
      const entries = await store.range(indexes[at]!.page(wanted, { after }));
      for (const entry of entries) {
        const cursor = { at: `${at}`, after: entry };
        places.push({ id: entry.member, cursor });
      }
      after = entries.at(-1);
      if (entries.length < wanted) {
        at++;
        after = undefined;
      }
    }
    return places;
  };
}

/** The versions of an order, latest first. */
async function placesOfOrder(
  store: Store,
  merchantId: string,
  orderId: string,
  cursor: Cursor | null,
): Promise<NextPlaces | null> {
  if (cursor !== null && !("version" in cursor)) return null;
  const name = orderName(merchantId, orderId);
  const [{ value: order }] = await readRecords(store, [orders(name)]);
  // 0 where there is no order: no stored order has the version 0.
  const last = order?.version ?? 0;
  const first = order?.first_version ?? 1;
  let version = Math.min(last, cursor?.version ?? last);
  return (limit) => {
    const places: Place[] = [];
    for (; places.length < limit && version >= first; version--) {
      places.push({
        id: callbackId(merchantId, orderId, version),
        cursor: { at: "order", version: version - 1 },
      });
    }
    return Promise.resolve(places);
  };
}
