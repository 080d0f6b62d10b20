/**
 * The bill of a day: every payment, reversal and refund of a merchant on one
 * day of its time zone, and their totals.
 *
 * A day is closed some time after it has ended. Closing is a write that the
 * transaction of every event checks (`events.ts`), so nothing can be added to a
 * closed bill. The digests of the bill are recorded then. If the bill that is
 * sent later has another digest, it is cut off before its end.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { BackOff } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import { spanOfDay, type TimeSpan } from "../base/day.ts";
import { type Refusal, refused } from "../base/outcome.ts";
import { nextTurn } from "../base/turn.ts";
import type { ClockGuard } from "../health/clock_guard.ts";
import { type CallerOf, refuseCaller } from "../merchant/authentication.ts";
import { merchants } from "../merchant/record.ts";
import { commit } from "../store/commit.ts";
import { billKey } from "../store/keys.ts";
import { json, readRecords, recordKind } from "../store/record.ts";
import { LOST, retry } from "../store/retry.ts";
import type { IndexEntry, Store } from "../store/store.ts";
import {
  BILL_FORMS,
  BILL_WRITERS,
  type BillForm,
  type BillHead,
  isBilled,
} from "./bill_text.ts";
import {
  closedBills,
  events,
  isOfTill,
  type PaymentEvent,
  readEvent,
  scoresOf,
  type TillQuery,
} from "./events.ts";
import { Totals, type TotalsRow } from "./totals.ts";

/** How long after its end a day closes. */
export const CLOSES_AFTER_MS = 15 * 60_000;

/** The longest span of totals. */
export const MOST_TOTALS_MS = 31 * 86_400_000;

/**
 * A bill whose records expire within this time is refused, so that a bill that is being
 * sent can be read to its end.
 */
const READING_MS = 3_600_000;

/** Events that are read at a time, which takes about 2 ms of an edge's time. */
const PAGE = 250;

/** A bill, which is read while it is sent. */
export interface Bill {
  readonly head: BillHead;
  /** SHA-256 of the text, in base64; only of a closed bill. */
  readonly sha256?: string;
  readonly lines?: number;
  /**
   * The text. Reading it fails before the end if the store does not answer, or if the
   * text of a closed bill has changed since it was closed.
   */
  text(): AsyncGenerator<string>;
}

/** The span, and the shop or the till, that totals are asked for. */
export interface TotalsQuery extends TimeSpan, TillQuery {}

/** The use cases of bills. */
export interface Bills {
  /**
   * The bill of one day; `not-found` for a day that has none, or none any more.
   *
   * @param onPage Called for each page of events that is read.
   */
  bill(
    caller: CallerOf<"merchant">,
    day: string,
    form: BillForm,
    onPage: () => void,
  ): Promise<Bill | Refusal>;
  /** The same, for an operator. */
  billOf(
    merchantId: string,
    day: string,
    form: BillForm,
  ): Promise<Bill | Refusal>;
  /** The totals of a span of time. */
  totals(
    caller: CallerOf<"merchant">,
    query: TotalsQuery,
    onPage: () => void,
  ): Promise<readonly TotalsRow[] | Refusal>;
}

/** What bills need. */
export interface BillDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
  readonly backOff: BackOff;
  /** The time zone of merchants that have none of their own. */
  readonly timeZone: string;
  /** How long events are kept. */
  readonly recordMs: number;
  /** Called for a closed bill whose text no longer has the recorded digest. */
  readonly onDiffers: (merchantId: string, day: string) => void;
}

/** What is recorded of a bill when it is closed. */
interface ClosedBill {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly time_zone: string;
  readonly lines: number;
  /** SHA-256 of each form, base64. */
  readonly sha256: Readonly<Record<BillForm, string>>;
}

const bills = recordKind({ key: billKey, form: json<ClosedBill>() });

/** Makes the {@linkcode Bills} use cases. */
export function createBills(deps: BillDeps): Bills {
  const { store, clock } = deps;

  async function mayRead(caller: CallerOf<"merchant">) {
    const { merchant_id } = caller.merchant.record;
    const [held] = await readRecords(store, [merchants(merchant_id)]);
    return refuseCaller(caller, held, clock.nowMs());
  }

  return {
    async bill(caller, day, form, onPage) {
      const { merchant_id } = caller.merchant.record;
      return await mayRead(caller) ??
        await openBill({ ...deps, onPage }, merchant_id, day, form);
    },
    billOf: (merchantId, day, form) => openBill(deps, merchantId, day, form),
    async totals(caller, query, onPage) {
      const no = await mayRead(caller);
      if (no !== null) return no;
      const { merchant_id } = caller.merchant.record;
      const totals = new Totals();
      for await (
        const page of eventsOf({ store, onPage }, merchant_id, query)
      ) {
        for (const event of page) {
          if (isOfTill(event, query)) totals.add(event);
        }
      }
      return totals.rows();
    },
  };
}

/** The store and the merchant that events are read from. */
interface EventSource {
  readonly store: Store;
  readonly onPage?: () => void;
}

/** The events of a span, page by page, the latest first. */
async function* eventsOf(
  { store, onPage }: EventSource,
  merchantId: string,
  span: TimeSpan,
): AsyncGenerator<readonly PaymentEvent[]> {
  const place = events(merchantId);
  let after: IndexEntry | undefined;
  do {
    const page = await store.range(
      place.page(PAGE, { ...scoresOf(span), after }),
    );
    after = page.length < PAGE ? undefined : page.at(-1);
    onPage?.();
    // A store in the same process answers without a turn of the event loop, and payments
    // must not wait for a whole bill.
    await nextTurn();
    yield page.map((entry) => readEvent(merchantId, entry));
  } while (after !== undefined);
}

