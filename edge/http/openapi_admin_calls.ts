/**
 * The calls of an administrator as data; as `openapi_calls.ts`.
 *
 * @module
 */

import { z } from "zod";
import type { Call } from "./kit/call.ts";
import * as examples from "./openapi_examples.ts";
import * as schemas from "./admin_schemas.ts";

const CREATED_KEY = {
  status: 201,
  says: "The key, shown this once",
  schema: schemas.createdKey,
  example: examples.createdKey,
} as const;
const SANDBOX_ACCOUNT = {
  schema: schemas.sandboxAccount,
  example: examples.sandboxAccount,
};

const merchantId = z.object({ id: schemas.merchant.shape.merchant_id });
const ENDED = [{
  status: 204,
  says: "The key ends, or has ended; also the second time",
}] as const;
const ENDS =
  "At once, or after `grace_seconds`. A key that has ended is refused everywhere within five seconds, and at once where a payment is claimed. An end can be brought forward and not put off.";
const accountId = z.object({ id: schemas.sandboxAccount.shape.account_id });

/** The calls, in the order of the documentation. */
export const ADMIN_CALLS: readonly Call[] = [
  {
    method: "post",
    path: "/v1/admin/merchants",
    id: "createMerchant",
    tag: "Admin",
    summary: "Create a merchant and its first key",
    description:
      "`callback_url` makes its callback endpoint, by the rules of `putCallbackEndpoint`.",
    scope: "admin",
    body: {
      schema: schemas.createMerchantRequest,
      example: examples.createMerchantRequest,
    },
    answers: [{
      status: 201,
      says: "Created; key and secret are shown this once",
      schema: schemas.createdMerchant,
      example: examples.createdMerchant,
    }],
  },
  {
    method: "patch",
    path: "/v1/admin/merchants/{id}",
    id: "changeMerchant",
    tag: "Admin",
    summary: "Suspend or reactivate a merchant, set its bad codes",
    description:
      "A suspended merchant takes nothing new. Its orders can be asked for and reversed, a paid order that is sent again has its answer, and its calls about callbacks go on. `bad_codes` sets how many codes may be refused for each terminal and for the merchant; the answer says what that means at the present number of customers.",
    scope: "admin",
    params: merchantId,
    body: {
      schema: schemas.changeMerchantRequest,
      example: examples.changeMerchantRequest,
    },
    answers: [{
      status: 200,
      says: "Changed",
      schema: schemas.merchant,
      example: examples.merchant,
    }],
    problems: ["not-found"],
  },
  {
    method: "get",
    path: "/v1/admin/merchants",
    id: "listMerchants",
    tag: "Admin",
    summary: "All merchants, oldest first",
    description: "A hundred on a page. Go on with `cursor` until it is absent.",
    scope: "admin",
    query: schemas.merchantsQuery,
    answers: [{
      status: 200,
      says: "A page",
      schema: schemas.merchants,
      example: examples.merchants,
    }],
    problems: ["malformed-request"],
  },
  {
    method: "get",
    path: "/v1/admin/merchants/{id}",
    id: "getMerchant",
    tag: "Admin",
    summary: "One merchant, its keys and its bad codes",
    description:
      "Keys by their ids; no answer holds a key that was made before. `guess_odds` says what `bad_codes` mean at the present number of customers.",
    scope: "admin",
    params: merchantId,
    answers: [{
      status: 200,
      says: "The merchant",
      schema: schemas.merchantDetail,
      example: examples.merchantDetail,
    }],
    problems: ["not-found"],
  },
  {
    method: "post",
    path: "/v1/admin/merchants/{id}/keys",
    id: "addMerchantKey",
    tag: "Admin",
    summary: "Make a further key of a merchant",
    description:
      "Its earlier keys go on until they are ended, or for `grace_seconds` where that is given. At most 20 keys of a merchant work at one time.",
    scope: "admin",
    params: merchantId,
    body: {
      schema: schemas.addMerchantKeyRequest,
      example: examples.addMerchantKeyRequest,
      optional: true,
    },
    answers: [CREATED_KEY],
    problems: ["not-found"],
  },
  {
    method: "delete",
    path: "/v1/admin/merchants/{id}/keys/{key_id}",
    id: "endMerchantKey",
    tag: "Admin",
    summary: "End a key of a merchant",
    description: ENDS,
    scope: "admin",
    params: z.object({ ...merchantId.shape, key_id: schemas.keyId }),
    query: schemas.endKeyQuery,
    answers: ENDED,
    problems: ["malformed-request", "not-found"],
  },
  {
    method: "get",
    path: "/v1/admin/wallet-keys",
    id: "listWalletKeys",
    tag: "Admin",
    summary: "All keys that belong to no merchant, oldest first",
    description: "By their ids; no answer holds a key that was made before.",
    scope: "admin",
    answers: [{
      status: 200,
      says: "The keys",
      schema: schemas.walletKeys,
      example: examples.walletKeys,
    }],
  },
  {
    method: "post",
    path: "/v1/admin/wallet-keys",
    id: "addWalletKey",
    tag: "Admin",
    summary: "Make a key for the wallet's backend",
    description:
      "Keys of the same name and system share the references of their verifications. A key with a `wallet_system` finds the enrolments, codes and confirmations of that system's customers and no others; a key without one finds all. Each key has its own ration of bad codes.",
    scope: "admin",
    body: {
      schema: schemas.createWalletKeyRequest,
      example: examples.createWalletKeyRequest,
    },
    answers: [CREATED_KEY],
  },
  {
    method: "delete",
    path: "/v1/admin/wallet-keys/{key_id}",
    id: "endWalletKey",
    tag: "Admin",
    summary: "End a key of a wallet's backend",
    description:
      "At once, or after `grace_seconds`. A key that has ended is refused everywhere within five seconds. An end can be brought forward and not put off.",
    scope: "admin",
    params: z.object({ key_id: schemas.keyId }),
    query: schemas.endKeyQuery,
    answers: ENDED,
    problems: ["malformed-request", "not-found"],
  },
  {
    method: "get",
    path: "/v1/admin/sandbox/accounts/{id}",
    id: "getSandboxAccount",
    tag: "Sandbox",
    summary: "Balance of an account; one never set has 0",
    scope: "admin",
    params: accountId,
    answers: [{ status: 200, says: "The account", ...SANDBOX_ACCOUNT }],
    problems: ["not-found"],
  },
  {
    method: "put",
    path: "/v1/admin/sandbox/accounts/{id}",
    id: "setSandboxAccount",
    tag: "Sandbox",
    summary: "Set the balance of an account",
    scope: "admin",
    params: accountId,
    body: {
      schema: schemas.setBalanceRequest,
      example: examples.setBalanceRequest,
    },
    answers: [{ status: 200, says: "Set", ...SANDBOX_ACCOUNT }],
    problems: ["not-found"],
  },
];
