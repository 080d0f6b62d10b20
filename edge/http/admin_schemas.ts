/**
 * The shape of every request and every response of an administrator; as
 * `schemas.ts`.
 *
 * @module
 */

import { z } from "zod";
import {
  accountId,
  amount,
  chosenId,
  currency,
  displayName,
  givenCallbackUrl,
  madeId,
  OBJECT,
  text,
  time,
} from "./kit/fields.ts";

/** `POST /v1/admin/merchants` */
export const createMerchantRequest = z.strictObject({
  name: displayName,
  callback_url: givenCallbackUrl.exactOptional(),
}, OBJECT).meta({ id: "CreateMerchantRequest" });

const merchantStatus = z.enum(
  ["active", "suspended"],
  "must be active or suspended",
);
const apiKey = z.string().meta({
  description: "Shown once; stored as a hash only",
  example: "ofc_…",
});

const ONE_TERMINAL =
  "Codes that may be refused in a minute for one `terminal_id`; payments without one share a ration";
const ALL_TERMINALS = "As many in a minute for all terminals together";
const A_DAY = "As many in a day for all terminals together";

/** How many codes may be refused; without one nothing would be searched. */
function badCodes(most: number, description: string) {
  const must = `must be an integer from 1 to ${most}`;
  return z.int(must).min(1, must).max(most, must).meta({ description });
}

const merchantFields = {
  merchant_id: madeId("mer", "The merchant"),
  name: displayName,
  status: merchantStatus,
};

/** 201 of `POST /v1/admin/merchants` */
export const createdMerchant = z.strictObject({
  ...merchantFields,
  api_key: apiKey,
  callback_secret: z.string().exactOptional().meta({
    description: "Of the endpoint that `callback_url` made; shown once",
  }),
}).meta({ id: "CreatedMerchant" });

/** `PATCH /v1/admin/merchants/:id` */
export const changeMerchantRequest = z.strictObject({
  status: merchantStatus.exactOptional(),
  bad_codes: z.strictObject({
    per_terminal_minute: badCodes(10_000_000, ONE_TERMINAL).exactOptional(),
    per_minute: badCodes(10_000_000, ALL_TERMINALS).exactOptional(),
    per_day: badCodes(1_000_000_000, A_DAY).exactOptional(),
  }, OBJECT).exactOptional(),
}, OBJECT).refine(
  (change) => Object.keys(change).length > 0,
  "must have status or bad_codes",
).meta({ id: "ChangeMerchantRequest" });

const chance = (description: string) =>
  z.number().min(0).max(1).meta({ description });

const guessing = {
  bad_codes: z.strictObject({
    per_terminal_minute: badCodes(10_000_000, ONE_TERMINAL),
    per_minute: badCodes(10_000_000, ALL_TERMINALS),
    per_day: badCodes(1_000_000_000, A_DAY),
  }),
  guess_odds: z.strictObject({
    customers: z.int().min(0).meta({
      description: "Customers with a live seed, at present",
    }),
    per_guess: chance("That one random code is a code of any of them"),
    per_day: chance(
      "That a day of random codes, as many as the limits allow, hits any of them",
    ),
  }),
};

/** 200 of `PATCH /v1/admin/merchants/:id` */
export const merchant = z.strictObject({ ...merchantFields, ...guessing }).meta(
  {
    id: "Merchant",
  },
);

const listedMerchant = z.strictObject({
  ...merchantFields,
  created_at: time("When it was created"),
}).meta({ id: "ListedMerchant" });

/** `GET /v1/admin/merchants?cursor=` */
export const merchantsQuery = z.strictObject({
  cursor: z.string().exactOptional().meta({
    description: "As the page before gave it",
  }),
});

/** 200 of `GET /v1/admin/merchants` */
export const merchants = z.strictObject({
  merchants: z.array(listedMerchant),
  cursor: z.string().exactOptional().meta({
    description: "Asks for the page after this one; absent on the last one",
  }),
}).meta({ id: "Merchants" });

