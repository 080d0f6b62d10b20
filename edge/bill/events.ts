/**
 * The events of a merchant's money. Each event is one index member, written in the
 * transaction that ends the payment or the refund. A member is never changed. It
 * contains everything that a bill says about the event, so a bill needs no other
 * record.
 *
 * The list of payments is read from the same index. A payment that was declined, or
 * reversed before it was paid, therefore has a member, too, although no money moved.
 *
 * @module
 */

import { decodeBase64Url } from "@std/encoding/base64url";
import { encode } from "../base/base64url.ts";
import type { TimeSpan } from "../base/day.ts";
import type { Consequence, PaymentEnd } from "../payment/consequence.ts";
import { orderName, paymentIdOf, tailOf } from "../payment/payment_id.ts";
import { indexKind } from "../store/indexes.ts";
import {
  billsClosedKey,
  createdMs,
  eventsKey,
  latestFirst,
} from "../store/keys.ts";
import { type Form, recordKind } from "../store/record.ts";
import type { IndexEntry } from "../store/store.ts";

const KINDS = {
  p: "paid",
  d: "declined",
  /** Reversed after it was paid. */
  r: "reversed",
  /** Reversed without having been paid. */
  v: "voided",
  f: "refunded",
} as const;

/** What has happened to a payment. */
export type EventKind = typeof KINDS[keyof typeof KINDS];

const LETTERS = Object.fromEntries(
  Object.entries(KINDS).map(([letter, kind]) => [kind, letter]),
) as Record<EventKind, keyof typeof KINDS>;

/** An event. */
export interface PaymentEvent {
  readonly kind: EventKind;
  /** When it was committed, unix ms. */
  readonly atMs: number;
  readonly paymentId: string;
  readonly orderId: string;
  /** Only for a refund. */
  readonly refundId?: string;
  readonly storeId?: string;
  readonly terminalId?: string;
  readonly currency: string;
  /** Of the payment or of the refund, in minor units. */
  readonly amountMinor: number;
}

/** The events of a merchant, the latest first. */
export const events = indexKind(eventsKey);

/** Selects events by their shop and till; a field that is absent selects all. */
export interface TillQuery {
  readonly storeId?: string;
  readonly terminalId?: string;
}

/** Whether an event is of the shop and the till that are asked for. */
export function isOfTill(
  event: PaymentEvent,
  { storeId, terminalId }: TillQuery,
): boolean {
  return (storeId === undefined || event.storeId === storeId) &&
    (terminalId === undefined || event.terminalId === terminalId);
}

/** The scores of the events of a span. */
export function scoresOf(
  { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER }: Partial<TimeSpan>,
): { readonly min: number; readonly max: number } {
  return {
    min: latestFirst(Math.max(1, toMs) - 1),
    max: latestFirst(Math.max(0, fromMs)),
  };
}

/** A time, unix ms. */
const moment: Form<number> = { write: (ms) => `${ms}`, read: Number };

/**
 * Until when the bills of a merchant are closed, unix ms. The transaction of every
 * event checks it, so that no event is committed with a time in a closed bill, even if
 * its transaction was delayed.
 */
export const closedBills = recordKind({ key: billsClosedKey, form: moment });

/**
 * Which event the end of a payment or of a refund is for its merchant; `null`
 * if it is none.
 */
function kindOf({ before, after, refund }: PaymentEnd): EventKind | null {
  if (refund !== undefined) {
    return refund.status === "succeeded" ? "refunded" : null;
  }
  switch (after.status) {
    case "succeeded":
      return "paid";
    case "declined":
      return "declined";
    case "reversed":
      // A declined payment already has its event.
      if (before.status === "declined") return null;
      return after.paid_ms === undefined ? "voided" : "reversed";
    default:
      return null;
  }
}

/** The member of an end. Ids have no spaces, so spaces separate them. */
function memberOf(kind: EventKind, { after, refund }: PaymentEnd): string {
  const tail = encode(Uint8Array.fromHex(tailOf(after.payment_id)));
  return [
    // The first bits of a tail are 0 while there is one cell.
    LETTERS[kind] + after.currency + tail.replace(/^A+/, ""),
    (refund ?? after).amount_minor.toString(36),
    after.order_id,
    after.store_id ?? "",
    after.terminal_id ?? "",
    refund?.refund_id ?? "",
  ].join(" ").trimEnd();
}

/** The letters of 64 bits in base64url. */
const TAIL_LETTERS = 11;

/** Reads an entry of the events of a merchant. */
export function readEvent(
  merchantId: string,
  { score, member }: IndexEntry,
): PaymentEvent {
  const [head = "", amount = "", orderId = "", storeId, terminalId, refundId] =
    member.split(" ");
  const tail = decodeBase64Url(head.slice(4).padStart(TAIL_LETTERS, "A"));
  return {
    kind: KINDS[head[0] as keyof typeof KINDS],
    atMs: createdMs(score),
    paymentId: paymentIdOf(orderName(merchantId, orderId), tail.toHex()),
    orderId,
    ...(refundId && { refundId }),
    ...(storeId && { storeId }),
    ...(terminalId && { terminalId }),
    currency: head.slice(1, 4),
    amountMinor: parseInt(amount, 36),
  };
}

/** The consequence that writes the event of an end. */
export function createEventConsequence(): Consequence {
  return {
    reads: (merchantId) => [billsClosedKey(merchantId)],
    plan(end, [closedText = null]) {
      const kind = kindOf(end);
      if (kind === null) return { checks: [], writes: [] };
      const { merchant_id } = end.after;
      const closed = closedBills(merchant_id).held(closedText);
      const atMs = Math.max(end.nowMs, closed.value ?? 0);
      return {
        checks: [closed.unchanged("closed")],
        writes: [
          events(merchant_id).put(memberOf(kind, end), latestFirst(atMs)),
        ],
      };
    },
  };
}
