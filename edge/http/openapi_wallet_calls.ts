/**
 * The calls of a wallet's backend as data; as `openapi_calls.ts`.
 *
 * @module
 */

import { z } from "zod";
import type { Call } from "./kit/call.ts";
import * as examples from "./openapi_examples.ts";
import { CODE_PROBLEMS, PAYMENT, paymentId } from "./openapi_payment.ts";
import * as schemas from "./wallet_schemas.ts";

const credentialId = z.object({ id: schemas.enrolment.shape.credential_id });

/** The calls, in the order of the documentation. */
export const WALLET_CALLS: readonly Call[] = [
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
];
