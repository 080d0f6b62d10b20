/**
 * The merchants' queues of callbacks: how many callbacks wait, whether the
 * endpoint's breaker is open, and how many callbacks were given up.
 *
 * @module
 */

import { type Clock, timeText } from "../base/clock.ts";
import { isRefusal, type Refusal } from "../base/outcome.ts";
import {
  breakers,
  failureStreaks,
  nextProbeMs,
} from "../callback/endpoint/breaker.ts";
import { LANES } from "../callback/message/lanes.ts";
import { deadLists, endpoints, lanes } from "../callback/message/stored.ts";
import type { Merchants } from "../merchant/merchants.ts";
import { holdAll } from "../store/record.ts";
import type { Store } from "../store/store.ts";

/** The queue of a merchant. */
export interface CallbackQueue {
  readonly merchantId: string;
  /** Absent if the merchant has no endpoint. */
  readonly endpoint?: "active" | "disabled" | undefined;
  readonly url?: string | undefined;
  readonly breaker: "closed" | "open";
  /** RFC 3339; when an open breaker lets the next probe through. */
  readonly nextProbeAt?: string;
  /** RFC 3339; since when every attempt has failed. */
  readonly failingSince?: string;
  /** Callbacks that wait, at most {@linkcode MOST_COUNTED}. */
  readonly waiting: number;
  /** RFC 3339; when the first of them is due, which may be in the past. */
  readonly dueAt?: string;
  /** Callbacks that were given up, at most {@linkcode MOST_COUNTED}. */
  readonly dead: number;
}

/** The queues of a page of merchants. */
export interface CallbackQueuePage {
  readonly queues: readonly CallbackQueue[];
  /** The cursor of the next page; absent on the last page. */
  readonly cursor?: string | undefined;
  /**
   * The number of cells of the store that did not answer, and whose merchants are left
   * out; absent if all answered.
   */
  readonly cellsSilent?: number | undefined;
}

/** The most callbacks that are counted in one lane, and among the dead. */
export const MOST_COUNTED = 100;

/** How many records, and how many indexes, are read for each merchant. */
const RECORDS = 3;
const INDEXES = LANES.length + 1;

/** The queues of a page of merchants; those that have neither endpoint nor queue are left out. */
export async function listQueues(
  { store, merchants }: {
    readonly store: Store;
    readonly clock: Clock;
    readonly merchants: Pick<Merchants, "list">;
  },
  cursor?: string,
): Promise<CallbackQueuePage | Refusal> {
  const page = await merchants.list(cursor);
  if (isRefusal(page)) return page;
  const ids = page.merchants.map((it) => it.merchant_id);
  const { cursor: next, cellsSilent } = page;
  if (ids.length === 0) return { queues: [], cellsSilent };
  const places = ids.map((id) =>
    [endpoints(id), breakers(id), failureStreaks(id)] as const
  );
  const { values, ranges } = await store.read({
    keys: places.flatMap((it) => it.map(({ ref }) => ref)),
    ranges: ids.flatMap((id) =>
      [...LANES.map((lane) => lanes(id, lane)), deadLists(id)]
        .map((index) => index.page(MOST_COUNTED))
    ),
  });
  const queues = ids.map((merchantId, i): CallbackQueue => {
    const [endpoint, breaker, failures] = holdAll(
      places[i]!,
      values.slice(i * RECORDS, (i + 1) * RECORDS),
    );
    const indexes = ranges.slice(i * INDEXES, (i + 1) * INDEXES);
    const waiting = indexes.slice(0, LANES.length);
    const firstMs = Math.min(
      ...waiting.flatMap(([first]) => first === undefined ? [] : [first.score]),
    );
    return {
      merchantId,
      endpoint: endpoint.value?.status,
      url: endpoint.value?.url,
      breaker: breaker.value === null ? "closed" : "open",
      ...(breaker.value !== null &&
        { nextProbeAt: timeText(nextProbeMs(breaker.value)) }),
      ...(failures.value !== null &&
        { failingSince: timeText(failures.value.since_ms) }),
      waiting: Math.min(
        MOST_COUNTED,
        waiting.reduce((sum, { length }) => sum + length, 0),
      ),
      ...(Number.isFinite(firstMs) && { dueAt: timeText(firstMs) }),
      dead: indexes.at(-1)!.length,
    };
  });
  return {
    queues: queues.filter((it) =>
      it.endpoint !== undefined || it.waiting > 0 || it.dead > 0
    ),
    cursor: next,
    cellsSilent,
  };
}
