/**
 * What came of a callback and of a scan, in a line for people.
 *
 * @module
 */

import type { Taken } from "./inbox.ts";

const WORDS: Readonly<Record<string, string>> = {
  "payment.succeeded": "paid",
  "payment.declined": "declined",
  "payment.reversed": "reversed",
  "endpoint.test": "test",
};

/** An amount with the decimals of its currency. */
export function money(amountMinor: number, currency: string): string {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  return `${(amountMinor / 10 ** digits).toFixed(digits)} ${currency}`;
}

/** A callback in one line. */
export function describeTaken(taken: Taken): string {
  if (taken.kind === "refused") {
    return line("refused", "not signed with this shop's secret, or not lately");
  }
  const { type, id, payment } = taken.event;
  const word = WORDS[type] ?? type;
  const what = payment === undefined ? [id] : [
    payment.order_id,
    money(payment.amount_minor, payment.currency),
    ...(payment.decline_reason === undefined ? [] : [payment.decline_reason]),
    `version ${payment.order_version}`,
  ];
  if (taken.kind === "repeat") what.push("(came before, ignored)");
  if (taken.kind === "outdated") what.push("(overtaken, ignored)");
  return line(word, ...what);
}

/** A word and what it is about. */
export function line(word: string, ...what: readonly string[]): string {
  return [word.padEnd(9), ...what].join("  ");
}