async function openBill(
  deps: BillDeps & EventSource,
  merchantId: string,
  day: string,
  form: BillForm,
): Promise<Bill | Refusal> {
  const { store, clock, clockGuard, recordMs } = deps;
  const [merchant, held] = await readRecords(store, [
    merchants(merchantId),
    bills(merchantId, day),
  ]);
  if (merchant.value === null) return refused("not-found");
  // A closed bill keeps its span, even if the time zone of the deployment changes.
  const timeZone = held.value?.time_zone ?? merchant.value.time_zone ??
    deps.timeZone;
  const span = held.value === null ? spanOfDay(day, timeZone) : {
    fromMs: held.value.from_ms,
    toMs: held.value.to_ms,
  };
  const nowMs = clock.nowMs();
  if (
    span === null || span.fromMs > nowMs ||
    span.fromMs + recordMs < nowMs + READING_MS
  ) {
    return refused("not-found", {
      detail:
        "There is no bill of this day: it is no day, has not begun, or its records are no longer kept.",
    });
  }
  const head = { day, timeZone, ...span, isClosed: held.value !== null };
  if (held.value !== null) {
    return closed(deps, merchantId, head, held.value, form);
  }
  if (nowMs < span.toMs + CLOSES_AFTER_MS) {
    return { head, text: () => textOf(deps, merchantId, head, form) };
  }
  // An edge whose clock is fast would close a day on which payments still end.
  if (!(await clockGuard.check()).sure) return refused("clock-unsure");
  const whole = { ...head, isClosed: true };
  return closed(
    deps,
    merchantId,
    whole,
    await close(deps, merchantId, whole),
    form,
  );
}

/** A closed bill. */
function closed(
  deps: BillDeps & EventSource,
  merchantId: string,
  head: BillHead,
  { lines, sha256 }: ClosedBill,
  form: BillForm,
): Bill {
  return {
    head,
    lines,
    sha256: sha256[form],
    async *text() {
      const hash = createHash("sha256");
      // Each part is held back until the next one was read, so that the last part is
      // only sent if the digest of the whole text is right.
      let last = "";
      for await (const text of textOf(deps, merchantId, head, form)) {
        if (last !== "") yield last;
        hash.update(text);
        last = text;
      }
      const [is, was] = [hash.digest("base64"), sha256[form]];
      if (is !== was) {
        deps.onDiffers(merchantId, head.day);
        throw new Error("The bill differs from what it was when it was closed");
      }
      yield last;
    },
  };
}

/** The text of a bill, page by page. */
async function* textOf(
  source: EventSource,
  merchantId: string,
  head: BillHead,
  form: BillForm,
): AsyncGenerator<string> {
  const writer = BILL_WRITERS[form];
  const totals = new Totals();
  let isFirst = true;
  yield writer.head(head);
  for await (const page of eventsOf(source, merchantId, head)) {
    let text = "";
    for (const event of page) {
      if (!isBilled(event)) continue;
      totals.add(event);
      text += writer.line(event, isFirst);
      isFirst = false;
    }
    if (text !== "") yield text;
  }
  yield writer.tail(head, totals.rows());
}

/**
 * Closes a bill for good, and records the number of its lines and its digests.
 */
async function close(
  deps: BillDeps & EventSource,
  merchantId: string,
  head: BillHead,
): Promise<ClosedBill> {
  const { store, backOff, recordMs } = deps;
  await closeUntil(store, merchantId, head.toMs, backOff);
  const bill: ClosedBill = {
    from_ms: head.fromMs,
    to_ms: head.toMs,
    time_zone: head.timeZone,
    ...await measure(deps, merchantId, head),
  };
  const place = bills(merchantId, head.day);
  const end = await commit(store, {
    guards: [place.absent("bill")],
    writes: [place.set(bill, recordMs)],
  });
  // If another process has closed the bill meanwhile, it has recorded the same.
  return end.committed ? bill : place.held(end.value).value ?? bill;
}

/** From now on no event is committed with a time before `untilMs`. */
async function closeUntil(
  store: Store,
  merchantId: string,
  untilMs: number,
  backOff: BackOff,
): Promise<void> {
  await retry(async () => {
    const [held] = await readRecords(store, [closedBills(merchantId)]);
    if ((held.value ?? 0) >= untilMs) return;
    const { committed } = await commit(store, {
      guards: [held.unchanged("closed")],
      writes: [held.set(untilMs)],
    });
    return committed ? undefined : LOST;
  }, { backOff });
}

/** How many lines a bill has, and the digest of each of its forms. */
async function measure(
  source: EventSource,
  merchantId: string,
  head: BillHead,
) {
  const totals = new Totals();
  let lines = 0;
  const parts = BILL_FORMS.map((form) => {
    const [hash, writer] = [createHash("sha256"), BILL_WRITERS[form]];
    hash.update(writer.head(head));
    return { form, hash, writer };
  });
  for await (const page of eventsOf(source, merchantId, head)) {
    for (const event of page) {
      if (!isBilled(event)) continue;
      totals.add(event);
      for (const { hash, writer } of parts) {
        hash.update(writer.line(event, lines === 0));
      }
      lines++;
    }
  }
  const rows = totals.rows();
  return {
    lines,
    sha256: Object.fromEntries(parts.map(({ form, hash, writer }) => [
      form,
      hash.update(writer.tail(head, rows)).digest("base64"),
    ])) as Record<BillForm, string>,
  };
}
