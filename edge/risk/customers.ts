/**
 * How many customers have a live credential: one counter for each day on which
 * some expire, so that what expires leaves the count by itself.
 *
 * @module
 */

import { customersKey } from "../store/keys.ts";
import { counter, readRecords, recordKind } from "../store/record.ts";
import type { Store, Write } from "../store/store.ts";

const DAY_MS = 86_400_000;

const customers = recordKind({ key: customersKey, form: counter });

/** The name of a day that is counted from 1970. */
const nameOf = (day: number): string =>
  new Date(day * DAY_MS).toISOString().slice(0, "YYYY-MM-DD".length);

/** Counts a credential that was made (1) or ended before its time (-1). */
export function countCustomer(expiresSeconds: number, delta: 1 | -1): Write {
  const day = Math.floor(expiresSeconds * 1000 / DAY_MS);
  return {
    kind: "add",
    counter: customersKey(day),
    period: nameOf(day),
    delta,
  };
}

/**
 * Credentials that have not ended, to the day of their expiry.
 *
 * @param ttlSeconds The longest that a credential lives.
 */
export async function readCustomers(
  store: Store,
  nowMs: number,
  ttlSeconds: number,
): Promise<number> {
  const first = Math.floor(nowMs / DAY_MS);
  const last = Math.floor((nowMs + ttlSeconds * 1000) / DAY_MS);
  const days = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const held = await readRecords(store, days.map((day) => customers(day)));
  return held.reduce(
    (sum, { value }, i) =>
      value?.period === nameOf(days[i]!) ? sum + value.amount : sum,
    0,
  );
}
