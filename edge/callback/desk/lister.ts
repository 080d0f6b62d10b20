/**
 * Pages through a merchant's callbacks: all of them and those delivered from
 * the merchant's list, the dead from theirs, the pending from the lanes, those
 * of an order from the order's version.
 *
 * One page costs a bounded number of reads. Where few of many match, it may
 * hold fewer than it could, and still have one after it.
 *
 * @module
 */

import { type Refusal, refused } from "../../base/outcome.ts";
import { orderName } from "../../payment/payment_id.ts";
import { parseOrder } from "../../payment/record.ts";
import {
  callbackEndpointKey,
  callbackKey,
  callbackLaneKey,
  callbacksKey,
  deadCallbacksKey,
  orderKey,
} from "../../store/keys.ts";
import type { IndexEntry, Store } from "../../store/store.ts";
import { type Cursor, formatCursor, parseCursor } from "./cursor.ts";
import { LANES } from "../message/lanes.ts";
import { callbackId } from "../message/queued.ts";
import type {
  CallbackRecord,
  CallbackStatus,
  CallbackView,
} from "../message/record.ts";
import { parseCallback, viewCallback } from "../message/stored.ts";

const PAGE = 50;
/** Records looked at for one page: in each read, and in how many reads. */
const LOOK = 200;
const LOOKS = 5;

/** Which callbacks are asked for; those that are pending by when they are due. */
export interface CallbackQuery {
  readonly status?: CallbackStatus;
  readonly orderId?: string;
  /** As the page before gave it. */
  readonly cursor?: string;
}

/** A page of callbacks, latest first. */
export interface CallbackPage {
  readonly callbacks: readonly CallbackView[];
  /** Asks for the page after it; absent on the last one. */
  readonly cursor?: string;
}

/** Lists callbacks. */
export interface Lister {
  /** A page of a merchant's callbacks; `malformed-request` for a bad cursor. */
  list(
    merchantId: string,
    query: CallbackQuery,
  ): Promise<CallbackPage | Refusal>;
}

/** What is left to look at, and how to look at it. */
interface Source {
  /** The next ids in order, at most `limit`. */
  next(limit: number): Promise<readonly string[]>;
  /** Where to go on behind the first `seen` of the ids just given. */
  cursor(seen: number): Cursor;
}

/** Makes a {@linkcode Lister}. */
export function createLister({ store }: { store: Store }): Lister {
  /** Indexes one after the other, from where a page ended. */
  function indexed(
    indexes: readonly string[],
    cursor: Cursor | null,
  ): Source | null {
    let at = 0;
    let after: IndexEntry | undefined;
    if (cursor !== null) {
      at = Number(cursor.at);
      if (!("after" in cursor) || indexes[at] === undefined) return null;
      after = cursor.after;
    }
    let page: { at: number; entry: IndexEntry }[] = [];
    /** The last one of the pages before. */
    let before: typeof page[number] | undefined;
    return {
      async next(limit) {
        before = page.at(-1) ?? before;
        page = [];
        while (page.length < limit && at < indexes.length) {
          const entries = await store.range({
            index: indexes[at]!,
            min: 0,
            max: Number.MAX_SAFE_INTEGER,
            limit: limit - page.length,
            ...(after !== undefined && { after }),
          });
          const missing = limit - page.length - entries.length;
          page.push(...entries.map((entry) => ({ at, entry })));
          after = entries.at(-1) ?? after;
          if (missing > 0) {
            at++;
            after = undefined;
          }
        }
        return page.map(({ entry }) => entry.member);
      },
      cursor(seen) {
        const last = page[seen - 1] ?? before!;
        return { at: `${last.at}`, after: last.entry };
      },
    };
  }

  /** The versions of an order, latest first. */
  async function ofOrder(
    merchantId: string,
    orderId: string,
    cursor: Cursor | null,
  ): Promise<Source | null> {
    if (cursor !== null && !("version" in cursor)) return null;
    const name = orderName(merchantId, orderId);
    const [raw] = (await store.read({ keys: [orderKey(name)] })).values;
    const order = raw == null ? null : parseOrder(name, raw);
    // 0 where there is no order: no stored order has the version 0.
    const last = order?.version ?? 0;
    const first = order?.first_version ?? 1;
    let version = Math.min(last, cursor?.version ?? last);
    let from = version;
    return {
      next(limit) {
        from = version;
        version = Math.max(Math.min(from, first - 1), from - limit);
        const ids = Array.from(
          { length: from - version },
          (_, i) => callbackId(merchantId, orderId, from - i),
        );
        return Promise.resolve(ids);
      },
      cursor: (seen) => ({ at: "order", version: from - seen }),
    };
  }

  async function sourceOf(
    merchantId: string,
    { status, orderId }: CallbackQuery,
    cursor: Cursor | null,
  ): Promise<Source | null> {
    if (orderId !== undefined) {
      return await ofOrder(merchantId, orderId, cursor);
    }
    switch (status) {
      case "pending":
        return indexed(
          LANES.map((lane) => callbackLaneKey(merchantId, lane)),
          cursor,
        );
      case "dead":
        return indexed([deadCallbacksKey(merchantId)], cursor);
      default:
        return indexed([callbacksKey(merchantId)], cursor);
    }
  }

  /** Records of ids, with the endpoint as it was at that moment. */
  async function readAll(merchantId: string, ids: readonly string[]): Promise<{
    records: (CallbackRecord | null)[];
    endpointRaw: string | null;
  }> {
    const [endpointRaw = null, ...values] = (await store.read({
      keys: [callbackEndpointKey(merchantId), ...ids.map(callbackKey)],
    })).values;
    return {
      endpointRaw,
      records: ids.map((id, i) => parseCallback(id, values[i])),
    };
  }

  return {
    async list(merchantId, query) {
      const cursor = query.cursor === undefined
        ? null
        : parseCursor(query.cursor);
      const source = cursor === null && query.cursor !== undefined
        ? null
        : await sourceOf(merchantId, query, cursor);
      if (source === null) {
        return refused("malformed-request", {
          detail: "cursor must be one that a page of the same query gave.",
        });
      }
      const callbacks: CallbackView[] = [];
      for (let look = 0; look < LOOKS; look++) {
        const ids = await source.next(LOOK);
        const { records, endpointRaw } = await readAll(merchantId, ids);
        for (const [i, record] of records.entries()) {
          if (callbacks.length === PAGE) {
            return { callbacks, cursor: formatCursor(source.cursor(i)) };
          }
          if (isAskedFor(record, merchantId, query.status)) {
            callbacks.push(viewCallback(record!, endpointRaw));
          }
        }
        if (ids.length < LOOK) return { callbacks };
        if (look === LOOKS - 1) {
          return { callbacks, cursor: formatCursor(source.cursor(ids.length)) };
        }
      }
      return { callbacks };
    },
  };
}

function isAskedFor(
  record: CallbackRecord | null,
  merchantId: string,
  status: CallbackStatus | undefined,
): boolean {
  return record !== null && record.merchant_id === merchantId &&
    (status === undefined || record.status === status);
}
