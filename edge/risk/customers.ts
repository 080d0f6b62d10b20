/**
 * How many customers have a live credential: one counter for each day on which
 * some expire. A counter ends with its day, so that what expires leaves the
 * count by itself.
 *
 * @module
 */

import { customersKey } from "../store/keys.ts";
import type { Store, Write } from "../store/store.ts";

const DAY_MS = 86_400_000;

/** Counts a credential that was made (1) or ended before its time (-1). */
export function countCustomer(expiresSeconds: number, delta: 1 | -1): Write {
  const day = Math.floor(expiresSeconds * 1000 / DAY_MS);
  return {
    kind: "add",
    counter: customersKey(day),
    delta,
    expiresAtMs: (day + 1) * DAY_MS,
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
  const keys = Array.from(
    { length: last - first + 1 },
    (_, i) => customersKey(first + i),
  );
  const { values } = await store.read({ keys });
  return values.reduce((sum, value) => sum + Number(value ?? 0), 0);
}
