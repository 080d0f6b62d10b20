/**
 * Fields that calls of several audiences share: orders, accounts, codes and
 * amounts.
 *
 * @module
 */

import { z } from "zod";
import { CURRENCIES } from "../../base/currencies.ts";
import { chosenId } from "../kit/fields.ts";

/** The merchant's id of a purchase. */
export const orderId = chosenId(
  "The merchant's own id of one purchase, unique among its orders",
  "order-2026-000017",
);

/** Largest amount of a payment and of a sandbox balance, in minor units. */
const MAX_AMOUNT_MINOR = 999_999_999_999;

/** An amount of at least `least` minor units. */
export function amount(least: number, description: string) {
  const must = `must be an integer from ${least} to ${MAX_AMOUNT_MINOR}`;
  return z.int(must).min(least, must).max(MAX_AMOUNT_MINOR, must).meta({
    description,
    example: 1250,
  });
}

/** The message for a name that is a segment of a path. */
export const NO_DOTS = "must not be . or .., which no URL can hold";

/**
 * The wallet's id of an account. It cannot be `.` or `..`, because it is a segment of
 * paths, and clients remove these segments (RFC 3986 §5.2.4).
 */
export const accountId = chosenId(
  "The wallet's own id of an account; neither `.` nor `..`",
  "acct-1001",
).refine((id) => id !== "." && id !== "..", NO_DOTS);

/** A payment code in a body. Its form is judged later, by the search. */
export const code = z.string("must be a string of at most 64 characters")
  .max(64, "must be a string of at most 64 characters")
  .meta({
    description:
      "The payment code as scanned, 16 to 24 digits, as a string: it may begin with 0",
    example: "901004201234567890",
  });

/** A currency that amounts may be in. */
export const currency = z.enum(CURRENCIES, "must be an ISO 4217 currency code")
  .meta({
    id: "Currency",
    description: "ISO 4217 alphabetic code",
    example: "EUR",
  });

const MOMENT = "must be an RFC 3339 time such as 2026-01-31T12:00:00Z";

/** A time that a client sends. */
export const moment = (description: string) =>
  z.iso.datetime({ offset: true, error: MOMENT }).meta({
    description: `${description}, RFC 3339`,
    example: "2026-01-31T12:00:00Z",
  });
