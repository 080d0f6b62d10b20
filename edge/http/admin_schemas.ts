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
  currency,
  displayName,
  givenCallbackUrl,
  madeId,
  OBJECT,
} from "./schema_parts.ts";

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
export const changeMerchantRequest = z.strictObject(
  { status: merchantStatus },
  OBJECT,
).meta({ id: "ChangeMerchantRequest" });

/** 200 of `PATCH /v1/admin/merchants/:id` */
export const merchant = z.strictObject(merchantFields).meta({ id: "Merchant" });

/** `POST /v1/admin/wallet-keys` */
export const createWalletKeyRequest = z.strictObject(
  { name: displayName },
  OBJECT,
).meta({ id: "CreateWalletKeyRequest" });

/** 201 of `POST /v1/admin/wallet-keys` and of `…/merchants/:id/keys` */
export const createdKey = z.strictObject({ api_key: apiKey }).meta({
  id: "CreatedKey",
});

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
