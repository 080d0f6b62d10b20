/**
 * A till that pays up to an account's limits, and a look at its counters.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Answer } from "../api.ts";
import type { Desk } from "../desk.ts";
import { peekCounters } from "../peek.ts";
import { dumpStore } from "../../store/dump.ts";

/** An hour, in milliseconds. */
export const HOUR_MS = 3_600_000;

/** A day, in milliseconds. */
export const DAY_MS = 86_400_000;

/** Pays 12.50, or so much, by the next code under the next order. */
export function till(desk: Desk) {
  let orders = 0;
  return async (amount_minor = 1_250, fields = {}): Promise<Answer> =>
    await desk.pay(`order-${++orders}`, desk.next(), {
      amount_minor,
      ...fields,
    });
}

/** A payment must have been refused for this limit. */
export function assertLimit({ status, body }: Answer, limit: string): void {
  assertEquals(
    [status, body.code, body.retry, body.detail],
    [
      422,
      "limit-exceeded",
      "new-code",
      `The payment would exceed the limit ${limit}.`,
    ],
  );
}

/** The counters of the desk's account that are there, by name. */
export async function counters(
  { app, phone }: Desk,
  ...kinds: string[]
): Promise<Record<string, string>> {
  const all = Object.entries(await peekCounters(app.store, phone.accountId));
  for (const [, value] of all) assert(/^(0|[1-9][0-9]*)$/.test(value), value);
  return Object.fromEntries(
    all.filter(([name]) =>
      kinds.length === 0 || kinds.includes(name.split(":")[0]!)
    ),
  );
}

/** Everything in the store but the count of guesses. */
export function recordsOf({ app }: Desk): string[] {
  return dumpStore(app.path).filter((row) => !row.includes(":guesses:"));
}
