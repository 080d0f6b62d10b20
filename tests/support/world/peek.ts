/**
 * What a test wants to know of the store without knowing how it is kept.
 *
 * @module
 */

import { liveCredentials } from "../../../edge/enrolment/writes.ts";
import { orders } from "../../../edge/payment/order_form.ts";
import { orderName } from "../../../edge/payment/payment_id.ts";
import type { OrderRecord } from "../../../edge/payment/record.ts";
import { judge, policyOf } from "../../../edge/risk/policy.ts";
import { type AccountField, accountField } from "../../../edge/store/keys.ts";
import { readRecords } from "../../../edge/store/record.ts";
import type { Store } from "../../../edge/store/store.ts";

/** An order as it is stored, or `null` where there is none. */
export async function peekOrder(
  store: Store,
  merchantId: string,
  orderId: string,
): Promise<OrderRecord | null> {
  const name = orderName(merchantId, orderId);
  return (await readRecords(store, [orders(name)]))[0].value;
}

/** A counter of an account and the period that it is of. */
export interface PeekedCounter {
  readonly period: string;
  readonly amount: number;
}

/** An account as it is stored. */
export interface PeekedAccount {
  /** Its live credential; `null`: it has none. */
  readonly credential: string | null;
  readonly tier: string;
  /** `null`: it never had a credential. */
  readonly mark: number | null;
  /** By currency, of those that were asked for and are there. */
  readonly spent: Readonly<Record<string, PeekedCounter>>;
  readonly count: PeekedCounter | null;
  readonly offlineUses: PeekedCounter | null;
  readonly seenOnlineMs: number | null;
  /** The code of its latest payment, and the merchant. */
  readonly use: string | null;
  /** Its live online code, by its hash, or the one that was used. */
  readonly online: string | null;
}

/** An account as it is stored, with what it has spent in some currencies. */
export async function peekAccount(
  store: Pick<Store, "read">,
  accountId: string,
  currencies: readonly string[] = ["CNY", "EUR"],
): Promise<PeekedAccount> {
  const fields: AccountField[] = [
    "credential",
    "policy",
    "mark",
    "count",
    "offline",
    "seen",
    "use",
    "online",
    ...currencies.map((currency): AccountField => `spent:${currency}`),
  ];
  const { values } = await store.read({
    keys: fields.map((field) => accountField(accountId, field)),
  });
  const text = (field: AccountField) => values[fields.indexOf(field)] ?? null;
  const number = (field: AccountField) => {
    const value = text(field);
    return value === null ? null : Number(value);
  };
  const counter = (field: AccountField): PeekedCounter | null => {
    const value = text(field);
    if (value === null) return null;
    const at = value.lastIndexOf(":");
    return { period: value.slice(0, at), amount: Number(value.slice(at + 1)) };
  };
  return {
    credential: liveCredentials(accountId).held(text("credential")).value,
    tier: judge(policyOf(accountId, text("policy"))).risk,
    mark: number("mark"),
    spent: Object.fromEntries(currencies.flatMap((currency) => {
      const spent = counter(`spent:${currency}`);
      return spent === null ? [] : [[currency, spent]];
    })),
    count: counter("count"),
    offlineUses: counter("offline"),
    seenOnlineMs: number("seen"),
    use: text("use"),
    online: text("online"),
  };
}

/** What counts of an account's limits: the day of each counter in its name. */
export async function peekCounters(
  store: Pick<Store, "read">,
  accountId: string,
): Promise<Record<string, string>> {
  const account = await peekAccount(store, accountId);
  const { count, offlineUses, spent } = account;
  return Object.fromEntries([
    ...(count === null
      ? []
      : [[`payments:${accountId}:${count.period}`, `${count.amount}`]]),
    ...(offlineUses === null
      ? []
      : [[`offline-uses:${accountId}`, `${offlineUses.amount}`]]),
    ...Object.entries(spent).map(([currency, { period, amount }]) => [
      `spent:${accountId}:${currency}:${period}`,
      `${amount}`,
    ]),
  ]);
}
