/**
 * A shop where codes are guessed, and a count of the searches that were made.
 *
 * @module
 */

import { openCore } from "../../../../edge/core/core.ts";
import type { Answer, Api, TestMerchant } from "../api.ts";
import { type TestApp, type TestAppOptions } from "../app.ts";
import { type Desk, openDesk } from "../desk.ts";
import { oneBucket } from "../scene.ts";

/** A minute, in milliseconds. */
export const MINUTE_MS = 60_000;

/** A day, in milliseconds. */
export const DAY_MS = 86_400_000;

/** Settings with so many bad codes. */
export const guessLimits = (perMinute: number, perDay = 1_000_000) => ({
  settings: {
    badCodes: { perTerminalMinute: perMinute, perMinute, perDay },
    walletBadCodes: { perMinute, perDay },
  },
});

/** A shop with so many bad codes; everybody is in bucket 0. */
export function guessedDesk(
  perMinute: number,
  perDay?: number,
  more: TestAppOptions = {},
): Promise<Desk> {
  return openDesk({
    random: oneBucket,
    ...guessLimits(perMinute, perDay),
    ...more,
  });
}

/** A code of bucket 0 that is nobody's. */
export const guess = (i: number) => `9010000${`${i}`.padStart(11, "0")}`;

/** What a core has compared before its first search: its self-test. */
const COMPARED = openCore(
  await Deno.readFile(
    new URL("../../../../wasm/release/core.wasm", import.meta.url),
  ),
).work().compares;

/**
 * How many searches the core has made: the bucket has one group of seeds, which
 * is compared once for each of three steps.
 */
export const searchesOf = ({ core }: TestApp) =>
  Number(core.work().compares - COMPARED) / 3;

/** Wrong codes at once, each for an order of its own. */
export function guesses(
  apis: readonly Api[],
  merchant: TestMerchant,
  count: number,
  first = 0,
): Promise<Answer[]> {
  return Promise.all(
    Array.from(
      { length: count },
      (_, i) =>
        apis[i % apis.length]!.pay(merchant, {
          code: guess(first + i),
          order_id: `guess-${first + i}`,
        }),
    ),
  );
}