const keyFields = {
  key_id: madeId("key", "Public name of the key; tells nothing of the key"),
  created_at: time("When the key was made"),
  ends_at: time("When the key ends or has ended; absent while it has no end")
    .exactOptional(),
};

/** 200 of `GET /v1/admin/merchants/:id` */
export const merchantDetail = z.strictObject({
  ...listedMerchant.shape,
  ...guessing,
  keys: z.array(
    z.strictObject(keyFields).meta({ id: "MerchantKey" }),
  ).meta({ description: "Oldest first; an ended key is shown for 400 days" }),
}).meta({ id: "MerchantDetail" });

/** A year: whoever wants a key to work longer than that need not end it. */
const MAX_GRACE_SECONDS = 31_536_000;
const GRACE = `must be a whole number from 0 to ${MAX_GRACE_SECONDS}`;

/** `POST /v1/admin/merchants/:id/keys` */
export const addMerchantKeyRequest = z.strictObject({
  grace_seconds: z.int(GRACE).min(0, GRACE).max(MAX_GRACE_SECONDS, GRACE)
    .exactOptional().meta({
      description:
        "The merchant's earlier keys end after this time, 0: at once. Without it they go on until they are ended",
      example: 86_400,
    }),
}, OBJECT).meta({ id: "AddMerchantKeyRequest" });

/** `DELETE` of a key */
export const endKeyQuery = z.strictObject({
  grace_seconds: text(/^[0-9]{1,8}$/, GRACE)
    .refine((digits) => Number(digits) <= MAX_GRACE_SECONDS, GRACE)
    .exactOptional().meta({
      description:
        `The key ends after so many seconds, 0 to ${MAX_GRACE_SECONDS}; at once if absent`,
      example: "3600",
    }),
});

/** Path of a key */
export const keyId = keyFields.key_id;

const keyBadCodes = () =>
  z.strictObject({
    per_minute: badCodes(10_000_000, "Of this key, a minute").exactOptional(),
    per_day: badCodes(1_000_000_000, "Of this key, a day").exactOptional(),
  }, OBJECT).exactOptional().meta({
    description:
      "How many wrong codes this key may present; the standard for what is absent",
  });

const walletKeyFields = () => ({
  name: displayName,
  wallet_system: chosenId(
    "The wallet system whose customers alone the key sees; a key without one sees all",
    "wallet-north",
  ).exactOptional(),
  bad_codes: keyBadCodes(),
});

/** `POST /v1/admin/wallet-keys` */
export const createWalletKeyRequest = z.strictObject(walletKeyFields(), OBJECT)
  .meta({ id: "CreateWalletKeyRequest" });

/** 201 of `POST /v1/admin/wallet-keys` and of `…/merchants/:id/keys` */
export const createdKey = z.strictObject({
  key_id: keyFields.key_id,
  api_key: apiKey,
}).meta({ id: "CreatedKey" });

/** 200 of `GET /v1/admin/wallet-keys` */
export const walletKeys = z.strictObject({
  keys: z.array(
    z.strictObject({
      ...walletKeyFields(),
      key_id: keyFields.key_id,
      scope: z.literal("wallet"),
      created_at: keyFields.created_at,
      ends_at: keyFields.ends_at,
    }).meta({ id: "WalletKey" }),
  ).meta({ description: "Oldest first; an ended key is shown for 400 days" }),
}).meta({ id: "WalletKeys" });

const balance = {
  balance_minor: amount(0, "What the account holds, in minor units"),
  currency,
};

/** `PUT /v1/admin/sandbox/accounts/:account_id` */
export const setBalanceRequest = z.strictObject(balance, OBJECT).meta({
  id: "SetBalanceRequest",
});

/** 200 of the sandbox calls; an account never set has 0 and no currency. */
export const sandboxAccount = z.strictObject({
  account_id: accountId,
  balance_minor: balance.balance_minor,
  currency: currency.exactOptional(),
}).meta({ id: "SandboxAccount" });
