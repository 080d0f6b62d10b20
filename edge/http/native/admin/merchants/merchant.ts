/**
 * A merchant as an administrator sees it.
 *
 * @module
 */

import { z } from "zod";
import type { Guessing } from "../../../../merchant/guessing.ts";
import type { MerchantRecord } from "../../../../merchant/record.ts";
import { readTimeZone } from "../../../../base/time_zone.ts";
import { displayName, madeId, time } from "../../../kit/fields.ts";

/** The id of a merchant. */
export const merchantId = madeId("mer", "The merchant");

/** Whether a merchant may take payments. */
export const merchantStatus = z.enum(
  ["active", "suspended"],
  "must be active or suspended",
);

/**
 * A limit of bad codes. It is at least 1, because a search needs a guess
 * permit.
 */
export function badCodes(most: number, description: string) {
  const must = `must be an integer from 1 to ${most}`;
  return z.int(must).min(1, must).max(most, must).meta({ description });
}

/** The limits of bad codes of a merchant. */
export const merchantBadCodes = {
  per_terminal_minute: badCodes(
    10_000_000,
    "Bad codes of one `terminal_id` in a minute; payments without a `terminal_id` share one limit",
  ),
  per_minute: badCodes(
    10_000_000,
    "Bad codes of all terminals together in a minute",
  ),
  per_day: badCodes(
    1_000_000_000,
    "Bad codes of all terminals together in a day",
  ),
};

const chance = (description: string) =>
  z.number().min(0).max(1).meta({ description });

/** The odds of guessing codes at a merchant. */
export const guessing = {
  bad_codes: z.strictObject(merchantBadCodes),
  guess_odds: z.strictObject({
    customers: z.int().min(0).meta({
      description: "Customers with a live seed, at present",
    }),
    per_guess: chance(
      "Probability that one random code is a code of one of these customers",
    ),
    per_day: chance(
      "Probability that a day of random codes, as many as the limits allow, hits one of these customers",
    ),
  }).exactOptional().meta({
    description:
      "Absent while a part of the store does not answer, because all customers are counted",
  }),
};

/** An example of {@linkcode guessing}. */
export const guessingExample = {
  bad_codes: { per_terminal_minute: 20, per_minute: 200, per_day: 2_000 },
  guess_odds: {
    customers: 1_000_000,
    per_guess: 3e-9,
    per_day: 0.000005999982009035946,
  },
};

const ZONE = "must be the name of an IANA time zone such as Europe/Berlin";

/** The time zone in which a merchant's days begin. */
export const timeZone = z.string(ZONE).max(64, ZONE)
  .refine((name) => readTimeZone(name) !== null, ZONE).meta({
    description:
      "IANA name of the time zone in which the days of its bills begin; absent: that of the deployment, `OFFCODE_TIME_ZONE`. It cannot be changed",
    example: "Europe/Berlin",
  });

/** The fields of every answer about a merchant. */
export const merchantFields = {
  merchant_id: merchantId,
  name: displayName,
  status: merchantStatus,
  time_zone: timeZone.exactOptional(),
};

/** An example of {@linkcode merchantFields}. */
export const merchantExample = {
  merchant_id: "mer_0a1b2c3d4e5f60718293a4b5c6d7e8f9",
  name: "Corner Coffee",
  status: "active",
};

/** A merchant as it is listed. */
export const listedMerchant = z.strictObject({
  ...merchantFields,
  created_at: time("When the merchant was created"),
}).meta({ id: "ListedMerchant" });

/** An example of {@linkcode listedMerchant}. */
export const listedExample = {
  ...merchantExample,
  created_at: "2026-01-31T11:00:00.000Z",
};

/** The fields of a merchant's record that are shown. */
export function viewMerchant(record: MerchantRecord) {
  return {
    merchantId: record.merchant_id,
    name: record.name,
    status: record.status,
    timeZone: record.time_zone,
    createdAt: record.created_at,
  };
}

/** The members of {@linkcode guessing}. */
export function viewGuessing(
  { badCodes, odds }: Awaited<ReturnType<Guessing["describe"]>>,
) {
  return { badCodes, guessOdds: odds };
}
