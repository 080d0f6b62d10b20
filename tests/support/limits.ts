/**
 * A till that pays up to an account's limits, and a look at its counters.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Answer } from "./api.ts";
import { type Desk, storedValues } from "./desk.ts";
import { dumpStore } from "./store_dump.ts";

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

/** What still counts, by name. */
export function counters(
  desk: Desk,
  ...kinds: string[]
): Record<string, string> {
  const all = kinds.length > 0 ? kinds : ["spent", "payments", "offline-uses"];
  const live = storedValues(desk.app.path, ...all)
    .filter(({ expiresAtMs }) => {
      // None may stay for ever, and none may be below 0.
      assert(expiresAtMs !== null);
      return expiresAtMs > desk.clock.ms;
    });
  for (const { value } of live) assert(/^(0|[1-9][0-9]*)$/.test(value), value);
  return Object.fromEntries(live.map(({ name, value }) => [name, value]));
}

/** Everything in the store but the count of guesses. */
export function recordsOf({ app }: Desk): string[] {
  return dumpStore(app.path).filter((row) => !row.includes(":guesses:"));
}
