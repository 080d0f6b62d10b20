/**
 * Counts the customers with a live credential of each profile. There is one counter for
 * each day on which credentials expire, so that expired credentials drop out of the count
 * by themselves.
 *
 * @module
 */

import { inCell } from "../store/cells.ts";
import { customersKey } from "../store/keys.ts";
import { amountIn, counter, readRecords, recordKind } from "../store/record.ts";
import type { Store, Write } from "../store/store.ts";

const DAY_MS = 86_400_000;

/** The digits that a profile may have. */
const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Each cell counts its own customers. */
const customers = recordKind({
  key: (profile: number, day: number, cell: number | null = null) => {
    const name = customersKey(profile, day);
    return cell === null ? name : inCell(name, cell) as typeof name;
  },
  form: counter,
});

/** The name of a day that is counted from 1970. */
const nameOf = (day: number): string =>
  new Date(day * DAY_MS).toISOString().slice(0, "YYYY-MM-DD".length);

/** The fields of a seed that are counted. */
export interface CountedSeed {
  readonly profile: number;
  /** Unix seconds. */
  readonly expires: number;
}

/**
 * Counts a credential that was made (1), or that ended before it expired (-1).
 */
export function countCustomer(
  { profile, expires }: CountedSeed,
  delta: 1 | -1,
): Write<"local"> {
  const day = Math.floor(expires * 1000 / DAY_MS);
  return customers(profile, day).add({ period: nameOf(day), delta });
}

/**
 * The number of live credentials of each profile, exact to the day of their expiry.
 * Profiles without any are left out.
 *
 * @param ttlSeconds The longest that a credential lives.
 */
export async function readCustomers(
  store: Pick<Store, "read" | "cells">,
  nowMs: number,
  ttlSeconds: number,
): Promise<ReadonlyMap<number, number>> {
  const first = Math.floor(nowMs / DAY_MS);
  const last = Math.floor((nowMs + ttlSeconds * 1000) / DAY_MS);
  const days = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const places = DIGITS.flatMap((profile) =>
    days.map((day) => ({ profile, day }))
  );
  const counts = new Map<number, number>();
  for (const cell of store.cells?.tags.keys() ?? [null]) {
    const held = await readRecords(
      store,
      places.map(({ profile, day }) => customers(profile, day, cell)),
    );
    places.forEach(({ profile, day }, i) => {
      const count = amountIn(held[i]!.value, nameOf(day));
      if (count > 0) counts.set(profile, (counts.get(profile) ?? 0) + count);
    });
  }
  return counts;
}
