/**
 * API keys as an administrator sees them.
 *
 * @module
 */

import { z } from "zod";
import {
  chosenId,
  displayName,
  madeId,
  OBJECT,
  text,
  time,
} from "../../../kit/fields.ts";
import { badCodes } from "../merchants/merchant.ts";

/** The public name of a key. */
export const keyId = madeId(
  "key",
  "Public id of the key; it reveals nothing of the key itself",
);

/** An example of {@linkcode keyId}. */
export const keyIdExample = "key_3c5e7a9b1d2f4a6c8e0b2d4f6a8c0e1d";

/** A key, in the answer that made it. */
export const apiKey = z.string().meta({
  description: "The key itself; shown only this once, and stored as a hash",
  example: "ock_test_…",
});

/** An example of {@linkcode apiKey}. */
export const apiKeyExample = "ock_test_shown-once-and-stored-as-a-hash";

/** The fields that a list shows of every key. */
export const keyFields = {
  key_id: keyId,
  created_at: time("When the key was made"),
  ends_at: time("When the key ends or has ended; absent if no end is set")
    .exactOptional(),
};

/** The description of a list of keys. */
export const LISTED_KEYS = {
  description: "Oldest first; an ended key is shown for 400 days",
};

/** The answer of the calls that make a key. */
export const CREATED_KEY = {
  says: "The key, which is shown only this once",
  schema: z.strictObject({ key_id: keyId, api_key: apiKey })
    .meta({ id: "CreatedKey" }),
  example: { key_id: keyIdExample, api_key: apiKeyExample },
};

/**
 * The longest grace time, a year; a key that should work longer is simply not
 * ended.
 */
export const MAX_GRACE_SECONDS = 31_536_000;

/** The message for a grace time that is refused. */
export const GRACE = `must be a whole number from 0 to ${MAX_GRACE_SECONDS}`;

/** The query of the calls that end a key. */
export const endKeyQuery = z.strictObject({
  grace_seconds: text(/^[0-9]{1,8}$/, GRACE)
    .refine((digits) => Number(digits) <= MAX_GRACE_SECONDS, GRACE)
    .exactOptional().meta({
      description:
        `The key ends after so many seconds, 0 to ${MAX_GRACE_SECONDS}; at once if absent`,
      example: "3600",
    }),
});

/** The answer of the calls that end a key. */
export const ENDED = {
  says: "The key ends, or has ended; repeating the call changes nothing",
};

/** The fields of a wallet key that an administrator chooses. */
export const walletKeyFields = () => ({
  name: displayName,
  wallet_system: chosenId(
    "The key sees the customers of this wallet system only; a key without one sees all",
    "wallet-north",
  ).exactOptional(),
  bad_codes: z.strictObject({
    per_minute: badCodes(10_000_000, "Bad codes of this key in a minute")
      .exactOptional(),
    per_day: badCodes(1_000_000_000, "Bad codes of this key in a day")
      .exactOptional(),
  }, OBJECT).exactOptional().meta({
    description:
      "How many bad codes this key may send; the default limits for absent fields",
  }),
});

/** An example of {@linkcode walletKeyFields}. */
export const walletKeyExample = {
  name: "Wallet backend",
  wallet_system: "wallet-north",
  bad_codes: { per_minute: 100, per_day: 5_000 },
};
