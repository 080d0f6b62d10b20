/**
 * Every call of the API as data: who may make it, what goes in, what comes
 * out, and which problems it can answer beside those that follow from its
 * scope and its body. A test compares the list with the routes.
 *
 * @module
 */

import { z } from "zod";
import type { Call } from "./openapi_call.ts";
import { CALLBACK_CALLS } from "./openapi_callback_calls.ts";
import * as examples from "./openapi_examples.ts";
import type { ProblemCode } from "./problem.ts";
import * as schemas from "./schemas.ts";

const PAYMENT = { schema: schemas.payment, example: examples.payment };
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

const paymentId = z.object({ id: schemas.payment.shape.payment_id });
const credentialId = z.object({ id: schemas.enrolment.shape.credential_id });
const merchantId = z.object({ id: schemas.merchant.shape.merchant_id });
const accountId = z.object({ id: schemas.sandboxAccount.shape.account_id });

/** What a code may be refused for before money is looked at. */
const CODE_PROBLEMS: readonly ProblemCode[] = [
  "code-malformed",
  "code-not-accepted",
  "code-ambiguous",
  "code-replayed",
  "payer-blocked",
  "order-conflict",
  "too-many-attempts",
  "clock-unsure",
];

/** Every call, in the order of the documentation. */
export const CALLS: readonly Call[] = [
  {
    method: "post",
    path: "/v1/payments",
    id: "pay",
    tag: "Merchant",
    summary: "Pay an order with a scanned code",
    description:
      "A paid order again is the same payment with `repeat: true`, whatever the code. 402 is not a success: do not hand over the goods, ask for the order.",
    scope: "merchant",
    body: {
      schema: schemas.paymentRequest,
      example: examples.paymentRequest,
    },
    answers: [
      { status: 201, says: "Paid now", ...PAYMENT },
      {
        status: 200,
        says: "The order was paid before; nothing new was charged",
        schema: schemas.payment,
        example: examples.repeatedPayment,
      },
    ],
    problems: [
      ...CODE_PROBLEMS,
      "limit-exceeded",
      "payment-pending",
      "payment-declined",
      "payment-reversed",
    ],
  },
  {
    method: "get",
    path: "/v1/payments",
    id: "findPayment",
    tag: "Merchant",
    summary: "What became of an order",
    description:
      "Says what is known now; look at `status`. `not-found` is not final while a payment for the order may be under way.",
    scope: "merchant",
    query: schemas.paymentQuery,
    answers: [{ status: 200, says: "The order's last payment", ...PAYMENT }],
    problems: ["malformed-request", "not-found", "payment-reversed"],
    retry: { "not-found": "query" },
  },
  {
    method: "get",
    path: "/v1/payments/{id}",
    id: "getPayment",
    tag: "Merchant",
    summary: "One payment",
    scope: "merchant",
    params: paymentId,
    answers: [
      { status: 200, says: "The payment; look at its `status`", ...PAYMENT },
    ],
    problems: ["not-found"],
  },
  {
    method: "post",
    path: "/v1/reversals",
    id: "reverse",
    tag: "Merchant",
    summary: "Undo an order, whatever became of it",
    description:
      "The order is closed for good. On the day of the payment, and for two hours at least. `ledger-unavailable` is not an end: repeat it until this call answers 200.",
    scope: "merchant",
    body: {
      schema: schemas.reversalRequest,
      example: examples.reversalRequest,
    },
    answers: [{
      status: 200,
      says: "Undone, also the second time; an order never seen is closed, too",
      schema: schemas.reversal,
      example: examples.reversal,
    }],
    problems: ["reversal-too-late", "ledger-unavailable"],
  },
  ...CALLBACK_CALLS,
  {
    method: "post",
    path: "/v1/enrolments",
    id: "enrol",
    tag: "Wallet",
    summary: "Enrol an account on a device",
    description:
      "Earlier seeds of the account and of the device are dead at once. The new seed is in this answer, sealed for the device, and never again.",
    scope: "wallet",
    body: {
      schema: schemas.enrolmentRequest,
      example: examples.enrolmentRequest,
    },
    answers: [{
      status: 201,
      says: "Enrolled",
      schema: schemas.createdEnrolment,
      example: examples.createdEnrolment,
    }],
  },
  {
    method: "get",
    path: "/v1/enrolments/{id}",
    id: "getEnrolment",
    tag: "Wallet",
    summary: "One enrolment",
    scope: "wallet",
    params: credentialId,
    answers: [{
      status: 200,
      says: "The enrolment",
      schema: schemas.enrolment,
      example: examples.enrolment,
    }],
    problems: ["not-found"],
  },
  {
    method: "patch",
    path: "/v1/enrolments/{id}",
    id: "changeEnrolment",
    tag: "Wallet",
    summary: "Set the risk tier of an account, at once everywhere",
    description:
      "The tier belongs to the account: a new enrolment keeps it unless it says otherwise.",
    scope: "wallet",
    params: credentialId,
    body: {
      schema: schemas.changeEnrolmentRequest,
      example: examples.changeEnrolmentRequest,
    },
    answers: [{
      status: 200,
      says: "Changed",
      schema: schemas.enrolment,
      example: examples.restrictedEnrolment,
    }],
    problems: ["not-found"],
  },
  {
    method: "delete",
    path: "/v1/enrolments/{id}",
    id: "revokeEnrolment",
    tag: "Wallet",
    summary: "Destroy a seed",
    scope: "wallet",
    params: credentialId,
    answers: [{
      status: 204,
      says: "None of its codes is accepted any more; also the second time",
    }],
    problems: ["not-found"],
  },
  {
    method: "post",
    path: "/v1/online-codes",
    id: "issueOnlineCode",
    tag: "Wallet",
    summary: "A code for a phone that is online",
    description:
      "For 60 seconds and one use; the code before it is dead. To the merchant it is a code as any other.",
    scope: "wallet",
    body: {
      schema: schemas.onlineCodeRequest,
      example: examples.onlineCodeRequest,
    },
    answers: [{
      status: 201,
      says: "Issued",
      schema: schemas.onlineCode,
      example: examples.onlineCode,
    }],
    problems: ["not-found"],
  },
  {
    method: "get",
    path: "/v1/confirmations",
    id: "listConfirmations",
    tag: "Wallet",
    summary: "What waits for a customer's word",
    description: "At most 100 payments, the soonest deadline first.",
    scope: "wallet",
    query: schemas.confirmationsQuery,
    answers: [{
      status: 200,
      says: "The payments that wait",
      schema: schemas.confirmations,
      example: examples.confirmations,
    }],
    problems: ["malformed-request"],
  },
  {
    method: "post",
    path: "/v1/payments/{id}/confirmation",
    id: "confirmPayment",
    tag: "Wallet",
    summary: "The customer's yes or no to a payment that waits",
    description:
      "Look at `status`: after a yes the payment is debited, which may be declined or still under way. The same word again is the same; the other word afterwards is refused.",
    scope: "wallet",
    params: paymentId,
    body: {
      schema: schemas.confirmationRequest,
      example: examples.confirmationRequest,
    },
    answers: [
      { status: 200, says: "The payment; look at its `status`", ...PAYMENT },
    ],
    problems: [
      "merchant-suspended",
      "not-found",
      "payer-blocked",
      "order-conflict",
      "payment-declined",
      "payment-reversed",
      "clock-unsure",
    ],
  },
  {
    method: "post",
    path: "/v1/verifications",
    id: "verify",
    tag: "Wallet",
    summary: "Find the customer of a code, once, without money",
    description:
      "The code is used up. The same `reference` with the same code gets the same result; with another code, `order-conflict`.",
    scope: "wallet",
    body: {
      schema: schemas.verificationRequest,
      example: examples.verificationRequest,
    },
    answers: [{
      status: 200,
      says: "The customer",
      schema: schemas.verification,
      example: examples.verification,
    }],
    problems: CODE_PROBLEMS,
  },
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
    summary: "Suspend or reactivate a merchant, at once everywhere",
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
    method: "post",
    path: "/v1/admin/merchants/{id}/keys",
    id: "addMerchantKey",
    tag: "Admin",
    summary: "Issue a further key; of three the oldest ends",
    scope: "admin",
    params: merchantId,
    answers: [CREATED_KEY],
    problems: ["malformed-request", "not-found"],
  },
  {
    method: "post",
    path: "/v1/admin/wallet-keys",
    id: "addWalletKey",
    tag: "Admin",
    summary: "Issue a key for the wallet's backend",
    description:
      "Keys of the same name share the references of their verifications.",
    scope: "admin",
    body: {
      schema: schemas.createWalletKeyRequest,
      example: examples.createWalletKeyRequest,
    },
    answers: [CREATED_KEY],
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
  {
    method: "get",
    path: "/healthz",
    id: "live",
    tag: "Health",
    summary: "Whether the process is alive",
    answers: [{
      status: 200,
      says: "Alive",
      schema: schemas.health,
      example: examples.health,
    }],
  },
  {
    method: "get",
    path: "/readyz",
    id: "ready",
    tag: "Health",
    summary: "Whether it is able to serve: store, core and clock",
    answers: [{
      status: 200,
      says: "Ready",
      schema: schemas.readiness,
      example: examples.readiness,
    }],
    problems: ["store-unavailable", "clock-unsure"],
  },
];
