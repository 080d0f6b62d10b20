/**
 * A bill as text: a head, a line for each event, and a tail with the totals.
 * The digest of a closed bill is computed from this text, so the text that this
 * file makes of the same events must never change. Pure.
 *
 * @module
 */

import { timeText } from "../base/clock.ts";
import type { TimeSpan } from "../base/day.ts";
import { snakeNames } from "../base/spelling.ts";
import type { EventKind, PaymentEvent } from "./events.ts";
import type { TotalsRow } from "./totals.ts";

/** The forms of a bill. */
export const BILL_FORMS = ["csv", "json"] as const;

/** A form of a bill. */
export type BillForm = typeof BILL_FORMS[number];

/** What a bill is about. */
export interface BillHead extends TimeSpan {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly timeZone: string;
  readonly isClosed: boolean;
}

/** How a bill is written. */
export interface BillWriter {
  head(bill: BillHead): string;
  line(event: BillEvent, isFirst: boolean): string;
  tail(bill: BillHead, totals: readonly TotalsRow[]): string;
}

/** What a bill calls the events that moved money. */
const LINES = {
  paid: "payment",
  reversed: "reversal",
  refunded: "refund",
} as const satisfies Partial<Record<EventKind, string>>;

/** An event that has a line in a bill. */
export type BillEvent = PaymentEvent & { readonly kind: keyof typeof LINES };

/** Whether an event has a line in a bill. */
export function isBilled(event: PaymentEvent): event is BillEvent {
  return event.kind in LINES;
}

const COLUMNS = (
  "line,at,payment_id,order_id,refund_id,store_id,terminal_id,currency," +
  "amount_minor,paid_count,paid_minor,reversed_count,reversed_minor," +
  "refunded_count,refunded_minor,net_minor"
).split(",");

/** A row (RFC 4180) with the cells of these columns; the others are empty. */
function row(cells: Readonly<Record<string, string | number>>): string {
  return `${COLUMNS.map((name) => cell(cells[name] ?? "")).join(",")}\r\n`;
}

/**
 * A cell. Spreadsheets take a text for a formula if it begins with one of four
 * characters, and an apostrophe before it prevents that (OWASP, CSV Injection). Some
 * spreadsheets separate cells by other characters than a comma, so the text after such
 * a character is treated like the beginning of a cell.
 */
function cell(value: string | number): string {
  if (typeof value === "number") return `${value}`;
  const safe = value.replace(/(^|[,;|\t])(?=[=+\-@])/g, "$1'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const csv: BillWriter = {
  head: () => `${COLUMNS.join(",")}\r\n`,
  line: (event) => row(lineOf(event)),
  tail: ({ isClosed, toMs }, totals) =>
    totals.map(({ by, ...rest }) =>
      row({ line: `total by ${by}`, ...snakeNames(rest) })
    ).join("") +
    // The last row also shows that the bill is complete.
    row(isClosed ? { line: "closed", at: timeText(toMs) } : { line: "open" }),
};

/** The members of a line, by their names in the API and in their order. */
function lineOf(event: BillEvent) {
  const { refundId, storeId, terminalId } = event;
  return {
    line: LINES[event.kind],
    at: timeText(event.atMs),
    payment_id: event.paymentId,
    order_id: event.orderId,
    ...(refundId !== undefined && { refund_id: refundId }),
    ...(storeId !== undefined && { store_id: storeId }),
    ...(terminalId !== undefined && { terminal_id: terminalId }),
    currency: event.currency,
    amount_minor: event.amountMinor,
  };
}

const jsonForm: BillWriter = {
  head: ({ day, timeZone, fromMs, toMs, isClosed }) =>
    JSON.stringify({
      day,
      time_zone: timeZone,
      from: timeText(fromMs),
      to: timeText(toMs),
      closed: isClosed,
    }).replace(/\}$/, ',"lines":['),
  line: (event, isFirst) =>
    `${isFirst ? "" : ","}\n${JSON.stringify(lineOf(event))}`,
  tail: (_, totals) =>
    `\n],"totals":${JSON.stringify(totals.map(snakeNames))}}\n`,
};

/** The writers by their forms. */
export const BILL_WRITERS: Readonly<Record<BillForm, BillWriter>> = {
  csv,
  json: jsonForm,
};
