/**
 * Pages through a merchant's payments, the latest first, by when they ended. A payment
 * keeps its place when it is reversed or refunded later, and payments that end meanwhile
 * come before the first page, so no page repeats or leaves out anything.
 *
 * One page costs a bounded number of reads. If few of many payments match, a page may be
 * short, or empty, and still have a cursor.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { TimeSpan } from "../base/day.ts";
import { formatPlace, isScore, parsePlace } from "../base/cursor.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { type CallerOf, refuseCaller } from "../merchant/authentication.ts";
import { merchants } from "../merchant/record.ts";
import { orders } from "../payment/order_form.ts";
import { orderNameOf } from "../payment/payment_id.ts";
import {
  attemptOf,
  type PaymentStatus,
  type PaymentView,
  viewPayment,
} from "../payment/record.ts";
import { readRecords } from "../store/record.ts";
import type { IndexEntry, Store } from "../store/store.ts";
import {
  events,
  isOfTill,
  readEvent,
  scoresOf,
  type TillQuery,
} from "./events.ts";

/** Which payments are asked for. */
export interface ListQuery extends Partial<TimeSpan>, TillQuery {
  readonly status?: PaymentStatus;
  readonly cursor?: string;
  /** The most payments of a page. */
  readonly limit: number;
}

/** A page of payments. */
export interface PaymentPage {
  readonly payments: readonly PaymentView[];
  /** Where the next page begins; absent if this is the last one. */
  readonly cursor?: string;
}

/** Lists payments. */
export interface PaymentList {
  list(
    caller: CallerOf<"merchant">,
    query: ListQuery,
  ): Promise<PaymentPage | Refusal>;
}

/** Entries that are read at a time, and how often for one page of the list. */
const READ = 200;
const READS = 5;

/** Makes a {@linkcode PaymentList}. */
export function createPaymentList(
  deps: { readonly store: Store; readonly clock: Clock },
): PaymentList {
  return { list: (caller, query) => listPayments(deps, caller, query) };
}

async function listPayments(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  caller: CallerOf<"merchant">,
  query: ListQuery,
): Promise<PaymentPage | Refusal> {
  const { merchant_id } = caller.merchant.record;
  const [held] = await readRecords(store, [merchants(merchant_id)]);
  const no = refuseCaller(caller, held, clock.nowMs());
  if (no !== null) return no;
  let after = query.cursor === undefined ? undefined : placeOf(query.cursor);
  if (after === null) {
    return refused("malformed-request", {
      detail: "cursor must be one that a page of payments gave.",
    });
  }
  const place = events(merchant_id);
  const payments: PaymentView[] = [];
  for (let reads = 0; reads < READS; reads++) {
    const page = await store.range(
      place.page(READ, { ...scoresOf(query), after }),
    );
    const found = await viewPage(store, merchant_id, page, query);
    for (const [i, view] of found.entries()) {
      if (view === null) continue;
      payments.push(view);
      if (payments.length < query.limit) continue;
      const isLast = page.length < READ && i === page.length - 1;
      return isLast ? { payments } : { payments, cursor: cursorOf(page[i]!) };
    }
    if (page.length < READ) return { payments };
    after = page.at(-1)!;
  }
  return { payments, cursor: cursorOf(after!) };
}

/** The payments of the entries, without those that do not belong in the list. */
async function viewPage(
  store: Store,
  merchantId: string,
  page: readonly IndexEntry[],
  query: ListQuery,
): Promise<(PaymentView | null)[]> {
  const wanted = page.map((entry) => {
    const event = readEvent(merchantId, entry);
    // A reversal or a refund after the end of a payment does not list the
    // payment a second time.
    return event.kind !== "reversed" && event.kind !== "refunded" &&
        isOfTill(event, query)
      ? event.paymentId
      : null;
  });
  const ids = wanted.filter((id) => id !== null);
  const held = ids.length === 0
    ? []
    : await readRecords(store, ids.map((id) => orders(orderNameOf(id))));
  const views = new Map(ids.map((id, i) => {
    const order = held[i]!.value;
    return [id, order === null ? null : attemptOf(order, id)];
  }));
  return wanted.map((id) => {
    const attempt = id === null ? null : views.get(id) ?? null;
    return attempt === null ||
        (query.status !== undefined && attempt.status !== query.status)
      ? null
      : viewPayment(attempt);
  });
}

const cursorOf = ({ score, member }: IndexEntry): string =>
  formatPlace([score, member]);

/** The place that a cursor names, or `null` if the text is no cursor. */
function placeOf(cursor: string): IndexEntry | null {
  const [score, member] = parsePlace(cursor) ?? [];
  return isScore(score) && typeof member === "string" && member.isWellFormed()
    ? { score, member }
    : null;
}
