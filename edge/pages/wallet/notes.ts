/// <reference lib="dom" />
/**
 * The notes that the customer has to read: each says one thing in words, and the most
 * serious one comes first.
 *
 * @module
 */

import type { Translate } from "../shared/language.ts";
import { html } from "../shared/view.ts";
import type { Phone } from "./phone.ts";
import type { WalletKey } from "./texts.ts";

/** Writes an amount in the customer's language. */
export type Money = (minor: number, currency: string) => string;

type Note = readonly ["good" | "bad" | "warn", string];

/** A duration in the largest unit of which it has at least two. */
function lengthText(ms: number, t: Translate<WalletKey>): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 120) return t("inSeconds", { n: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return t("inMinutes", { n: minutes });
  const hours = Math.round(minutes / 60);
  return hours < 48
    ? t("inHours", { n: hours })
    : t("inDays", { n: Math.round(hours / 24) });
}

function notesOf(
  phone: Phone,
  t: Translate<WalletKey>,
  money: Money,
): Note[] {
  const { kept, clockOffMs, online } = phone;
  const state = kept?.state ?? null;
  const notes: Note[] = [];
  if (phone.isEnded) return [["bad", t("ended")]];
  if (phone.isExpired) notes.push(["bad", t("expired")]);
  if (clockOffMs !== 0) {
    const amount = lengthText(clockOffMs, t);
    const key = clockOffMs < 0 ? "clockSlow" : "clockFast";
    notes.push(["bad", t(key, { amount })]);
  }
  if (state?.risk === "blocked") notes.push(["bad", t("blocked")]);
  if (state?.offline_codes === "off") notes.push(["bad", t("codesOff")]);
  // A note that paying works offline must not appear beside one that says that shops
  // refuse the code.
  if (online === false && notes.length === 0) {
    const until = Date.parse(state?.offline_until ?? "");
    notes.push(
      phone.nowMs >= until
        ? ["warn", t("offlineTooLong")]
        : ["good", t("offline")],
    );
  }
  if (state?.risk === "restricted") {
    const { per_payment_minor, limit_currency } = state;
    const amount = money(per_payment_minor, limit_currency);
    notes.push(["warn", t("restricted", { amount })]);
  }
  if (phone.refusedCore !== null) notes.push(["warn", t("coreRefused")]);
  return notes;
}

/** The current notes. A screen reader reads each new one aloud. */
export function Notes(
  { phone, t, money }: {
    phone: Phone;
    t: Translate<WalletKey>;
    money: Money;
  },
) {
  const notes = notesOf(phone, t, money);
  return html`
    <div role="status">
      ${notes.map(([kind, text]) =>
        html`<p class="note ${kind}" key=${text}>${text}</p>`
      )}
    </div>
  `;
}
