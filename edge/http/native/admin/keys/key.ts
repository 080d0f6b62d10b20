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
  "Public name of the key; tells nothing of the key",
);

/** An example of {@linkcode keyId}. */
export const keyIdExample = "key_3c5e7a9b1d2f4a6c8e0b2d4f6a8c0e1d";

/** A key, in the answer that made it. */
export const apiKey = z.string().meta({
  description: "Shown once; stored as a hash only",
  example: "ofc_…",
});

/** An example of {@linkcode apiKey}. */
export const apiKeyExample = "ofc_shown-once-and-stored-as-a-hash";

/** What a list says of every key. */
export const keyFields = {
  key_id: keyId,
  created_at: time("When the key was made"),
  ends_at: time("When the key ends or has ended; absent while it has no end")
    .exactOptional(),
};

/** About a list of keys. */
export const LISTED_KEYS = {
  description: "Oldest first; an ended key is shown for 400 days",
};

/** What the calls that make a key answer. */
export const CREATED_KEY = {
  says: "The key, shown this once",
  schema: z.strictObject({ key_id: keyId, api_key: apiKey })
    .meta({ id: "CreatedKey" }),
  example: { key_id: keyIdExample, api_key: apiKeyExample },
};

/** A year: whoever wants a key to work longer than that need not end it. */
export const MAX_GRACE_SECONDS = 31_536_000;

/** What a number of seconds of grace must be. */
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

/** What the calls that end a key answer. */
export const ENDED = {
  says: "The key ends, or has ended; also the second time",
};

/** What an administrator chooses of a wallet key. */
export const walletKeyFields = () => ({
  name: displayName,
  wallet_system: chosenId(
    "The wallet system whose customers alone the key sees; a key without one sees all",
    "wallet-north",
  ).exactOptional(),
  bad_codes: z.strictObject({
    per_minute: badCodes(10_000_000, "Of this key, a minute").exactOptional(),
    per_day: badCodes(1_000_000_000, "Of this key, a day").exactOptional(),
  }, OBJECT).exactOptional().meta({
    description:
      "How many wrong codes this key may present; the standard for what is absent",
  }),
});

/** An example of {@linkcode walletKeyFields}. */
export const walletKeyExample = {
  name: "Wallet backend",
  wallet_system: "wallet-north",
  bad_codes: { per_minute: 100, per_day: 5_000 },
};
